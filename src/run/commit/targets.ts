import type { Flux, LiveOwned } from "../../flux/live.ts";
import { ownerOf } from "../../flux/owner.ts";
import type { GitTerms } from "../../flux/refuse-source.ts";
import { ownKey } from "../../model/annotations.ts";
import type { CommitTarget } from "../../model/commit.ts";
import { PortError } from "../../model/errors.ts";
import { kindOf } from "../../model/kinds.ts";
import { text } from "../../model/object.ts";
import type { Baseline } from "../../model/outcome.ts";
import { ownerMarks } from "../../model/owner-marks.ts";
import type { Action } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import { mapPool } from "../../model/pool.ts";
import { formatRef } from "../../model/ref.ts";
import type { Refusal } from "../../model/refusals.ts";
import { strategyRow } from "../../model/strategies.ts";
import type { Cluster } from "../../ports.ts";
import { takeBaseline } from "../../verify/baseline.ts";

/** An action whose place in a repository is to be looked for. */
export interface Sought {
  readonly action: Action;
  readonly target: CommitTarget & { readonly owned: LiveOwned };
  /** How it was before anything was committed for it. */
  readonly baseline: Baseline;
}

/** `unknown`: who owns it could not be looked at. */
export type Seeking =
  | { readonly is: "sought"; readonly sought: Sought }
  | { readonly is: "refused"; readonly action: Action; readonly refusal: Refusal }
  | { readonly is: "unknown"; readonly action: Action; readonly error: PortError };

/** Reads every workload once more, for whom its labels name, and finds its owners. */
export function seekTargets(
  cluster: Cluster,
  policy: Policy,
  flux: Flux,
  actions: readonly Action[],
): Promise<Seeking[]> {
  return mapPool(actions, policy.concurrency, (action) => seekTarget(cluster, policy, flux, action));
}

async function seekTarget(cluster: Cluster, policy: Policy, flux: Flux, action: Action): Promise<Seeking> {
  const { workload, strategy } = action;
  const kind = kindOf(workload, policy.kinds);
  if (strategyRow(strategy).stamp !== "template") {
    const message = `${formatRef(workload)} is restarted by strategy ${strategy}, which no commit can ask for; choose another strategy, or mode: direct`;
    return { is: "refused", action, refusal: { code: "STRATEGY", message } };
  }
  try {
    const object = await cluster.get(kind, workload.namespace, workload.name);
    if (!object) throw new PortError("not-found", `${formatRef(workload)} was deleted meanwhile`);
    const valuesPath = text(object.metadata.annotations?.[ownKey("helmValuesPath")]);
    const { namespace, name } = workload;
    const id = { group: kind.group, kind: kind.kind, namespace, name };
    const asked = { id, marks: ownerMarks(object), template: kind.template, ...(valuesPath ? { valuesPath } : {}) };
    const owner = ownerOf(asked, flux, gitTerms(policy));
    if (owner.is === "refused") return { is: "refused", action, refusal: owner.refusal };
    if (owner.is === "unknown") return { is: "unknown", action, error: owner.error };
    const target = {
      workload,
      apiVersion: kind.group ? `${kind.group}/${kind.version}` : kind.version,
      kind: kind.kind,
      template: kind.template,
      stamp: action.stamp,
      owned: owner.owned,
      ...(valuesPath ? { valuesPath } : {}),
    };
    return { is: "sought", sought: { action, target, baseline: takeBaseline(kind, object) } };
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return { is: "unknown", action, error };
  }
}

function gitTerms({ git }: Policy): GitTerms {
  return { repositories: git.repositories, ownCredential: git.secret !== undefined };
}
