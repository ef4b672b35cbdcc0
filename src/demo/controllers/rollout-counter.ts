import { formatRef } from "../../model/ref.ts";
import { fields, type Stored, same } from "../object.ts";
import type { Change } from "../store.ts";

/** Counts how often pod templates changed: every change is a rollout. */
export class RolloutCounter {
  readonly #counts = new Map<string, number>();

  /** Takes a write into account. */
  note({ before, after }: Change): void {
    if (!before || !after || same(templateOf(before), templateOf(after))) return;
    const workload = nameOf(after);
    this.#counts.set(workload, this.of(workload) + 1);
  }

  /** The count of `Kind/namespace/name`. */
  of(workload: string): number {
    return this.#counts.get(workload) ?? 0;
  }
}

function templateOf(object: Stored): unknown {
  const { template, jobTemplate } = fields(object, "spec");
  return template ?? fields(jobTemplate, "spec").template;
}

function nameOf({ kind, metadata: { namespace = "", name } }: Stored): string {
  return formatRef({ kind, namespace, name });
}
