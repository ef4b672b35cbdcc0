import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fillRegions } from "../scripts/markdown.ts";
import { parseArgv } from "../src/cli.ts";
import { loadConfig } from "../src/config/load.ts";
import { envName, optionPaths } from "../src/config/schema.ts";
import {
  annotationNames,
  gitStampAnnotation,
  lastRunAnnotation,
  ownKey,
  recreateAnnotation,
  stakaterKey,
  stampAnnotation,
} from "../src/model/annotations.ts";
import { inlineCode, ownCommand, type Page, readPages, root, shellCommands } from "./support/pages.ts";

const pages = readPages();
const page = (path: string): Page => {
  const found = pages.find((each) => each.path === path);
  assert.ok(found, path);
  return found;
};
const decisions = pages.filter(({ path }) => path.startsWith("docs/decisions/"));
const manuals = pages.filter((each) => !decisions.includes(each));
const isOption = (path: string): boolean => optionPaths.some((each) => each === path);

/** GitHub's anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

for (const { path, prose } of pages) {
  test(`every link of ${path} leads somewhere`, () => {
    for (const [, target = ""] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = "", fragment] = target.split("#");
      const full = file === "" ? path : normalize(join(dirname(path), file));
      assert.ok(existsSync(join(root, full)), `${target} is not there`);
      if (fragment === undefined) continue;
      const headings = [...page(full).prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchor(heading));
      assert.ok(headings.includes(fragment), `${full} has no heading for #${fragment}`);
    }
  });
}

test("every page is to be found from the README", () => {
  const { text } = page("README.md");
  const lost = manuals.filter(({ path }) => path !== "README.md" && !text.includes(`(${path})`));
  assert.deepEqual(
    lost.map(({ path }) => path),
    [],
  );
});

test("decisions are numbered, each number once, and say the four things in at most forty lines", () => {
  const numbers = decisions.map(({ path }) => /^docs\/decisions\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1] ?? path);
  assert.deepEqual(numbers, [...new Set(numbers)]);
  for (const { path, text } of decisions) {
    assert.match(path, /\/\d{4}-[a-z0-9-]+\.md$/);
    for (const part of ["Status", "Context", "Decision", "Consequences"])
      assert.ok(text.includes(`**${part}.**`), path);
    assert.ok(text.split("\n").length <= 41, path);
  }
});

test("the README holds the generated tables, and they are up to date (npm run schema)", () => {
  const { text } = page("README.md");
  for (const region of ["commands", "exit-codes", "annotations"]) {
    const [, body = ""] = new RegExp(`<!-- ${region}:begin -->\n([\\s\\S]*?)<!-- ${region}:end -->`).exec(text) ?? [];
    assert.ok(body.startsWith("| "), region);
  }
  for (const { path, text: whole } of manuals) assert.equal(whole, fillRegions(whole), path);
});

for (const { path, ...rest } of manuals) {
  const commands = shellCommands({ path, ...rest }).flatMap((command) => {
    const own = ownCommand(command);
    return own ? [{ command, ...own }] : [];
  });
  if (commands.length === 0) continue;
  test(`every command of reroll in ${path} is understood, with its variables`, () => {
    for (const { command, env, argv } of commands) {
      const parsed = parseArgv(argv, { env, isTerminal: false });
      assert.ok("command" in parsed, command);
      const loaded = loadConfig({ env, flags: parsed.flags.options, facts: {} });
      assert.ok(!("problems" in loaded), command);
    }
  });
}

test("every annotation key that pages name is known", () => {
  const known = new Set([
    ...annotationNames.flatMap((name) => [ownKey(name), stakaterKey(name, {}) ?? ""]),
    stampAnnotation,
    gitStampAnnotation,
    recreateAnnotation,
    lastRunAnnotation,
    "reroll.dev/state", // a label
  ]);
  for (const { path, text } of pages) {
    const unknown = [...text.matchAll(/[\w.-]*(?:reloader\.stakater\.com|reroll\.dev)\/[\w-]*\w/g)]
      .map(([key]) => key)
      .filter((key) => !known.has(key));
    assert.deepEqual(unknown, [], path);
  }
});

test("every variable that pages name is read by somebody", () => {
  const known = new Set([
    "REROLL_CONFIG",
    "REROLL_TEST_KUBECONFIG",
    "REROLL_TEST_CACHE",
    "REROLL_TEST_SEED",
    "REROLL_TEST_EFFORT",
    "REROLL_TEST_HISTORIES",
    "REROLL_BENCH_SCALE",
    "REROLL_BENCH_PROFILE",
    "REROLL_SERVICE_HOST",
  ]);
  for (const option of optionPaths) known.add(envName(option));
  for (const { path, text } of manuals) {
    const unknown = [...text.matchAll(/\bREROLL_[A-Z_]*[A-Z]\b(?!_)/g)].map(([name]) => name);
    assert.deepEqual(
      unknown.filter((name) => !known.has(name) && !text.includes(`${name}_…`)),
      [],
      path,
    );
  }
});

/** Words in camel case that are Kubernetes' or our code's, not options. */
const foreign = new Set(
  `activeDeadlineSeconds concurrencyPolicy configMapKeyRef envFrom holdBack immutable maxUnavailable newName newTag nodePublishSecretRef
  progressDeadlineSeconds resourceVersion secretKeyRef subPath subPathExpr ttlSecondsAfterFinished refreshInterval deletionPolicy secretObjects enableSecretRotation workloadKinds durationMs exitCode
  lastWrite firstRun keyMissing workloadsSeen sourcesSeen lockedBy startedAt recordedAt rolledOut bearerToken caFile proxySecretRef substituteFrom`.split(
    /\s+/,
  ),
);

