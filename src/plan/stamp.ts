import type { Comparison } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { localName } from "../model/ref.ts";
import { formatEntries, formatStamp, parseStamp, type Stamp, type StampEntry, stampLimit } from "../model/stamp.ts";
import type { RolledOut } from "../model/state.ts";

/**
 * The stamp that says what the workload will have been started with: one entry per eligible source. From content only, so two runs that
 * see the same write the same. Where that would leave the live stamp as it is, and so start no rollout, the turn is raised; with `raises` always,
 * so that no two stamps of a workload are alike.
 */
export function composeStamp(
  comparison: Comparison,
  live: string | undefined,
  digester: Digester,
  raises = false,
): string {
  const entries = new Map(
    comparison.sources.map(({ ref, after }): [string, StampEntry] => [localName(ref), stampEntry(after, digester)]),
  );
  const stamp: Stamp = { keyId: digester.currentId, entries, combined: undefined, turn: 1 };
  const fitting = formatStamp(stamp).length <= stampLimit ? stamp : combine(stamp, digester);
  const before = live === undefined ? undefined : parseStamp(live);
  const same = before && (raises || formatStamp({ ...before, turn: 1 }) === formatStamp(fitting));
  return formatStamp(same ? { ...fitting, turn: before.turn + 1 } : fitting);
}

function stampEntry(rolledOut: RolledOut, digester: Digester): StampEntry {
  if (typeof rolledOut === "string") return rolledOut;
  const shape = rolledOut.keyId === digester.currentId ? digester.shape(rolledOut.keyId, rolledOut.keys) : undefined;
  return shape === undefined ? "unknown" : { digest: rolledOut.digest, shape };
}

function combine(stamp: Stamp, digester: Digester): Stamp {
  const seal = digester.seal(stamp.keyId, formatEntries(stamp.entries));
  return seal ? { ...stamp, combined: { count: stamp.entries.size, ...seal } } : stamp;
}
