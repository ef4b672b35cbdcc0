import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, type Client, type Target } from "./target.ts";

export function patching(_target: () => Target, client: () => Client): void {
  const rejected = /^the server rejected our request due to an error in our request$/;
  const made = (name: string, metadata: object = {}) =>
    client().create("configmaps", { metadata: { name, ...metadata }, data: { a: "1", b: "2" } });

  test("JSON Patch: add, replace, remove, in order", async () => {
    await made("ops");
    const body = await client().change("configmaps", "ops", [
      { op: "test", path: "/data/a", value: "1" },
      { op: "replace", path: "/data/a", value: "x" },
      { op: "add", path: "/data/c", value: "3" },
      { op: "remove", path: "/data/b" },
      { op: "add", path: "/metadata/annotations", value: { "example.com/a": "1" } },
      { op: "add", path: "/metadata/annotations/example.com~1b", value: "2" },
      { op: "copy", from: "/data/c", path: "/data/d" },
      { op: "move", from: "/data/c", path: "/data/e" },
    ]);
    assert.deepEqual(body.data, { a: "x", d: "3", e: "3" });
    assert.deepEqual(body.metadata.annotations, { "example.com/a": "1", "example.com/b": "2" });
  });

  test("`test` of an absent key against null passes", async () => {
    await made("null", { annotations: { other: "1" } });
    const operations = [
      { op: "test", path: "/metadata/annotations/mine", value: null },
      { op: "add", path: "/metadata/annotations/mine", value: "1" },
    ];
    const body = await client().change("configmaps", "null", operations);
    assert.deepEqual(body.metadata.annotations, { mine: "1", other: "1" });
    assertRefused(await client().patch("configmaps", "null", operations), 422, "Invalid", rejected);
  });

  test("`test` of the generation against null passes for what has none, and no number does", async () => {
    await made("generationless", {});
    const tested = (value: number | null) => [
      { op: "test", path: "/metadata/generation", value },
      { op: "add", path: "/metadata/labels", value: { mine: "1" } },
    ];
    assertRefused(await client().patch("configmaps", "generationless", tested(0)), 422, "Invalid", rejected);
    await client().change("configmaps", "generationless", tested(null));
  });

  test("`test` of an absent map against null passes, and below an absent map it does not", async () => {
    await made("map");
    const below = [{ op: "test", path: "/metadata/annotations/mine", value: null }];
    const refused = await client().patch("configmaps", "map", below);
    assertRefused(refused, 422, "Invalid", rejected);
    assert.deepEqual(refused.body.details, {}, "nobody learns why");
    const operations = [
      { op: "test", path: "/metadata/annotations", value: null },
      { op: "add", path: "/metadata/annotations", value: { mine: "1" } },
    ];
    const body = await client().change("configmaps", "map", operations);
    assert.deepEqual(body.metadata.annotations, { mine: "1" });
    assertRefused(await client().patch("configmaps", "map", operations), 422, "Invalid", rejected);
  });

  test("an emptied map is gone, so it tests as null again", async () => {
    await made("emptied", { annotations: { mine: "1" } });
    const body = await client().change("configmaps", "emptied", [{ op: "remove", path: "/metadata/annotations/mine" }]);
    assert.equal(body.metadata.annotations, undefined);
    await client().change("configmaps", "emptied", [{ op: "test", path: "/metadata/annotations", value: null }]);
    const data = await client().change("configmaps", "emptied", [{ op: "replace", path: "/data", value: {} }]);
    assert.equal(data.data, undefined);
  });

  test("`test` without a value is a test against null", async () => {
    await made("valueless");
    await client().change("configmaps", "valueless", [{ op: "test", path: "/metadata/annotations" }]);
    const reply = await client().patch("configmaps", "valueless", [{ op: "test", path: "/data/a" }]);
    assertRefused(reply, 422, "Invalid", rejected);
  });

  test("`replace` of an absent key adds it, against RFC 6902", async () => {
    await made("replaced");
    const body = await client().change("configmaps", "replaced", [{ op: "replace", path: "/data/none", value: "1" }]);
    assert.deepEqual(body.data, { a: "1", b: "2", none: "1" });
  });

  test("`test` compares maps whatever the order of their keys", async () => {
    await made("order");
    await client().change("configmaps", "order", [{ op: "test", path: "/data", value: { b: "2", a: "1" } }]);
    const reply = await client().patch("configmaps", "order", [{ op: "test", path: "/data", value: { a: "1" } }]);
    assertRefused(reply, 422, "Invalid", rejected);
  });

  const refusals: Record<string, object> = {
    "a failed test of the uid": { op: "test", path: "/metadata/uid", value: "other" },
    "a failed test of a key": { op: "test", path: "/data/a", value: "2" },
    "null for a key that is there": { op: "test", path: "/data/a", value: null },
    "remove of an absent key": { op: "remove", path: "/data/none" },
    "add below an absent parent": { op: "add", path: "/metadata/annotations/a", value: "1" },
    "replace below an absent parent": { op: "replace", path: "/metadata/annotations/a", value: "1" },
    "an unknown operation": { op: "improve", path: "/data" },
  };
  for (const [index, [what, operation]] of Object.entries(refusals).entries()) {
    test(`${what} refuses the whole patch without a reason`, async () => {
      const name = `refused-${index}`;
      const before = await made(name);
      const change = { op: "add", path: "/data/c", value: "3" };
      const reply = await client().patch("configmaps", name, [change, operation]);
      assertRefused(reply, 422, "Invalid", rejected);
      assert.deepEqual(await client().get("configmaps", name), before);
    });
  }

  test("the same value again changes nothing, not even the resourceVersion", async () => {
    const before = await made("same");
    for (const [type, patch] of [
      ["json", [{ op: "replace", path: "/data/a", value: "1" }]],
      ["json", []],
      ["merge", { data: { a: "1" } }],
    ] as const) {
      const after = await client().change("configmaps", "same", patch, { type, manager: "another" });
      assert.deepEqual(after, before);
    }
  });

  test("a merge patch sets, and removes by null", async () => {
    await made("merged");
    const patch = { data: { a: null, c: "3" }, metadata: { labels: { x: "1" } } };
    const body = await client().change("configmaps", "merged", patch, { type: "merge" });
    assert.deepEqual([body.data, body.metadata.labels], [{ b: "2", c: "3" }, { x: "1" }]);
  });

  test("an old resourceVersion in a patch is a Conflict", async () => {
    await made("versioned");
    const merge = { metadata: { resourceVersion: "1" }, data: { a: "2" } };
    assertRefused(await client().patch("configmaps", "versioned", merge, { type: "merge" }), 409, "Conflict");
    const operations = [
      { op: "replace", path: "/metadata/resourceVersion", value: "1" },
      { op: "replace", path: "/data/a", value: "2" },
    ];
    assertRefused(await client().patch("configmaps", "versioned", operations), 409, "Conflict");
  });

  test("name and uid are not for changing", async () => {
    await made("fixed");
    const name = [{ op: "replace", path: "/metadata/name", value: "other" }];
    assertRefused(
      await client().patch("configmaps", "fixed", name),
      400,
      "BadRequest",
      /does not match the name on the URL/,
    );
    const uid = [{ op: "replace", path: "/metadata/uid", value: "other" }];
    assertRefused(await client().patch("configmaps", "fixed", uid), 422, "Invalid", /metadata\.uid: Invalid value/);
  });

  test("a patch that breaks a type is a 422 that repeats the object", async () => {
    await made("typed-patch");
    const reply = await client().patch("configmaps", "typed-patch", [{ op: "replace", path: "/data/a", value: 1 }]);
    assertRefused(reply, 422, "Invalid", /patch: Invalid value: .*cannot unmarshal number into Go struct field/);
    assert.equal(reply.body.details.causes[0].field, "patch");
  });

  test("an unknown type of patch is a 415, a patch that is none a 400, of an absent object a 404", async () => {
    await made("kinds");
    assertRefused(await client().patch("configmaps", "kinds", [], { type: "text/plain" }), 415, "UnsupportedMediaType");
    assertRefused(await client().patch("configmaps", "kinds", {}), 400, "BadRequest", /^error decoding patch/);
    assertRefused(await client().patch("configmaps", "none", []), 404, "NotFound");
  });
}
