import { blindnessAt, sees } from "../model/observation.ts";
import type { Policy } from "../model/policy.ts";
import { compareRefs, formatRef, localName, type SourceKind } from "../model/ref.ts";
import type { ExplainedSource } from "../model/report-explain.ts";
import type { SourceHeader } from "../model/source.ts";
import { countingUses, watchedSources } from "../model/watched.ts";
import type { Candidacy, HeadersByName } from "../plan/eligible.ts";
import { rulesTried } from "../plan/match.ts";
import type { Subject, Surveyed } from "../survey/subjects.ts";
import type { Survey } from "../survey/survey.ts";

type Seen = Pick<ExplainedSource, "sight" | "sightError" | "lastWrite">;

/** Every source the workload uses or names, sorted: the rule that decides, what was seen of it, and how the workload stands to it. */
export function explainSources(
  { workload, candidacies }: Subject,
  headers: HeadersByName,
  survey: Survey,
  surveyed: Surveyed | undefined,
  policy: Policy,
): ExplainedSource[] {
  const used = new Map(
    watchedSources(countingUses(workload, policy), workload.ref.namespace).map(({ ref, keys }) => [
      localName(ref),
      keys,
    ]),
  );
  const comparisons = new Map(surveyed?.comparison.sources.map((each) => [localName(each.ref), each]));
  return [...candidacies]
    .sort((a, b) => compareRefs(a.ref, b.ref))
    .map((candidacy) => {
      const { ref, decision, eligible, keys, where } = candidacy;
      const name = localName(ref);
      const header = headers.get(name);
      const compared = eligible ? comparisons.get(name) : undefined;
      return {
        source: ref,
        eligible,
        rule: decision.rule,
        reason: decision.eligible ? undefined : decision.reason,
        message: decision.message,
        annotation: decision.annotation,
        tried: rulesTried(workload, { ref, keys: used.get(name), annotations: header?.annotations }, policy),
        where,
        watched: keys,
        ...seen(candidacy, survey, header, policy),
        standing: compared?.standing,
        change: compared?.change,
        rolledOut: compared?.before,
      };
    });
}

/** What it may mean that a source is not in the list. */
function notListed(kind: SourceKind, { selector }: Policy): string | undefined {
  const reasons = [
    ...(kind === "Secret"
      ? ["of a type that counts only where a list names it (Helm, service account, bootstrap)"]
      : []),
    ...(selector ? [`without the labels that the configuration selects (${selector})`] : []),
  ];
  return reasons.length > 0 ? `not listed: it is not there, or ${reasons.join(", or ")}` : undefined;
}

function seen(
  { ref, decision }: Candidacy,
  { observation, sights }: Survey,
  header: SourceHeader | undefined,
  policy: Policy,
): Seen {
  if (decision.rule === "ignored-kind" && !header) {
    return { sight: "unobserved", sightError: decision.message, lastWrite: undefined };
  }
  const read = sights.find((each) => formatRef(each.ref) === formatRef(ref));
  const known = read?.sight.is === "present" ? read.sight.source : header;
  // Zero is a class that nobody has seen rotated.
  const written = known?.lastWrite ? new Date(known.lastWrite).toISOString() : undefined;
  const visible = sees(observation, ref.kind, ref.namespace);
  const gap = visible ? undefined : blindnessAt(observation, ref.kind, ref.namespace)?.error.message;
  const sight = read?.sight.is ?? (header ? "present" : visible ? "absent" : "unobserved");
  const unlisted = sight === "absent" && decision.rule !== "named" ? notListed(ref.kind, policy) : undefined;
  return { sight, sightError: read?.error?.message ?? gap ?? unlisted, lastWrite: written };
}
