import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fleet, type Member } from "../../src/locate/fleet.ts";
import { readerOf } from "../../src/locate/reader.ts";
import { defaultKinds } from "../../src/locate/walk.ts";
import type { Json } from "../../src/model/object.ts";
import { folderTree } from "../support/folder-tree.ts";
import { kustomizeBuild } from "../support/kustomize.ts";
import { resolveKubectl } from "./harness/programs.ts";

const fixtures = fileURLToPath(new URL("../../fixtures/repo", import.meta.url));

/** Trees that kustomize refuses as a whole, and what of its words tells that it is for that reason. */
const refused: Readonly<Record<string, RegExp>> = {
  "leave-file-that-is-not-utf-8": /invalid leading UTF-8/,
  "leave-symbolic-link-out-of-the-repository": /linked\.yaml/,
};

/** What is not in the artifact of the repository, although the tree has it. */
const leftOut: Readonly<Record<string, readonly string[]>> = { "no-kustomization-anywhere": ["apps/old"] };

/** kustomize also renames what refers to objects it renamed; nobody looks for those here. */
const withoutReferences = (value: Json): Json =>
  JSON.parse(JSON.stringify(value, (key, each) => (key === "configMapRef" ? undefined : each)));

const keyOf = (value: Json): string => {
  const { apiVersion, kind, metadata } = value as {
    apiVersion: string;
    kind: string;
    metadata: { namespace?: string; name: string };
  };
  return [apiVersion, kind, metadata.namespace ?? "", metadata.name].join(" ");
};

const byKey = (values: readonly Json[]): Record<string, Json> =>
  Object.fromEntries(values.map((value) => [keyOf(value), withoutReferences(value)]));

function members(name: string): readonly Member[] {
  const all = fleet(readerOf(folderTree(join(fixtures, name, "original"))));
  assert.ok(!("code" in all));
  return all;
}

/** kustomize itself takes all memory there is for it. */
const bombs = ["leave-yaml-bomb"];

for (const name of readdirSync(fixtures).filter((each) => !bombs.includes(each))) {
  test(`${name}: built as kubectl kustomize builds it`, async () => {
    const kubectl = await resolveKubectl();
    const all = members(name);
    assert.ok(all.length > 0);
    for (const { facts, walk } of all) {
      assert.ok(!("code" in walk), "code" in walk ? walk.message : "");
      const built = kustomizeBuild(kubectl, join(fixtures, name, "original"), facts, leftOut[name]);
      const reason = refused[name];
      if (reason) {
        assert.ok(typeof built === "string");
        assert.match(built, reason);
        assert.ok(walk.problems.length + walk.leaves.length > 0);
        continue;
      }
      assert.ok(typeof built !== "string", String(built));
      const wanted = built.filter((value) => defaultKinds.has((value as { kind: string }).kind));
      assert.deepEqual(byKey(walk.definitions.map(({ value }) => value)), byKey(wanted), facts.name);
      assert.deepEqual(walk.problems, []);
    }
  });
}
