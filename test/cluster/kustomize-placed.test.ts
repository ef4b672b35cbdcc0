import assert from "node:assert/strict";
import { test } from "node:test";
import { equalPlain } from "../../src/model/equal.ts";
import { clustersOf } from "../support/clusters.ts";
import { folderTree } from "../support/folder-tree.ts";
import { kustomizeBuild } from "../support/kustomize.ts";
import { bytesOf, repoCases } from "../support/repo-cases.ts";
import { withoutStamps } from "../support/without-stamps.ts";
import { resolveKubectl } from "./harness/programs.ts";

for (const each of repoCases()) {
  test(`${each.name}: kubectl kustomize builds it with the stamps, and otherwise as before`, async () => {
    const kubectl = await resolveKubectl();
    const before = clustersOf(folderTree(each.original));
    const after = clustersOf(folderTree(each.expected));
    const [original, expected] = [bytesOf(each.original), bytesOf(each.expected)];
    const edited = [...original].filter(([path, bytes]) => bytes !== expected.get(path)).map(([path]) => path);
    let stamped = 0;
    for (const [index, { members }] of before.entries())
      for (const [at, { facts, walk }] of members.entries()) {
        const now = after[index]?.members[at]?.facts;
        assert.ok(now);
        const same = equalPlain(now.patches, facts.patches);
        if ("code" in walk || (same && !edited.some((path) => walk.files.has(path)))) continue;
        const [was, is] = [kustomizeBuild(kubectl, each.original, facts), kustomizeBuild(kubectl, each.expected, now)];
        assert.ok(typeof was !== "string", String(was));
        assert.ok(typeof is !== "string", String(is));
        assert.deepEqual(is.map(withoutStamps), was.map(withoutStamps));
        stamped += is.filter((value, own) => JSON.stringify(value) !== JSON.stringify(was[own])).length;
      }
    const changed = !each.name.startsWith("leave-");
    assert.equal(stamped > 0, changed);
  });
}
