import type { Action } from "../../model/plan.ts";
import type { GitPolicy } from "../../model/policy.ts";
import { compareRefs, compareText, formatRef, localName } from "../../model/ref.ts";

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

const revertSubject = "revert(reroll):";

/** Git shows so much of a subject line; forges cut it at 72. */
const subjectLimit = 200;

/**
 * The message of the commit that restarts some workloads: subject by template, one line for each workload with the sources it restarts for,
 * and trailers (git-interpret-trailers) that programs can read. `run` says which run it was.
 */
export function commitMessage(actions: readonly Action[], git: GitPolicy, run: string): string {
  const sorted = [...actions].sort((a, b) => compareRefs(a.workload, b.workload));
  const sources = new Set(sorted.flatMap(({ because }) => because.map(({ source }) => formatRef(source))));
  const lines = sorted.map((action) => `${formatRef(action.workload)} <- ${causes(action)}`);
  return [
    subject(git, plural(sorted.length, "workload"), plural(sources.size, "source")),
    "",
    ...lines,
    "",
    ...trailers(git, run),
    "",
  ].join("\n");
}

function subject({ message, cluster, skipCi }: GitPolicy, workloads: string, sources: string): string {
  const filled = message
    .replaceAll("{workloads}", workloads)
    .replaceAll("{sources}", sources)
    .replaceAll("{cluster}", cluster)
    .slice(0, subjectLimit);
  return skipCi ? `${filled} [skip ci]` : filled;
}

function causes({ workload, because }: Action): string {
  const names = because.map(({ source }) =>
    source.namespace === workload.namespace ? localName(source) : formatRef(source),
  );
  return [...new Set(names)].sort(compareText).join(", ") || "(unfinished restart)";
}

function trailers({ cluster }: GitPolicy, run: string): string[] {
  return [`Reroll-Run: ${run}`, ...(cluster ? [`Reroll-Cluster: ${cluster}`] : [])];
}

/** Whether a message is one of `revertMessage`. */
export function ownRevert(message: string): boolean {
  return message.startsWith(revertSubject);
}

/** Flux quotes what it could not build, at any length. */
const reasonLimit = 500;

/** The message of the commit that takes another one back. */
export function revertMessage(commit: string, reason: string, git: GitPolicy, run: string): string {
  const why = reason
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, reasonLimit);
  return [
    `${revertSubject} take back ${commit.slice(0, 12)}${git.skipCi ? " [skip ci]" : ""}`,
    "",
    `This reverts commit ${commit}: Flux could not apply it.`,
    why,
    "",
    ...trailers(git, run),
    "",
  ].join("\n");
}
