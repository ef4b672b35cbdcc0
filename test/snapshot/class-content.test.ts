import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import type { MountedClass } from "../../src/model/source.ts";
import { type ClassContent, classContent, type KnownContent } from "../../src/snapshot/class-content.ts";
import { runs } from "../support/effort.ts";

const second = 1000;

/** `created`, then `version`; written again at `rotated`. Times are seconds. */
function pod(created: number, version: string, rotated = created, resourceVersion = rotated + 100): MountedClass {
  return {
    createdAt: created * second,
    writtenAt: rotated * second,
    resourceVersion: String(resourceVersion),
    objects: { password: version },
  };
}

function known(version: string, rotatedAt: number, resourceVersion = rotatedAt + 100): KnownContent {
  return {
    is: ({ password }) => password === version,
    rotatedAt: rotatedAt * second,
    version: String(resourceVersion),
  };
}

/** `version @ seconds`; `as known` where nothing is new. */
function said(content: ClassContent | undefined): string {
  return content ? `${content.objects.password} @ ${content.rotatedAt / second}` : "as known";
}

const rows: readonly (readonly [claim: string, mounted: readonly MountedClass[], KnownContent | undefined, string])[] =
  [
    ["no pod: nothing is known anew", [], known("v1", 0), "as known"],
    ["no pod, and nothing known: nothing", [], undefined, "as known"],
    ["first sight of what pods started with", [pod(1, "v1"), pod(2, "v1")], undefined, "v1 @ 0"],
    ["first sight, newer pods have more: the oldest speaks", [pod(2, "v2"), pod(1, "v1")], undefined, "v1 @ 0"],
    [
      "first sight half-way through a rotation: the rotation speaks",
      [pod(1, "v2", 9), pod(2, "v1")],
      undefined,
      "v2 @ 9",
    ],
    ["first sight after two rotations: the newer speaks", [pod(1, "v2", 8), pod(2, "v3", 9)], undefined, "v3 @ 9"],
    ["nothing moved", [pod(1, "v1"), pod(2, "v1")], known("v1", 0), "as known"],
    ["one of two pods is rotated", [pod(1, "v2", 9), pod(2, "v1")], known("v1", 0), "v2 @ 9"],
    ["both are rotated: since the first of them", [pod(1, "v2", 9), pod(2, "v2", 11)], known("v1", 0), "v2 @ 9"],
    ["the second follows the first", [pod(1, "v2", 9), pod(2, "v2", 11)], known("v2", 9), "as known"],
    ["rotated back", [pod(1, "v1", 20), pod(2, "v2", 9)], known("v2", 9), "v1 @ 20"],
    ["rotated pod scaled away half-way: no way back", [pod(2, "v1")], known("v2", 9), "as known"],
    ["an older rotation is left alone: no way back", [pod(1, "v1", 5)], known("v2", 9), "as known"],
    ["a pod starts with the same", [pod(1, "v1"), pod(9, "v1")], known("v1", 0), "as known"],
    ["a pod starts with more before the others are rotated", [pod(1, "v1"), pod(9, "v2")], known("v1", 0), "as known"],
    ["… and then they are", [pod(1, "v2", 12), pod(9, "v2")], known("v1", 0), "v2 @ 12"],
    ["every pod started with more: nobody is behind", [pod(8, "v2"), pod(9, "v2")], known("v1", 0), "v2 @ 0"],
    ["every pod started since the rotation, with yet more", [pod(12, "v3"), pod(13, "v3")], known("v2", 9), "v3 @ 9"],
    ["pods of before and since the rotation disagree", [pod(1, "v1"), pod(13, "v3")], known("v2", 9), "as known"],
    ["every pod has its own, as with leased credentials", [pod(8, "a"), pod(9, "b")], known("c", 0), "as known"],
    ["twice within a second: the resource version tells", [pod(1, "v3", 9, 120)], known("v2", 9, 110), "v3 @ 9"],
    ["the same second, an older write: no way back", [pod(1, "v1", 9, 105)], known("v2", 9, 110), "as known"],
  ];

suite("content of a SecretProviderClass", () => {
  for (const [claim, mounted, before, expected] of rows) {
    test(claim, () => {
      assert.equal(said(classContent(mounted, before)), expected);
      assert.equal(said(classContent(mounted.toReversed(), before)), expected, "in any order");
    });
  }

  test("whatever pods come and go without a rotation: the content changes only where all of them have it", () => {
    const started = fc.record({ at: fc.integer({ min: 1, max: 50 }), version: fc.constantFrom("v1", "v2", "v3") });
    fc.assert(
      fc.property(fc.array(started, { maxLength: 5 }), fc.integer({ min: 0, max: 60 }), (pods, rotatedAt) => {
        const mounted = pods.map(({ at, version }) => pod(at, version));
        const content = classContent(mounted, known("v2", rotatedAt));
        if (!content) return;
        assert.ok(mounted.every(({ objects }) => objects.password === content.objects.password));
        assert.ok(content.objects.password !== "v2" && content.rotatedAt === rotatedAt * second);
      }),
      { numRuns: runs(500) },
    );
  });
});
