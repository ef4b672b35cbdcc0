import { UsageError } from "../model/errors.ts";
import { findWorkloadKind, sourceResources } from "../model/kinds.ts";
import { nearest } from "../model/nearest.ts";
import type { Policy } from "../model/policy.ts";
import { blamed, type Quarantined } from "../model/quarantined.ts";
import { compareText, formatRef, localName } from "../model/ref.ts";
import type { RetryReport, TypedName } from "../model/report-retry.ts";
import type { Ports } from "../ports.ts";
import { type Release, releaseAll } from "../record/release.ts";
import { loadState, saveState } from "../record/remember.ts";
import { acquireLock } from "../run/lock.ts";
import { requireNamespace } from "../run/prepare.ts";
import { covers } from "./history.ts";
import { allQuarantines } from "./quarantined.ts";

/** Names further away than this many edits are no misspelling. */
const furthest = 4;
/** Names quoted where none is near. */
const quoted = 5;

/**
 * Ends quarantines: those of the workloads or sources named, or all that the policy covers by name. Restarts nothing: the next run does, where
 * what is there then is not what the pods run with. Writes the state under the lock. Fails with a `UsageError` that changes nothing where a
 * name is not in quarantine, or where none is given.
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
  if (!("release" in lock)) return { released: [], kept: [], lockedBy: lock, exitCode: 0 };
  try {
    const remembered = await loadState(ports.states, stateName);
    const there = allQuarantines(remembered.state, policy.loopBreaker.settle);
    const wanted = all
      ? there.filter(({ workload }) => covers(policy, workload.namespace))
      : [...new Set(named(names, there, policy.kinds))];
    const at = new Date(ports.cluster.serverTime() ?? ports.clock.now()).toISOString();
    await saveState(ports.states, remembered, releaseAll(remembered.state, wanted.map(toRelease), at));
    return { released: wanted, kept: there.filter((each) => !wanted.includes(each)), lockedBy: undefined, exitCode: 0 };
  } finally {
    await lock.release();
  }
}

function toRelease({ workload, source, rule, since, count }: Quarantined): Release {
  return { workload, quarantine: { rule, since, count, ...(source ? { source: localName(source) } : {}) } };
}

function named(names: readonly TypedName[], there: readonly Quarantined[], kinds: Policy["kinds"]): Quarantined[] {
  if (names.length === 0) throw new UsageError(`say what to let out of quarantine, or --all; ${list(there)}`);
  return names.flatMap((name) => {
    const found = there.filter((each) => [each.workload, each.source].some((ref) => ref && isMeant(name, ref, kinds)));
    if (found.length === 0) throw new UsageError(`${formatTyped(name)} is not in quarantine; ${suggest(name, there)}`);
    return found;
  });
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

function suggest(name: TypedName, there: readonly Quarantined[]): string {
  const meant = nearest(formatTyped(name), namesOf(there), furthest);
  return meant === undefined ? list(there) : `did you mean ${meant}?`;
}

function list(there: readonly Quarantined[]): string {
  const all = namesOf(there);
  if (all.length === 0) return "nothing is";
  const rest = all.length > quoted ? ` and ${all.length - quoted} more; reroll status lists them` : "";
  return `there are ${all.slice(0, quoted).join(", ")}${rest}`;
}

function namesOf(there: readonly Quarantined[]): string[] {
  const all = there.flatMap((each) => [formatRef(blamed(each)), formatRef(each.workload)]);
  return [...new Set(all)].sort(compareText);
}

function formatTyped({ kind, namespace, name }: TypedName): string {
  return `${kind}/${namespace}/${name}`;
}
