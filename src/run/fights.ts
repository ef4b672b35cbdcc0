import { isLabelled } from "../flux/claims.ts";
import { type Fight, fightsWith } from "../flux/fights.ts";
import { listed } from "../flux/live.ts";
import { kindOf } from "../model/kinds.ts";
import type { Action, Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef } from "../model/ref.ts";
import type { Workload } from "../model/workload.ts";
import type { Surveyed } from "../survey/subjects.ts";
import type { FluxReading } from "./flux-reading.ts";

/** A workload, with something of Flux that takes its direct stamp away. */
export interface FoughtWorkload {
  readonly workload: Workload;
  readonly fight: Fight;
}

/**
 * What of Flux fights with restarting workloads directly. Where none of them carries labels of Flux nothing is asked; where the objects of
 * Flux may not be listed nothing can be told.
 */
export async function findFights(
  workloads: readonly Workload[],
  { kinds }: Policy,
  flux: FluxReading,
): Promise<FoughtWorkload[]> {
  const labelled = workloads.filter(({ marks }) => marks && isLabelled(marks));
  if (labelled.length === 0) return [];
  const owners = await flux.owners();
  if (listed(owners.kustomizations).length + listed(owners.helmReleases).length === 0) return [];
  const overrides = await flux.overrides();
  return labelled.flatMap((workload) => {
    const { ref, marks, stampOwners = [] } = workload;
    const { group, kind, template } = kindOf(ref, kinds);
    const id = { group, kind, namespace: ref.namespace, name: ref.name };
    return fightsWith({ id, marks, template, stampOwners }, owners, overrides).map((fight) => ({ workload, fight }));
  });
}

/** The same of what is restarted directly now, as something to look at. */
export async function fightIssues(
  actions: readonly Action[],
  surveyed: readonly Surveyed[],
  policy: Policy,
  flux: FluxReading,
): Promise<Issue[]> {
  const direct = new Set(actions.filter(({ mode }) => mode === "direct").map(({ workload }) => formatRef(workload)));
  const workloads = surveyed.map(({ workload }) => workload).filter(({ ref }) => direct.has(formatRef(ref)));
  const found = await findFights(workloads, policy, flux);
  return found.map(({ workload, fight: { code, message } }) => ({
    code: `flux-${code}`,
    path: formatRef(workload.ref),
    message,
  }));
}
