import type { WorkloadKind } from "../model/kinds.ts";
import { dig, type KubeObject, number } from "../model/object.ts";
import type { Look } from "./facts.ts";
import { count, span } from "./fields.ts";
import { asBefore } from "./progress.ts";

const second = 1000;
const minute = 60 * second;
/** `math.MaxInt32`: the Deployment controller takes it for "no deadline" (`deploymentutil.HasProgressDeadline`). */
const noDeadline = 2 ** 31 - 1;

/** An int-or-percent of `of`, in whole pods. */
function share(value: unknown, of: number, round: (share: number) => number): number {
  if (typeof value === "string" && /^\d+%$/.test(value)) return round((Number.parseInt(value, 10) * of) / 100);
  return number(value) ?? 0;
}

function replicas(object: KubeObject): number {
  return number(dig(object, "spec", "replicas")) ?? 1;
}

/** How many batches one after the other it takes at worst. */
function batches(pods: number, atOnce: number): number {
  return Math.max(1, Math.ceil(pods / Math.max(1, atOnce)));
}

const defaults: Readonly<Record<string, (object: KubeObject, minReady: number) => number>> = {
  Deployment: (object, minReady) => {
    const pods = replicas(object);
    const rolling = (field: string) => dig(object, "spec", "strategy", "rollingUpdate", field);
    const atOnce = share(rolling("maxSurge"), pods, Math.ceil) + share(rolling("maxUnavailable"), pods, Math.floor);
    const progress = count(object, "spec", "progressDeadlineSeconds");
    const own = progress < noDeadline ? progress * second + 30 * second : 0;
    const waits = rolling("maxSurge") === undefined ? 1 : batches(pods, atOnce);
    return Math.max(own, 10 * minute) + waits * minReady;
  },
  StatefulSet: (object, minReady) => {
    const rolling = (field: string) => dig(object, "spec", "updateStrategy", "rollingUpdate", field);
    const pods = replicas(object) - (number(rolling("partition")) ?? 0);
    return batches(pods, share(rolling("maxUnavailable"), pods, Math.floor)) * (5 * minute + minReady);
  },
  DaemonSet: (object, minReady) => {
    const rolling = (field: string) => dig(object, "spec", "updateStrategy", "rollingUpdate", field);
    const nodes = count(object, "status", "desiredNumberScheduled");
    const atOnce = share(rolling("maxUnavailable"), nodes, Math.ceil) + share(rolling("maxSurge"), nodes, Math.ceil);
    return Math.min(batches(nodes, atOnce) * (3 * minute + minReady), 60 * minute);
  },
  // Steps and analyses may take what they like; a canary that waits for a person says so itself.
  Rollout: () => 60 * minute,
  DeploymentConfig: (object, minReady) => {
    const rolling = number(dig(object, "spec", "strategy", "rollingParams", "timeoutSeconds"));
    const own = rolling ?? number(dig(object, "spec", "strategy", "recreateParams", "timeoutSeconds")) ?? 600;
    return Math.max(own * second + 30 * second, 10 * minute) + minReady;
  },
};

/**
 * How long a rollout may take, milliseconds from the patch: what is configured, otherwise by kind and size. Deployment: its own
 * progress deadline and 30 s more, at least 10 min; StatefulSet: 5 min, DaemonSet: 3 min for each batch of `maxUnavailable` pods,
 * a DaemonSet at most an hour; an Argo Rollout an hour, a DeploymentConfig its strategy's own timeout, anything else 10 min. minReadySeconds are added for each batch, because they are waiting and not slowness.
 */
export function rolloutDeadline(kind: WorkloadKind, object: KubeObject, configured: number | undefined): number {
  const minReady = count(object, "spec", "minReadySeconds") * second;
  return configured ?? defaults[kind.name]?.(object, minReady) ?? 10 * minute;
}

/**
 * What a rollout that is not done means once its own deadline is over: `Failed`, as for `kubectl rollout status`, unless the
 * workload is no worse than before the restart. Only the end of the run leaves it open.
 */
export function atDeadline(look: Look, deadline: number): Look {
  if (look.status !== "InProgress" || look.reason === "Suspended") return look;
  if (look.excusable) return { ...look, ...asBefore(look.message), needsPods: false };
  const message = `${look.message} after ${span(deadline)}`;
  return { ...look, status: "Failed", reason: "DeadlineExceeded", message, needsPods: false };
}
