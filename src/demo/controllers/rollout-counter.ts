import { formatRef } from "../../model/ref.ts";
import { fields, type Stored, same } from "../object.ts";
import type { Change } from "../store.ts";

/** Counts how often pod templates changed: every change is a rollout. */
export class RolloutCounter {
  readonly #counts = new Map<string, number>();

  /** Takes a write into account. */
  note({ before, after }: Change): void {
    if (!before || !after || !("template" in fields(after, "spec"))) return;
    if (same(fields(before, "spec").template, fields(after, "spec").template)) return;
    const workload = nameOf(after);
    this.#counts.set(workload, this.of(workload) + 1);
  }

  /** The count of `Kind/namespace/name`. */
  of(workload: string): number {
    return this.#counts.get(workload) ?? 0;
  }
}

function nameOf({ kind, metadata: { namespace = "", name } }: Stored): string {
  return formatRef({ kind, namespace, name });
}
