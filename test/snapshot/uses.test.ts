import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { watchedSources } from "../../src/model/watched.ts";
import type { Use } from "../../src/model/workload.ts";
import { templateUses } from "../../src/snapshot/uses.ts";
import { runs } from "../support/effort.ts";
import { fixtures } from "../support/fixtures.ts";

suite("uses of a pod template", () => {
  for (const { claim, content } of fixtures<{ template: unknown; expected: Use[] }>("uses")) {
    test(claim, () => assert.deepEqual(templateUses(content.template), content.expected));
  }

  test("nothing that JSON can say makes it throw, and every use has a name", () => {
    const word = fc.constantFrom("web", "", "a/b", "..", "__proto__", "constructor");
    const fields = ["containers", "initContainers", "volumes", "env", "envFrom", "volumeMounts", "valueFrom", "items"];
    const refs = ["configMap", "secret", "configMapRef", "secretKeyRef", "projected", "sources", "csi"];
    const leaves = ["name", "key", "path", "subPath", "subPathExpr", "secretName"];
    const key = fc.constantFrom(...fields, ...refs, ...leaves, "__proto__");
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 7, withCrossShrink: true },
        fc.oneof(word, fc.constantFrom(null, 1, true)),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(key, tie("value"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.oneof(fc.record({ spec: value }), fc.jsonValue()), (template) => {
        for (const use of templateUses(template)) assert.ok(use.name.length > 0 && use.where.length > 0);
      }),
      { numRuns: runs(500) },
    );
  });
});

suite("sources behind the uses", () => {
  const use = (name: string, keys: Use["keys"], kind: Use["kind"] = "ConfigMap"): Use => ({
    kind,
    name,
    keys,
    where: `w ${name}`,
  });
  const keysOf = (...uses: Use[]): unknown[] => watchedSources(uses, "ns").map(({ ref, keys }) => [ref.name, keys]);

  test("keys of several uses add up, sorted and once", () => {
    assert.deepEqual(keysOf(use("a", ["z", "b"]), use("a", ["b", "a"])), [["a", ["a", "b", "z"]]]);
  });
  test("one use of the whole source wins", () => {
    assert.deepEqual(keysOf(use("a", ["z"]), use("a", "*"), use("a", [])), [["a", "*"]]);
  });
  test("a use that can read nothing adds nothing, and is not everything", () => {
    assert.deepEqual(keysOf(use("a", [])), [["a", []]]);
  });
  test("sources come sorted by kind and name, with every place that uses them", () => {
    const sources = watchedSources([use("b", "*", "Secret"), use("b", "*"), use("a", "*"), use("b", ["k"])], "ns");
    assert.deepEqual(
      sources.map(({ ref, where }) => [ref.kind, ref.namespace, ref.name, where.length]),
      [
        ["ConfigMap", "ns", "a", 1],
        ["ConfigMap", "ns", "b", 2],
        ["Secret", "ns", "b", 1],
      ],
    );
  });
});
