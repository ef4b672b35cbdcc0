import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { annotationNames, ownKey, stakaterKey } from "../../src/model/annotations.ts";
import { sourceKinds } from "../../src/model/ref.ts";
import type { Directives, KindDirectives } from "../../src/model/workload.ts";
import { readDirectives } from "../../src/snapshot/directives.ts";
import { runs } from "../support/effort.ts";
import { fixtures } from "../support/fixtures.ts";

interface Row {
  readonly workload: Record<string, string>;
  readonly template?: Record<string, string>;
  readonly configured?: Record<string, string>;
  /** What is not mentioned is not compared. */
  readonly expected: Partial<Omit<Directives, "byKind">> & Record<string, unknown>;
  readonly problems: readonly string[];
}

const kinds: readonly string[] = sourceKinds;

suite("directives", () => {
  for (const { claim, content } of fixtures<Row>("directives")) {
    test(claim, () => {
      const found = readDirectives(content.workload, content.template ?? {}, content.configured ?? {});
      for (const [name, expected] of Object.entries(content.expected)) {
        const actual: unknown = kinds.includes(name)
          ? pick(found.byKind[name as keyof Directives["byKind"]], Object.keys(expected as object))
          : found[name as keyof Directives];
        assert.deepEqual(actual, expected, name);
      }
      assert.deepEqual(
        found.problems.map(({ code, path }) => `${code} ${path}`),
        content.problems,
      );
    });
  }

  const auto = (value: string): KindDirectives =>
    readDirectives({ "reloader.stakater.com/auto": value }, {}, {}).byKind.Secret;
  for (const value of ["1", "t", "T", "TRUE", "true", "True"]) {
    test(`auto: ${JSON.stringify(value)} is true`, () => assert.equal(auto(value).auto, true));
  }
  for (const value of ["0", "f", "F", "FALSE", "false", "False", "tRUE", "on", "yes", "2", " true"]) {
    test(`auto: ${JSON.stringify(value)} is false`, () =>
      assert.deepEqual(pick(auto(value), ["auto", "autoUnset"]), { auto: false, autoUnset: false }));
  }

  test("the message of an invalid value says what is accepted, and where it stands", () => {
    const { problems } = readDirectives({}, { "reloader.stakater.com/auto": "yes" }, {});
    assert.match(problems[0]?.message ?? "", /pod template.*"yes".*"true" or "false"/);
  });

  test("no annotation makes it throw", () => {
    const usual = annotationNames.flatMap((name) => [ownKey(name), stakaterKey(name, {}) ?? ownKey(name)]);
    const key = fc.oneof(fc.constantFrom(...usual), fc.string(), fc.constantFrom("__proto__", "toString"));
    const value = fc.oneof(fc.constantFrom("true", "false", "", "configmap|secret", "|", ",", "*"), fc.string());
    const annotations = fc.dictionary(key, value);
    fc.assert(
      fc.property(annotations, annotations, (workload, template) => {
        const { byKind, problems } = readDirectives(workload, template, {});
        for (const kind of sourceKinds) assert.ok(byKind[kind].from === "workload" || byKind[kind].from === "template");
        for (const { path } of problems) assert.ok(Object.hasOwn(workload, path) || Object.hasOwn(template, path));
      }),
      { numRuns: runs(500) },
    );
  });
});

function pick(value: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)));
}
