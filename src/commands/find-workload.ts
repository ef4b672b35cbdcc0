import { UsageError } from "../model/errors.ts";
import { nearest } from "../model/nearest.ts";
import type { Observation } from "../model/observation.ts";
import { compareText, formatRef, type WorkloadRef } from "../model/ref.ts";
import type { Workload } from "../model/workload.ts";

/** Names further away than this many edits are no misspelling. */
const furthest = 4;
/** Names quoted where none is near. */
const quoted = 5;

/** The workload of that name. Fails with a `UsageError` that names the nearest one, or with the `PortError` that kept its kind from being seen. */
export function findWorkload({ workloads, blind, issues }: Observation, ref: WorkloadRef): Workload {
  const found = workloads.find((each) => formatRef(each.ref) === formatRef(ref));
  if (found) return found;
  const gap = blind.find(({ kind }) => kind === ref.kind);
  if (gap) throw gap.error;
  const unreadable = issues.find(({ path }) => path === formatRef(ref));
  if (unreadable) throw new UsageError(unreadable.message);
  const there = workloads.map((each) => each.ref).filter(({ namespace }) => namespace === ref.namespace);
  throw new UsageError(`no such workload: ${formatRef(ref)}; ${suggest(ref, there)}`);
}

function suggest(ref: WorkloadRef, there: readonly WorkloadRef[]): string {
  if (there.length === 0) {
    return `namespace ${ref.namespace} has no workloads that could be seen: check its name, and whose cluster this is`;
  }
  const sameName = there.find(({ name }) => name === ref.name);
  const sameKind = there.filter(({ kind }) => kind === ref.kind);
  const near = nearest(ref.name, names(sameKind), furthest) ?? nearest(ref.name, names(there), furthest);
  const meant = sameName ?? sameKind.find(({ name }) => name === near) ?? there.find(({ name }) => name === near);
  if (meant) return `did you mean ${formatRef(meant)}?`;
  const all = there.map(formatRef).sort(compareText);
  const rest = all.length > quoted ? ` and ${all.length - quoted} more` : "";
  return `there are ${all.slice(0, quoted).join(", ")}${rest}`;
}

function names(refs: readonly WorkloadRef[]): string[] {
  return refs.map(({ name }) => name);
}
