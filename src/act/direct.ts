import { stampAnnotation } from "../model/annotations.ts";
import { PortError } from "../model/errors.ts";
import type { WorkloadKind } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import type { Action } from "../model/plan.ts";
import { formatRef } from "../model/ref.ts";
import { liveStamp } from "../model/strategies.ts";
import type { Cluster } from "../ports.ts";
import { restartPatch } from "./patch.ts";

/** What became of one patch. */
export type Act =
  | { readonly is: "patched"; readonly object: KubeObject }
  | { readonly is: "superseded"; readonly message: string }
  | { readonly is: "failed"; readonly message: string; readonly error: PortError };

/** Patches refused for a conflict inside the server are sent again this often, after a fresh look. */
const tries = 3;

/**
 * Writes the stamp. The patch is sent once; whatever is not a plain yes is settled by reading the object again, never by the text of the
 * answer: our stamp is there, so it was applied; something it was guarded by moved, so the next run decides afresh; nothing moved, so it failed.
 */
export async function restart(cluster: Cluster, action: Action, kind: WorkloadKind, now: string): Promise<Act> {
  for (let attempt = 1; ; attempt++) {
    try {
      const { namespace, name } = action.workload;
      return { is: "patched", object: await cluster.patch(kind, namespace, name, restartPatch(action, kind, now)) };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      const act = await settleRefusal(cluster, action, kind, error);
      if (act.is !== "failed" || error.code !== "conflict" || attempt === tries) return act;
    }
  }
}

async function settleRefusal(cluster: Cluster, action: Action, kind: WorkloadKind, error: PortError): Promise<Act> {
  if (error.code === "forbidden" || error.code === "unauthorized")
    return { is: "failed", message: error.message, error };
  const { namespace, name } = action.workload;
  try {
    const object = await cluster.get(kind, namespace, name);
    return judgeRefusal(action, kind, object, error);
  } catch (again) {
    if (!(again instanceof PortError)) throw again;
    const message = `the answer to the patch of ${formatRef(action.workload)} was lost (${error.message}); the next run looks again`;
    return { is: "superseded", message };
  }
}

function judgeRefusal(action: Action, kind: WorkloadKind, object: KubeObject | undefined, error: PortError): Act {
  if (!object) return { is: "superseded", message: "the workload was deleted meanwhile" };
  const { guard } = action;
  const stamp = liveStamp(kind, object, stampAnnotation);
  if (object.metadata.uid !== guard.uid) return { is: "superseded", message: "the workload was replaced meanwhile" };
  if (stamp === action.stamp) return { is: "patched", object };
  if (object.metadata.generation !== guard.generation || stamp !== guard.stamps.direct) {
    return { is: "superseded", message: "the workload was changed meanwhile; the next run decides afresh" };
  }
  return { is: "failed", message: error.message, error };
}
