import { UsageError } from "../model/errors.ts";
import { findWorkloadKind, sourceResources } from "../model/kinds.ts";
import { nearest } from "../model/nearest.ts";
import type { Policy } from "../model/policy.ts";
import type { Quarantined } from "../model/quarantined.ts";
import { compareText, formatRef, localName, type SourceRef, type WorkloadRef } from "../model/ref.ts";
import type { CommittedRestart } from "../model/report-memory.ts";
import type { RetryReport, TypedName } from "../model/report-retry.ts";
import type { State } from "../model/state.ts";
import type { Ports } from "../ports.ts";
import { type Release, releaseAll, releaseCommits } from "../record/release.ts";
import { loadState, saveState } from "../record/remember.ts";
import { acquireLock } from "../run/lock.ts";
import { requireNamespace } from "../run/prepare.ts";
import { covers } from "./history.ts";
import { allQuarantines, committedRestarts } from "./quarantined.ts";

/** Names further away than this many edits are no misspelling. */
const furthest = 4;
/** Names quoted where none is near. */
const quoted = 5;

/** Something that is not done by itself. */
type Held =
  | { readonly is: "quarantine"; readonly quarantine: Quarantined }
  | { readonly is: "commit"; readonly commit: CommittedRestart };

/**
 * Ends quarantines, and lets what was taken back from a repository be committed again: of the workloads or sources named, or of all that the
 * policy covers by name. Restarts nothing: the next run does, where what is there then is not what the pods run with. Writes the state under
 * the lock. Fails with a `UsageError` that changes nothing where nothing of that name is held, or where no name is given.
 */
export async function retry(
  ports: Ports,
  policy: Policy,
  stateName: string,
  names: readonly TypedName[],
  all: boolean,
): Promise<RetryReport> {
  await requireNamespace(ports);
  const lock = await acquireLock(ports, "command");
  if (!("release" in lock)) return { ...sorted([], []), lockedBy: lock, exitCode: 0 };
  try {
    const remembered = await loadState(ports.states, stateName);
    const there = allHeld(remembered.state, policy.loopBreaker.settle);
    const wanted = all
      ? there.filter((each) => covers(policy, workloadOf(each).namespace))
      : [...new Set(named(names, there, policy.kinds))];
    const at = new Date(ports.cluster.serverTime() ?? ports.clock.now()).toISOString();
    const { released, releasedCommits, ...kept } = sorted(wanted, there);
    const freed = releaseAll(remembered.state, released.map(toRelease), at);
    const workloads = releasedCommits.map(({ workload }) => workload);
    await saveState(ports.states, remembered, releaseCommits(freed, workloads, at));
    return { released, releasedCommits, ...kept, lockedBy: undefined, exitCode: 0 };
  } finally {
    await lock.release();
  }
}

function allHeld(state: State, settle: number): Held[] {
  return [
    ...allQuarantines(state, settle).map((quarantine): Held => ({ is: "quarantine", quarantine })),
    ...committedRestarts(state).flatMap((commit): Held[] => (commit.reverted ? [{ is: "commit", commit }] : [])),
  ];
}

function sorted(wanted: readonly Held[], there: readonly Held[]) {
  const rest = there.filter((each) => !wanted.includes(each));
  const quarantines = (all: readonly Held[]) =>
    all.flatMap((each) => (each.is === "quarantine" ? each.quarantine : []));
  const commits = (all: readonly Held[]) => all.flatMap((each) => (each.is === "commit" ? each.commit : []));
  return {
    released: quarantines(wanted),
    kept: quarantines(rest),
    releasedCommits: commits(wanted),
    keptCommits: commits(rest),
  };
}

function workloadOf(held: Held): WorkloadRef {
  return held.is === "quarantine" ? held.quarantine.workload : held.commit.workload;
}

function toRelease({ workload, source, rule, since, count }: Quarantined): Release {
  return { workload, quarantine: { rule, since, count, ...(source ? { source: localName(source) } : {}) } };
}

function named(names: readonly TypedName[], there: readonly Held[], kinds: Policy["kinds"]): Held[] {
  if (names.length === 0) throw new UsageError(`say what to release, or --all; ${list(there)}`);
  return names.flatMap((name) => {
    const found = there.filter((each) =>
      [workloadOf(each), sourceOf(each)].some((ref) => ref && isMeant(name, ref, kinds)),
    );
    if (found.length === 0) throw new UsageError(`${formatTyped(name)} is not held back; ${suggest(name, there)}`);
    return found;
  });
}

function sourceOf(held: Held): SourceRef | undefined {
  return held.is === "quarantine" ? held.quarantine.source : undefined;
}

function isMeant(typed: TypedName, ref: TypedName, kinds: Policy["kinds"]): boolean {
  return (
    ref.namespace === typed.namespace &&
    ref.name === typed.name &&
    kindOf(typed.kind, kinds) === kindOf(ref.kind, kinds)
  );
}

/** The kind as the tables write it, whatever the case, the plural or the short name; one that is in no table as it is. */
function kindOf(typed: string, kinds: Policy["kinds"]): string {
  const wanted = typed.toLowerCase();
  const source = Object.values(sourceResources).find(({ kind, plural }) =>
    [kind.toLowerCase(), plural].includes(wanted),
  );
  return source?.kind ?? findWorkloadKind(typed, kinds)?.name ?? wanted;
}

function suggest(name: TypedName, there: readonly Held[]): string {
  const meant = nearest(formatTyped(name), namesOf(there), furthest);
  return meant === undefined ? list(there) : `did you mean ${meant}?`;
}

function list(there: readonly Held[]): string {
  const all = namesOf(there);
  if (all.length === 0) return "nothing is";
  const rest = all.length > quoted ? ` and ${all.length - quoted} more; reroll status lists them` : "";
  return `there are ${all.slice(0, quoted).join(", ")}${rest}`;
}

function namesOf(there: readonly Held[]): string[] {
  const all = there.flatMap((each) => [formatRef(sourceOf(each) ?? workloadOf(each)), formatRef(workloadOf(each))]);
  return [...new Set(all)].sort(compareText);
}

function formatTyped({ kind, namespace, name }: TypedName): string {
  return `${kind}/${namespace}/${name}`;
}