test("every option that pages name exists", () => {
  const groups = new Set(optionPaths.filter((path) => path.includes(".")).map((path) => path.split(".")[0]));
  for (const each of manuals) {
    // The documents of `-o json` have fields of their own, and tests of their own.
    if (each.path === "docs/json.md") continue;
    for (const code of inlineCode(each)) {
      const name = /^([a-z]\w*(?:\.\w+)?)(?:: .*)?$/.exec(code)?.[1];
      if (name === undefined || foreign.has(name)) continue;
      const [group, rest] = name.split(".");
      const looksLikeOption = rest === undefined ? /[a-z][A-Z]/.test(name) : groups.has(group ?? "");
      assert.ok(!looksLikeOption || isOption(name) || groups.has(name), `${each.path}: ${code}`);
    }
  }
});

test("every flag that pages name is one of reroll's, or of the program beside it", () => {
  const help = ["run", "plan", "retry"].map((name) => parseArgv([name, "--help"], { env: {}, isTerminal: false }));
  const own = new Set(
    help.flatMap((each) => ("stdout" in each ? [...each.stdout.matchAll(/--[a-z-]+/g)].map(([flag]) => flag) : [])),
  );
  for (const each of manuals.filter(({ path }) => path !== "docs/from-reloader.md")) {
    const named = inlineCode(each).flatMap((code) => /^(--[a-z-]+)/.exec(code)?.[1] ?? []);
    assert.deepEqual(
      named.filter((flag) => !own.has(flag)),
      [],
      each.path,
    );
  }
});

test("reading a plan explains every reason, outcome and issue there is", () => {
  const { text } = page("docs/reading-a-plan.md");
  const model = (file: string) => readFileSync(join(root, "src/model", file), "utf8");
  const words = (source: string, type: string): string[] => {
    const [, union = ""] = new RegExp(`export type ${type} =([^;]+);`).exec(source) ?? [];
    return [...union.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word);
  };
  // Words of the model that nothing of this release says.
  const later = new Set(["committed", "rolled-back", "unchanged"]);
  const plan = model("plan.ts");
  const all = [
    ...words(plan, "SkipReason"),
    ...words(plan, "PendingReason").filter((word) => word !== "verifying"),
    ...words(plan, "ChangeKind"),
    ...words(model("outcome.ts"), "OutcomeWord").filter((word) => !later.has(word)),
  ];
  assert.ok(all.length > 30);
  assert.deepEqual(
    all.filter((word) => !text.includes(`| \`${word}\` |`)),
    [],
  );
});

test("reading a plan explains every issue that a plan or a run can raise", () => {
  const { text } = page("docs/reading-a-plan.md");
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    /^(?:run|survey|plan|snapshot)\b.*\.ts$/.test(file.replaceAll("\\", "/")),
  );
  const codes = files
    .flatMap((file) => [...readFileSync(join(root, "src", file), "utf8").matchAll(/\bcode: "([a-z-]+)"/g)])
    .flatMap(([, code = ""]) => (code.startsWith("annotation-") ? [] : [code]));
  assert.ok(codes.length >= 8);
  assert.deepEqual(
    [...new Set(codes)].filter((code) => !text.includes(`\`${code}\``)),
    [],
  );
});

test("the page of annotations explains every problem that can be reported about them", () => {
  const { text } = page("docs/annotations.md");
  const folder = join(root, "src/snapshot");
  const codes = readdirSync(folder)
    .filter((file) => file.startsWith("directives"))
    .flatMap((file) => [...readFileSync(join(folder, file), "utf8").matchAll(/"(annotation-[a-z-]+)"/g)])
    .map(([, code = ""]) => code);
  assert.ok(codes.length > 8);
  assert.deepEqual(
    [...new Set(codes)].filter((code) => !text.includes(`\`${code}\``)),
    [],
  );
});

test("the page of the house names every room of src", () => {
  const { text } = page("CONTRIBUTING.md");
  const rooms = readdirSync(join(root, "src"))
    .filter((name) => statSync(join(root, "src", name)).isDirectory() || name.endsWith(".ts"))
    .map((name) => name.replace(/\.ts$/, ""));
  assert.deepEqual(
    rooms.filter((room) => !text.includes(`\`${room}\``)),
    [],
  );
});
