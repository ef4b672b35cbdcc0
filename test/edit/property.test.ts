import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { type Edited, isRefusal } from "../../src/edit/address.ts";
import { stampPatches } from "../../src/edit/patches.ts";
import { appendItem, setString } from "../../src/edit/put.ts";
import type { Refusal } from "../../src/model/refusals.ts";
import { dice, type Tree, trees, write } from "./written.ts";

const stamp = "0123abcd ConfigMap/web=00112233aabb.* turn=2";
const numbers = fc.array(fc.nat(59), { minLength: 40, maxLength: 120 });
const streams = fc.record({ documents: fc.array(trees, { minLength: 1, maxLength: 3 }), numbers, at: fc.nat(2) });
const paths = fc.array(fc.constantFrom("spec", "metadata", "annotations", "on", "a.b/c", "new"), {
  minLength: 1,
  maxLength: 4,
});

const read = (text: string): unknown[] => parseAllDocuments(text).map((document) => document.toJS() as unknown);

/** The tree with a value at a path; `undefined` where something other than a map is in the way. */
function withValue(
  tree: Tree | undefined,
  [key, ...rest]: readonly string[],
  leaf: (old: Tree | undefined) => Tree | undefined,
): Tree | undefined {
  if (key === undefined) return leaf(tree);
  if (tree !== undefined && tree !== null && (typeof tree === "string" || Array.isArray(tree))) return undefined;
  const map = (tree ?? {}) as { readonly [key: string]: Tree };
  const inner = withValue(Object.hasOwn(map, key) ? map[key] : undefined, rest, leaf);
  return inner === undefined ? undefined : { ...map, [key]: inner };
}

/** How many lines are between the beginning and the end that two texts share. */
function linesLost(before: string, after: string): number {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const shared = (a: readonly string[], b: readonly string[]) => {
    const end = a.findIndex((line, index) => line !== b[index]);
    return end < 0 ? a.length : end;
  };
  const head = shared(old, now);
  return old.length - head - shared(old.slice(head).reverse(), now.slice(head).reverse());
}

function textOf(result: Edited | Refusal): string {
  assert.ok(!isRefusal(result), JSON.stringify(result));
  return result.text;
}

test("the documents of these tests say what they were written from", () => {
  fc.assert(
    fc.property(streams, ({ documents, numbers }) => {
      assert.deepEqual(read(write(documents, dice(numbers))), documents);
    }),
    { numRuns: 100 },
  );
});

test("setting text changes that value and nothing else, and a second time not a byte", () => {
  let placed = 0;
  fc.assert(
    fc.property(streams, paths, ({ documents, numbers, at }, path) => {
      const text = write(documents, dice(numbers));
      const document = at % documents.length;
      const scalar = (old: Tree | undefined) => (typeof old === "object" && old !== null ? undefined : stamp);
      const intended = withValue(documents[document], path, scalar);
      const result = setString(text, { document }, path, stamp);
      if (intended === undefined)
        return assert.ok(isRefusal(result) && result.code === "UNPARSABLE", JSON.stringify(result));
      placed++;
      const edited = textOf(result);
      assert.deepEqual(read(edited), documents.with(document, intended as { [key: string]: Tree }));
      assert.equal(textOf(setString(edited, { document }, path, stamp)), edited);
      const other = textOf(setString(edited, { document }, path, "other"));
      assert.equal(other, edited.replace(JSON.stringify(stamp), '"other"'));
      assert.equal(edited.startsWith("\ufeff"), text.startsWith("\ufeff"));
      assert.equal(edited.endsWith("\n"), text.endsWith("\n"));
      const created =
        withValue(documents[document], path, (old) => (old === undefined ? stamp : undefined)) !== undefined;
      if (created)
        assert.ok(linesLost(text, edited) <= 1 + (text.endsWith("\n") ? 0 : 1), "lines of the file were lost");
    }),
    { numRuns: 120 },
  );
  assert.ok(placed > 40, `${placed} were placed`);
});

test("adding to a list changes its end and nothing else", () => {
  const item = { target: { kind: "Deployment", name: "a\\.b" }, patch: "a: 1\n\nb: [2]" };
  fc.assert(
    fc.property(streams, paths, ({ documents, numbers, at }, path) => {
      const text = write(documents, dice(numbers));
      const document = at % documents.length;
      const added = (old: Tree | undefined) =>
        Array.isArray(old ?? []) ? [...((old ?? []) as Tree[]), item] : undefined;
      const intended = withValue(documents[document], path, added);
      const result = appendItem(text, { document }, path, item);
      if (intended === undefined)
        return assert.ok(isRefusal(result) && result.code === "UNPARSABLE", JSON.stringify(result));
      // The last line of a file without a line end cannot always have something below it.
      if (isRefusal(result) && result.code === "UNPROVED" && !text.endsWith("\n")) return;
      assert.deepEqual(read(textOf(result)), documents.with(document, intended as { [key: string]: Tree }));
    }),
    { numRuns: 120 },
  );
});

test("a patch among patches of any form is found again", () => {
  const mark = (value: string, name = "web") => {
    const path = ["spec", "template", "metadata", "annotations", "reroll.dev/git-stamp"];
    return { apiVersion: "apps/v1", kind: "Deployment", name, path, value };
  };
  fc.assert(
    fc.property(fc.array(trees, { maxLength: 3 }), numbers, (patches, numbers) => {
      const text = `${write([{ kind: "Kustomization", patches }], dice(numbers))}`;
      const patch = (from: string, value: string, name?: string) =>
        stampPatches(from, { document: 0 }, ["patches"], mark(value, name));
      const result = patch(text, stamp);
      if (isRefusal(result) && result.code === "UNPROVED" && !text.endsWith("\n")) return;
      const edited = textOf(result);
      assert.equal(textOf(patch(edited, stamp)), edited);
      const both = textOf(patch(edited, stamp, "api"));
      const other = textOf(patch(both, "other"));
      assert.equal(textOf(patch(other, stamp)), both);
      assert.equal(read(both).length, 1);
    }),
    { numRuns: 120 },
  );
});
