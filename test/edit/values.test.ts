import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "../../src/edit/address.ts";
import { stampPatches } from "../../src/edit/patches.ts";
import { parseValuesPath, stampValues } from "../../src/edit/values.ts";

const paths: readonly (readonly [string, readonly string[] | undefined])[] = [
  ["podAnnotations", ["podAnnotations"]],
  ["controllers.main.pod.annotations", ["controllers", "main", "pod", "annotations"]],
  ['controllers."a.b".pod', ["controllers", "a.b", "pod"]],
  ["'a.b'.c-d_e", ["a.b", "c-d_e"]],
  ["server/pod.annotations", ["server/pod", "annotations"]],
  ...["", ".", ".a", "a.", "a..b", "a b", '"a', 'a"b"', '"a"b', "a[0]", "a.{}", '""', " a"].map(
    (text) => [text, undefined] as const,
  ),
];

for (const [text, keys] of paths) {
  test(`the path ${JSON.stringify(text)} ${keys ? `has the keys ${keys.join(", ")}` : "is none"}`, () => {
    assert.deepEqual(parseValuesPath(text), keys);
  });
}

test("what is no path is refused with how to write one", () => {
  const result = stampValues("spec: {}\n", { document: 0 }, "a..b", "key", "v");
  assert.ok(isRefusal(result));
  assert.equal(result.code, "VALUES_PATH");
  assert.match(result.message, /^a\.\.b is no path: .*in quotes/);
});

test("values can be patched from a kustomization", () => {
  const path = ["spec", "values", "podAnnotations", "reroll.dev/git-stamp"];
  const mark = { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", name: "web", path, value: "0123abcd" };
  assert.deepEqual(stampPatches("resources: [a.yaml]\n", { document: 0 }, ["patches"], mark), {
    text: `resources: [a.yaml]
patches:
  - target:
      group: helm.toolkit.fluxcd.io
      kind: HelmRelease
      name: web
    patch: |-
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata:
        name: web
      spec:
        values:
          podAnnotations:
            reroll.dev/git-stamp: "0123abcd"
`,
  });
});
