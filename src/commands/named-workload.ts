import { UsageError } from "../model/errors.ts";
import { findWorkloadKind, type WorkloadKind } from "../model/kinds.ts";
import { nearest } from "../model/nearest.ts";
import type { WorkloadRef } from "../model/ref.ts";

/** Names further away than this many edits are no misspelling. */
const furthest = 3;

/** The workload people typed, with its kind as the table of kinds names it. Fails with a `UsageError` where there is no such kind. */
export function namedWorkload(typed: WorkloadRef, kinds: readonly WorkloadKind[]): WorkloadRef {
  const row = findWorkloadKind(typed.kind, kinds);
  if (row) return { ...typed, kind: row.name };
  const known = kinds.map(({ name }) => name);
  const near = nearest(typed.kind, known, furthest);
  const suggestion = near ? `; did you mean ${near}?` : ".";
  throw new UsageError(`no such kind of workload: ${typed.kind}${suggestion} Known are ${known.join(", ")}`);
}
