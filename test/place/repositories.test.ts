import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compareRefs } from "../../src/model/ref.ts";
import { placeAll } from "../../src/place/place.ts";
import { withChanges } from "../support/clusters.ts";
import { folderTree } from "../support/folder-tree.ts";
import { bytesOf, clusterOf, copyFolder, dueIn, objectOf, type RepoCase, repoCases } from "../support/repo-cases.ts";

const golden = process.env.GOLDEN === "write";

function write({ original, expected }: RepoCase, files: readonly { path: string; after: Uint8Array }[]): void {
  copyFolder(original, expected);
  for (const { path, after } of files) writeFileSync(join(expected, path), after);
}

for (const each of repoCases()) {
  test(`${each.name}: becomes what is expected, and stays so`, () => {
    const cluster = clusterOf(each);
    const due = dueIn(each, cluster);
    assert.ok(due.length > 0);
    const done = placeAll(folderTree(each.original), due, cluster.use);
    if (golden) write(each, done.files);
    const refused = Object.fromEntries(done.refused.map(({ target, refusal }) => [objectOf(target), refusal.code]));
    assert.deepEqual(refused, each.refused ?? {}, JSON.stringify(done.refused.map(({ refusal }) => refusal.message)));
    assert.equal(done.placed.length + done.refused.length, due.length);
    const [original, expected] = [bytesOf(each.original), bytesOf(each.expected)];
    for (const { path, before, after } of done.files) {
      assert.equal(Buffer.from(before).toString("latin1"), original.get(path), path);
      original.set(path, Buffer.from(after).toString("latin1"));
    }
    assert.deepEqual(original, expected);
    if (each.name.startsWith("leave-")) assert.deepEqual(done.files, []);
    const again = placeAll(folderTree(each.expected), due, cluster.use);
    assert.deepEqual(again.files, []);
    assert.ok(again.placed.every(({ already }) => already));
    assert.deepEqual(
      again.placed.map(({ target, placement: { way, path } }) => [objectOf(target), way, path]),
      done.placed.map(({ target, placement: { way, path } }) => [objectOf(target), way, path]),
    );
  });
}

test("all at once is the same as one after the other", () => {
  for (const each of repoCases()) {
    const cluster = clusterOf(each);
    const due = dueIn(each, cluster);
    const all = placeAll(folderTree(each.original), due, cluster.use);
    let tree = folderTree(each.original);
    const told: unknown[] = [];
    for (const target of due.toSorted((a, b) => compareRefs(a.workload, b.workload))) {
      const one = placeAll(tree, [target], cluster.use);
      tree = withChanges(tree, one.files);
      for (const { placement } of one.placed) told.push(placement);
    }
    for (const { path, after } of all.files)
      assert.deepEqual(Buffer.from(tree.read(path) ?? []), Buffer.from(after), path);
    assert.deepEqual(
      told,
      all.placed.map(({ placement }) => placement),
      each.name,
    );
  }
});

test("the order of targets does not matter", () => {
  for (const each of repoCases()) {
    const cluster = clusterOf(each);
    const due = dueIn(each, cluster);
    const [one, other] = [
      placeAll(folderTree(each.original), due, cluster.use),
      placeAll(folderTree(each.original), due.toReversed(), cluster.use),
    ];
    assert.deepEqual(other, one, each.name);
  }
});
