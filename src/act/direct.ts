import { stampAnnotation } from "../model/annotations.ts";
import { isAccessError, PortError } from "../model/errors.ts";
import type { WorkloadKind } from "../model/kinds.ts";
import type { KubeObject, PatchOperation } from "../model/object.ts";
import type { Action, PendingReason } from "../model/plan.ts";
import { formatRef } from "../model/ref.ts";
import { liveStamp } from "../model/strategies.ts";
import type { Cluster } from "../ports.ts";
import { restartPatch } from "./patch.ts";

/** What became of one action. */
export type Act =
  | {
      readonly is: "patched";
      readonly object: KubeObject;
      /** As it was before its pods were touched, where `object` no longer shows that. */
      readonly before?: KubeObject;
      /** What there is to say where nothing is watched. */
      readonly said?: { readonly reason: string; readonly message: string };
    }
  | { readonly is: "superseded"; readonly message: string }
  | { readonly is: "failed"; readonly message: string; readonly error: PortError }
  /** Not now: something stood in the way that only showed when everything was looked at once more. */
  | { readonly is: "held"; readonly reason: PendingReason; readonly message: string };

/** Patches refused for a conflict inside the server are sent again this often, after a fresh look. */
const tries = 3;

/** What a fresh look at the object says about a patch that got no plain yes. `object` absent: it is gone. */
export type Judge = (object: KubeObject | undefined, error: PortError) => Act;

/** Writes the stamp, and whatever else restarts the workload. */
export function restart(cluster: Cluster, action: Action, kind: WorkloadKind, now: string): Promise<Act> {
  const judge: Judge = (object, error) => judgeRefusal(action, kind, object, error);
  return patchUnderGuard(cluster, action, kind, restartPatch(action, kind, now), judge);
}

/**
 * Sends a guarded patch once; whatever is not a plain yes is settled by reading the object again, never by the text of the answer: what was
 * to be written is there, so it was applied; something it was guarded by moved, so the next run decides afresh; nothing moved, so it failed.
 */
export async function patchUnderGuard(
  cluster: Cluster,
  { workload: { namespace, name }, workload }: Pick<Action, "workload">,
  kind: WorkloadKind,
  operations: readonly PatchOperation[],
  judge: Judge,
): Promise<Act> {
  for (let attempt = 1; ; attempt++) {
    try {
      return { is: "patched", object: await cluster.patch(kind, namespace, name, operations) };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      if (isRefusal(error)) return failed(error);
      const act = await lookAgain(error);
      if (act.is !== "failed" || error.code !== "conflict" || attempt === tries) return act;
    }
  }

  async function lookAgain(error: PortError): Promise<Act> {
    try {
      return judge(await cluster.get(kind, namespace, name), error);
    } catch (again) {
      if (!(again instanceof PortError)) throw again;
      const message = `the answer to the patch of ${formatRef(workload)} was lost (${error.message}); the next run looks again`;
      return { is: "superseded", message };
    }
  }
}

/** A right is missing: nothing was done, and asking again says nothing new. */
export function isRefusal(error: PortError): boolean {
  return isAccessError(error);
}

/** Nothing moved, and still it was not done. */
export function failed(error: PortError): Act {
  return { is: "failed", message: error.message, error };
}

/** What it was decided on is not what is there any more; `undefined`: it is. */
export function moved(
  { guard }: Pick<Action, "guard">,
  kind: WorkloadKind,
  object: KubeObject | undefined,
): Extract<Act, { is: "superseded" }> | undefined {
  if (!object) return { is: "superseded", message: "the workload was deleted meanwhile" };
  if (object.metadata.uid !== guard.uid) return { is: "superseded", message: "the workload was replaced meanwhile" };
  const stamp = liveStamp(kind, object, stampAnnotation);
  return object.metadata.generation !== guard.generation || stamp !== guard.stamps.direct
    ? { is: "superseded", message: "the workload was changed meanwhile; the next run decides afresh" }
    : undefined;
}

function judgeRefusal(action: Action, kind: WorkloadKind, object: KubeObject | undefined, error: PortError): Act {
  const ours = object?.metadata.uid === action.guard.uid && liveStamp(kind, object, stampAnnotation) === action.stamp;
  if (object && ours) return { is: "patched", object };
  return moved(action, kind, object) ?? failed(error);
}
