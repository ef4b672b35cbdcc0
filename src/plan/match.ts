import type { Decision, No, RuleTried, SourceFacts, Yes } from "../model/decision.ts";
import type { Policy } from "../model/policy.ts";
import { resolve } from "../model/settings.ts";
import type { Workload } from "../model/workload.ts";
import { type Question, rules } from "./match-rules.ts";

/** What is read of a workload to decide for one source. */
export type Asking = Pick<Workload, "ref" | "directives">;

function ask(workload: Asking, source: SourceFacts, policy: Policy): Question {
  const { said, byKind } = workload.directives;
  const perKey = resolve("perKey", policy.perKey, { workload: said });
  const keys = source.keys !== undefined && !perKey.value ? "*" : source.keys;
  return { workload, source, policy, keys, kind: byKind[source.ref.kind] };
}

/**
 * Whether a workload restarts for a source, and which rule says so: the first rule of the table that answers. Same order
 * as stakater/Reloader pkg/common/common.go (ShouldReload): ignore, exclude, named, search, auto, auto-reload-all. A
 * named source need not be used by the template and counts as a whole; the others must be used, and count by the keys
 * the template reads unless per-key precision is off. Pure; never throws on anything that annotations can say.
 */
export function decide(workload: Asking, source: SourceFacts, policy: Policy): Decision {
  const question = ask(workload, source, policy);
  for (const { name, answer } of rules) {
    const given = answer(question);
    if (given) return { ...given, rule: name } as Yes | No;
  }
  throw new Error("the last rule answers everything");
}

/** The rules that were asked for {@link decide}, in order; the last one answered. For `explain`. */
export function rulesTried(workload: Asking, source: SourceFacts, policy: Policy): RuleTried[] {
  const question = ask(workload, source, policy);
  const tried: RuleTried[] = [];
  for (const { name, answer } of rules) {
    const given = answer(question);
    if (given) return [...tried, { rule: name, says: given.eligible ? "yes" : "no" }];
    tried.push({ rule: name, says: "pass" });
  }
  return tried;
}
