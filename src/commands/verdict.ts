import type { LeftAlone } from "../model/left-alone.ts";
import type { Blindness } from "../model/observation.ts";
import type { Action, Change, Pending } from "../model/plan.ts";
import { localName } from "../model/ref.ts";
import type { ExplainedSource, ExplainReport } from "../model/report-explain.ts";
import type { CommittedRecord } from "../model/state.ts";
import { strategies } from "../model/strategies.ts";
import type { Workload } from "../model/workload.ts";
import type { Surveyed } from "../survey/subjects.ts";

/** What a verdict stands on. */
export interface Evidence {
  readonly workload: Workload;
  readonly sources: readonly ExplainedSource[];
  /** Absent where the workload asks for nothing. */
  readonly surveyed: Surveyed | undefined;
  readonly action: Action | undefined;
  readonly pending: Pending | undefined;
  /** What was committed for it and was not seen on it yet. */
  readonly committed: CommittedRecord | undefined;
  /** What kept the annotations of its namespace from being read. */
  readonly unread: Blindness | undefined;
  /** The configuration covers the namespace. */
  readonly inScope: boolean;
  /** The configuration leaves the kind out. */
  readonly ignored: boolean;
  /** Why it is left alone whatever its sources do. */
  readonly alone: LeftAlone | undefined;
}

type Verdict = Pick<ExplainReport, "verdict" | "message">;
type Rule = (evidence: Evidence) => Verdict | undefined;

/** What a run would do with the workload, in one word and in a sentence: the first rule that applies. Pure. */
export function verdictOf(evidence: Evidence): Verdict {
  for (const rule of rules) {
    const verdict = rule(evidence);
    if (verdict) return verdict;
  }
  return unchanged(evidence);
}

const rules: readonly Rule[] = [
  ({ workload: { ref }, inScope }) =>
    inScope
      ? undefined
      : {
          verdict: "out-of-scope",
          message: `a run does not look at it: the configuration leaves namespace ${ref.namespace} out (namespaces or -n, ignoreNamespaces, namespaceSelector)`,
        },
  ({ workload: { ref }, ignored }) =>
    ignored
      ? {
          verdict: "out-of-scope",
          message: `a run does not look at it: the configuration leaves every ${ref.kind} out (ignoreWorkloads)`,
        }
      : undefined,
  ({ unread }) =>
    unread && {
      verdict: "not-observed",
      message: `nobody can say, and a run leaves it alone: ${unread.error.message}. What the annotations of its namespace say is not known; it may be paused`,
    },
  ({ alone, surveyed }) =>
    alone && !surveyed ? { verdict: "left-alone", message: `a run leaves it alone: ${alone.message}` } : undefined,
  ({ surveyed }) =>
    surveyed
      ? undefined
      : {
          verdict: "not-asked",
          message:
            'a run leaves it alone: no annotation asks for restarts. With reroll.dev/auto: "true" on it, it restarts for every source its pod template uses',
        },
  ({ action, committed }) =>
    action?.mode === "git" && committed?.stamp === action.stamp
      ? { verdict: "pending", message: committedText(committed) }
      : undefined,
  ({ action }) =>
    action && {
      verdict: "restart",
      message:
        action.because.length > 0
          ? `a run would ${action.mode === "git" ? "commit a restart of it" : `restart it now${strategyText(action)}`}, because of ${action.because.map(changeText).join(" and ")}`
          : "a run would resume it now: an earlier one suspended it to make its pods anew, and did not come to its end",
    },
  ({ pending }) =>
    pending && {
      verdict: "pending",
      message: `a restart is owed, and not done now (${pending.reason}): ${pending.message}`,
    },
  ({ sources }) => (sources.some(({ eligible }) => eligible) ? undefined : nothingCounts(sources)),
  ({ surveyed }) =>
    surveyed?.podsError === undefined
      ? undefined
      : { verdict: "not-observed", message: `nobody can say: ${surveyed.podsError.message}` },
  ({ sources }) =>
    sources.some(({ eligible, sight }) => eligible && sight !== "unobserved")
      ? undefined
      : { verdict: "not-observed", message: "nobody can say: none of the sources that count could be looked at" },
  ({ surveyed }) => (surveyed?.comparison.origin === "first-sight" ? firstSight(surveyed) : undefined),
];

function committedText({ commit, branch, repository, reverted, byOthers }: CommittedRecord): string {
  const what = `commit ${commit.slice(0, 12)} on ${branch} of ${repository}`;
  if (byOthers) return `a restart is owed and not committed again: somebody took ${what} back`;
  return reverted
    ? `a restart is owed and not committed again: Flux could not apply ${what}, so it was taken back`
    : `a restart is asked for by ${what}, which Flux had not applied when the last run looked`;
}

/** Named where it is not the way everybody expects. */
function strategyText({ strategy }: Action): string {
  return strategy === "rollout" ? "" : ` by strategy ${strategy} (${strategies[strategy].doc})`;
}

function changeText({ source, change, keys }: Change): string {
  return `${localName(source)} (${change}${keys.length > 0 ? `: ${keys.join(", ")}` : ""})`;
}

function nothingCounts(sources: readonly ExplainedSource[]): Verdict {
  const message =
    sources.length === 0
      ? "it asks for restarts, but neither uses nor names any source"
      : "it asks for restarts, but none of the sources it uses or names counts; each says why below";
  return { verdict: "nothing-counts", message };
}

function firstSight({ comparison: { maybeStale } }: Surveyed): Verdict {
  const first = "it is seen for the first time: a run takes today's content as its baseline and restarts nothing";
  const stale = maybeStale.map(localName).join(" and ");
  const message = stale
    ? `${first}. A pod is older than the last write of ${stale}, so it may run with other content: reroll run --catch-up restarts it`
    : first;
  return { verdict: "adopt", message };
}

function unchanged({ sources }: Evidence): Verdict {
  const unseen = sources.filter(({ eligible, sight }) => eligible && sight === "unobserved");
  const lost = sources.some(({ standing }) => standing === "key-lost");
  const rest =
    unseen.length > 0
      ? `; ${unseen.map(({ source }) => localName(source)).join(" and ")} could not be looked at, and what is known of it stays`
      : "";
  const message = lost
    ? "a run would not restart it: what it rolled out with cannot be compared, because the digest key is gone; today's content becomes the baseline"
    : `a run would not restart it: nothing is different from what it rolled out with${rest}`;
  return { verdict: "unchanged", message };
}
