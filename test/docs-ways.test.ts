import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { parseArgv } from "../src/cli.ts";
import { loadConfig } from "../src/config/load.ts";
import { envName, optionPaths } from "../src/config/schema.ts";
import { type Page, readPages, root } from "./support/pages.ts";
import { isPlayed, playPage, retold, timeless } from "./support/played.ts";

const pages = readPages().filter(isPlayed);

// Most of it is waiting for rollouts: all pages at once, while other tests run.
const plays = new Map(pages.map((page) => [page.path, Promise.allSettled([playPage(page)])]));

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
}

/** As much of a manifest as is looked at. */
interface Manifest {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: Labelled;
  readonly spec?: { readonly jobTemplate?: { readonly metadata?: Labelled } };
  readonly data?: Readonly<Record<string, string>>;
  readonly resources?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
}

function manifestsOf({ fences, path }: Page): Manifest[] {
  return fences
    .filter(({ language }) => language === "yaml")
    .flatMap(({ lines }) => parseAllDocuments(lines.join("\n"), { uniqueKeys: true }))
    .map((document) => {
      assert.deepEqual(document.errors, [], path);
      return document.toJS() as Manifest;
    });
}

const page = (path: string): Page => {
  const found = pages.find((each) => each.path === path);
  assert.ok(found, path);
  return found;
};

const readBase = (): Manifest[] =>
  parseAllDocuments(readFileSync(`${root}cronjob/cronjob.yaml`, "utf8")).map((document) => document.toJS() as Manifest);

/** Every value under a key, wherever it stands. */
function found(value: unknown, key: string): unknown[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...found(inner, key)]);
}

test("manifests that stand for themselves are as careful as those of cronjob/", () => {
  const base = readBase();
  const careful = ["securityContext", "env", "volumeMounts", "automountServiceAccountToken", "restartPolicy"];
  for (const name of ["namespaced-tenant", "catch-up-after-an-outage"]) {
    const jobs = manifestsOf(page(`docs/ways/${name}.md`)).filter(({ kind }) => kind === "CronJob" || kind === "Job");
    assert.equal(jobs.length, 1);
    for (const key of careful) {
      const own = found(
        jobs.map(({ spec }) => found(spec, "template")),
        key,
      );
      assert.deepEqual(
        own,
        found(
          base.map(({ spec }) => found(spec, "template")),
          key,
        ),
        `${name}: ${key}`,
      );
    }
    const codes = (value: unknown) => found(value, "podFailurePolicy");
    if (jobs[0]?.kind === "CronJob") assert.deepEqual(codes(jobs), codes(base), name);
  }
});

test("the runbook stops jobs by a label that they carry", () => {
  const [, key = "", value] = /delete jobs -l ([\w./-]+)=([\w-]+)/.exec(page("docs/runbook.md").text) ?? [];
  const labelOf = ({ kind, metadata, spec }: Manifest) =>
    (kind === "Job" ? metadata : spec?.jobTemplate?.metadata)?.labels?.[key];
  assert.deepEqual(readBase().map(labelOf), [value]);
  for (const name of ["namespaced-tenant", "catch-up-after-an-outage"]) {
    const jobs = manifestsOf(page(`docs/ways/${name}.md`)).filter(({ kind }) => kind === "CronJob" || kind === "Job");
    assert.deepEqual(jobs.map(labelOf), [value], name);
  }
});

test("there is a page for each way of use", () => {
  const ways = pages.flatMap(({ path }) => /^docs\/ways\/(.+)\.md$/.exec(path)?.[1] ?? []);
  const wanted = ["nightly-window", "every-15-minutes", "catch-up-after-an-outage", "ci-step", "namespaced-tenant"];
  assert.deepEqual(ways, [...wanted, "beside-reloader"].sort());
});

for (const page of pages) {
  const { path, text } = page;

  test(`every configuration in ${path} is one that reroll accepts`, () => {
    for (const { data } of manifestsOf(page)) {
      const fileText = data?.["reroll.yaml"];
      if (fileText === undefined) continue;
      const loaded = loadConfig({ fileText, filePath: "reroll.yaml", env: {}, flags: {}, facts: {} });
      assert.ok(!("problems" in loaded), JSON.stringify(loaded));
    }
  });

  test(`every container in ${path} starts reroll with arguments and variables it knows`, () => {
    const known = new Set<string>(optionPaths.map((option) => envName(option)));
    for (const container of found(manifestsOf(page), "containers").flat() as Readonly<Record<string, unknown>>[]) {
      if (container.args) {
        const parsed = parseArgv(container.args as string[], { env: {}, isTerminal: false });
        assert.ok("command" in parsed, JSON.stringify(container.args));
      }
      const names = found(container.env, "name").filter((name) => String(name).startsWith("REROLL_"));
      assert.deepEqual(
        names.filter((name) => !known.has(String(name))),
        [],
      );
    }
  });

  test(`every file that a kustomization in ${path} names is on the page`, () => {
    for (const { kind, resources = [], patches = [] } of manifestsOf(page)) {
      if (kind !== "Kustomization") continue;
      const files = [...resources.filter((name) => name !== "../cronjob"), ...patches.map((patch) => patch.path)];
      for (const file of files) assert.ok(text.includes(`\n# ${file}\n`), file);
    }
  });

  test(`what ${path} shows is what reroll says (GOLDEN=write to write it)`, async () => {
    const [result] = (await plays.get(path)) ?? [];
    if (result?.status !== "fulfilled") throw result?.reason ?? new Error(path);
    const played = result.value;
    if (process.env.GOLDEN === "write") writeFileSync(`${root}${path}`, retold(text, played));
    else for (const { command, told, printed } of played) assert.equal(timeless(told), timeless(printed), command);
  });
}
