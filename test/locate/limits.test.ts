import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultLimits, type Limits } from "../../src/locate/limits.ts";
import { readerOf } from "../../src/locate/reader.ts";
import { walk } from "../../src/locate/walk.ts";
import { memoryTree } from "../support/folder-tree.ts";
import { deployment, facts, walked } from "../support/walked.ts";

const limited = (files: Record<string, string>, limits: Partial<Limits>) =>
  walk(
    readerOf(memoryTree(files), { ...defaultLimits, ...limits }),
    facts("apps", { patches: [{ target: { kind: "Pod" }, patch: "[]" }] }),
  );

test("beyond a limit of the whole tree nothing is told but the limit", () => {
  const files = { "apps/a.yaml": deployment("a"), "apps/b.yaml": deployment("b"), "apps/x/y/c.yaml": deployment("c") };
  const rows: [Partial<Limits>, RegExp][] = [
    [{ files: 2 }, /more than 2 files/],
    [{ bytes: 150 }, /more than 150 bytes/],
    [{ objects: 2 }, /more than 2 objects/],
    [{ patchTries: 2 }, /against more than 2 objects/],
    [{ depth: 1 }, /deeper than the 1 levels/],
  ];
  for (const [limits, message] of rows) {
    const result = limited(files, limits);
    assert.ok("code" in result);
    assert.equal(result.code, "TOO_LARGE");
    assert.match(result.message, message);
  }
  assert.ok(!("code" in limited(files, {})));
});

test("a file too large to be parsed is not, and hides nothing of the others", () => {
  const large = `${deployment("large")}# ${"x".repeat(50 * 1024 * 1024)}\n`;
  const files = { "apps/large.yaml": large, "apps/web.yaml": deployment("web") };
  const walk = walked(files, "apps");
  assert.deepEqual(
    [walk.definitions.map(({ path }) => path), walk.problems.map(({ refusal }) => refusal.code)],
    [["apps/web.yaml"], ["TOO_LARGE"]],
  );
});

test("a file that grows by its aliases is refused", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 12; level++)
    lines.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(", ")}]`,
    );
  const { problems } = walked({ "apps/bomb.yaml": `${deployment("bomb")}  ${lines.join("\n  ")}\n` }, "apps");
  assert.match(problems[0]?.refusal.message ?? "", /bomb\.yaml cannot be read: .*aliases/);
});

test("what takes YAML long to read is not read", () => {
  const texts = ["[".repeat(200_000), "- ".repeat(20_000), `"${"\\\n".repeat(200_000)}"`, "\n---".repeat(200_000)];
  for (const text of texts) {
    const { problems } = walked({ "apps/deep.yaml": `kind: Deployment\nspec: ${text}` }, "apps");
    assert.ok(problems[0], text.slice(0, 10));
  }
});

test("kustomizations that include each other end with a problem", () => {
  const { problems } = walked(
    { "apps/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../apps]\n" },
    "apps",
  );
  assert.match(problems[0]?.refusal.message ?? "", /b\/kustomization\.yaml includes apps, which includes it/);
});

test("bases that include their base twice each are stopped", () => {
  const files: Record<string, string> = { "apps/kustomization.yaml": "resources: [../l0/a, ../l0/b]\n" };
  for (let level = 0; level < 30; level++)
    for (const side of ["a", "b"])
      files[`l${level}/${side}/kustomization.yaml`] = `resources: [../../l${level + 1}/a, ../../l${level + 1}/b]\n`;
  const result = walk(readerOf(memoryTree(files), { ...defaultLimits, objects: 1000 }), facts("apps"));
  assert.ok("code" in result);
  assert.equal(result.code, "TOO_LARGE");
});

test("a path of the Flux Kustomization never leaves the repository, and one that is missing is named", () => {
  const files = { "apps/web.yaml": deployment("web") };
  assert.equal(walked(files, "../../apps/./").definitions.length, 1);
  assert.equal(walked(files, "/apps").definitions.length, 1);
  assert.equal(walked(files, "").definitions.length, 1);
  const missing = walk(readerOf(memoryTree(files)), facts("./absent"));
  assert.ok("code" in missing);
  assert.deepEqual([missing.code, missing.message.includes("the folder absent")], ["NOT_FOUND", true]);
});
