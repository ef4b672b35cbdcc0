import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { annotationNames, ownKey, stakaterKey } from "../../src/model/annotations.ts";
import type { Decision, SourceFacts } from "../../src/model/decision.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { SourceKind } from "../../src/model/ref.ts";
import type { WatchedKeys } from "../../src/model/source.ts";
import { type Asking, decide, rulesTried } from "../../src/plan/match.ts";
import { namedListIssues } from "../../src/plan/match-issues.ts";
import { readDirectives } from "../../src/snapshot/directives.ts";
import { runs } from "../support/effort.ts";
import { fixtures } from "../support/fixtures.ts";
import { testPolicy } from "../support/policy.ts";

type Annotations = Record<string, string>;

interface Row {
  readonly workload: Annotations;
  readonly template?: Annotations;
  readonly source: {
    readonly kind: SourceKind;
    readonly name: string;
    readonly namespace?: string;
    /** Absent: the template does not use the source. */
    readonly keys?: WatchedKeys;
    readonly annotations?: Annotations | "unknown";
  };
  readonly policy?: Partial<Policy>;
  /** What is not mentioned is not compared; an annotation is written `from key`. */
  readonly expected: Record<string, unknown>;
  readonly issues?: readonly string[];
}

function asking(workload: Annotations, template: Annotations, policy: Policy): Asking {
  return {
    ref: { kind: "Deployment", namespace: "shop", name: "web" },
    directives: readDirectives(workload, template, policy.annotationKeys),
  };
}

function shown(decision: Decision): Record<string, unknown> {
  const { annotation } = decision;
  return { ...decision, annotation: annotation && `${annotation.from} ${annotation.key}` };
}

suite("who is meant", () => {
  for (const { claim, content } of fixtures<Row>("match")) {
    test(claim, () => {
      const { source } = content;
      const policy = testPolicy(content.policy);
      const workload = asking(content.workload, content.template ?? {}, policy);
      const facts: SourceFacts = {
        ref: { kind: source.kind, namespace: source.namespace ?? "shop", name: source.name },
        keys: source.keys,
        annotations: source.annotations === "unknown" ? undefined : (source.annotations ?? {}),
      };
      const decision = decide(workload, facts, policy);
      const actual = Object.entries(shown(decision)).filter(([field]) => Object.hasOwn(content.expected, field));
      assert.deepEqual(Object.fromEntries(actual), content.expected);
      assert.ok(decision.message.length > 10, "every answer says why");
      const issues = namedListIssues(workload, [facts], policy).map(({ code }) => code);
      assert.deepEqual(issues, content.issues ?? []);
    });
  }

  test("the rules tried are told in order, up to the one that answered", () => {
    const policy = testPolicy();
    const workload = asking({ "reloader.stakater.com/auto": "true" }, {}, policy);
    const ref = { kind: "Secret", namespace: "shop", name: "creds" } as const;
    const tried = rulesTried(workload, { ref, keys: "*", annotations: {} }, policy);
    assert.deepEqual(
      tried.map(({ rule, says }) => `${rule} ${says}`),
      [
        "other-namespace pass",
        "ignored-kind pass",
        "ignored-source pass",
        "excluded pass",
        "named pass",
        "search pass",
        "auto yes",
      ],
    );
  });

  test("no annotation makes it throw, and it agrees with the rules it says it tried", () => {
    const usual = annotationNames.flatMap((name) => [ownKey(name), stakaterKey(name, {}) ?? ownKey(name)]);
    const value = fc.oneof(
      fc.constantFrom("true", "false", "", "web", "creds|web", "secret", "*", "(?i)WEB", "\\Q", "[", "web,creds"),
      fc.string({ maxLength: 12 }),
    );
    const annotations = fc.dictionary(fc.oneof(fc.constantFrom(...usual), fc.string({ maxLength: 8 })), value);
    const source = fc.record({
      kind: fc.constantFrom<SourceKind>("ConfigMap", "Secret"),
      name: fc.constantFrom("web", "creds", "__proto__"),
      keys: fc.constantFrom<WatchedKeys | undefined>("*", ["a"], [], undefined),
      annotations: fc.option(annotations, { nil: undefined }),
    });
    const policies = fc.record({
      autoReloadAll: fc.boolean(),
      perKey: fc.boolean(),
      anchoring: fc.constantFrom<Policy["anchoring"]>("grouped", "stakater"),
    });
    fc.assert(
      fc.property(annotations, annotations, source, policies, (onWorkload, onTemplate, given, changes) => {
        const policy = testPolicy(changes);
        const workload = asking(onWorkload, onTemplate, policy);
        const { kind, name, keys } = given;
        const facts = { ref: { kind, namespace: "shop", name }, keys, annotations: given.annotations };
        const decision = decide(workload, facts, policy);
        const last = rulesTried(workload, facts, policy).at(-1);
        assert.deepEqual(last, { rule: decision.rule, says: decision.eligible ? "yes" : "no" });
        if (decision.eligible && !decision.whole) assert.notEqual(keys, undefined);
        namedListIssues(workload, [facts], policy);
      }),
      { numRuns: runs(500) },
    );
  });
});
