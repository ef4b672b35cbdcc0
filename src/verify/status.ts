import { observedGeneration } from "../model/kinds.ts";
import type { StatusWord } from "../model/outcome.ts";
import { liveStamp } from "../model/strategies.ts";
import { argoRolloutStatus } from "./argo-rollout.ts";
import { commonStatus, unknownHealth } from "./common.ts";
import { daemonSetStatus } from "./daemonset.ts";
import { deploymentStatus } from "./deployment.ts";
import { deploymentConfigStatus } from "./deployment-config.ts";
import type { Expected, LiveFacts, Look, Reading, RolloutFacts, Trail } from "./facts.ts";
import { jobStatus } from "./job.ts";
import { podSigns } from "./pods.ts";
import { asBefore, follow } from "./progress.ts";
import { statefulSetStatus } from "./statefulset.ts";

/** How long a rollout stands still before its pods are worth a request. Milliseconds. */
const standstill = 10_000;

/** How a kind says where its rollout is: a new kind is a row here and one in `model/kinds.ts`. */
const readings: Readonly<Record<string, (facts: LiveFacts) => Reading>> = {
  Deployment: deploymentStatus,
  StatefulSet: statefulSetStatus,
  DaemonSet: daemonSetStatus,
  Job: jobStatus,
  Rollout: argoRolloutStatus,
  DeploymentConfig: deploymentConfigStatus,
  kstatus: commonStatus,
  none: unknownHealth,
};

/**
 * Where the rollout of our stamp is, from one look at the workload and what earlier looks left (`trail`). Pure: the same facts give
 * the same verdict. Words are those of kstatus (`sigs.k8s.io/cli-utils/pkg/kstatus`), reasons are stable codes.
 */
export function rolloutStatus(facts: RolloutFacts): Look {
  const trail = facts.trail ?? {
    best: undefined,
    progressedAt: facts.startedAt,
    suspects: {},
    everAvailable: false,
  };
  const plain = (status: StatusWord, reason: string, message: string): Look => ({
    ...{ status, reason, message, trail },
    needsPods: false,
    excusable: false,
  });
  if (!facts.object) return plain("NotFound", "NotFound", "the workload is gone");
  const live = { ...facts, object: facts.object };
  const lost = foreign(live, facts.expected);
  if (lost) return plain(...lost);
  if (observedGeneration(live.object, facts.kind) < (live.object.metadata.generation ?? 0)) {
    return plain("InProgress", "NotObserved", "its controller has not taken notice yet");
  }
  const reading = readings[facts.kind.health ?? facts.kind.name]?.(live);
  if (!reading) return plain("Unknown", "UnknownKind", `nothing is known about rollouts of a ${facts.kind.name}`);
  return judge(live, reading, follow(trail, reading.counts, facts.now));
}

/** Why the rollout is no longer ours to judge. Somebody else's rollout is no failure of this one. */
function foreign({ kind, object }: LiveFacts, expected: Expected): [StatusWord, string, string] | undefined {
  if (object.metadata.uid !== expected.uid) {
    return ["Unknown", "Recreated", "the workload was deleted and created again"];
  }
  if (object.metadata.deletionTimestamp) return ["Terminating", "Terminating", "the workload is being deleted"];
  const stamp = liveStamp(kind, object, expected.stampAnnotation);
  if (stamp === expected.stamp) return undefined;
  const message =
    stamp === undefined ? "the stamp was removed from the pod template" : "the pod template has another stamp";
  return ["Unknown", "Superseded", message];
}

function judge(facts: LiveFacts, reading: Reading, trail: Trail): Look {
  const { status, reason, message, excusable } = reading;
  if (status === "Failed" && excusable) return { ...asBefore(message), excusable, trail, needsPods: false };
  const waiting = status === "InProgress" && reason !== "Suspended";
  if (!waiting) return { status, reason, message, excusable, trail, needsPods: false };
  const quiet = facts.now - trail.progressedAt >= standstill;
  const needsPods = quiet || reading.needsPods === true;
  if (!facts.pods) return { status, reason, message, excusable, trail, needsPods };
  const { doom, trouble, anyAvailable, suspects, everAvailable } = podSigns(facts, trail);
  const next = { ...trail, suspects, everAvailable: trail.everAvailable || everAvailable };
  const known = trouble ? `${message}; ${trouble}` : message;
  const look = { message: known, excusable, trail: next };
  // One bad pod among good ones is a matter of its node: only the deadline judges that.
  if (!doom || anyAvailable || next.everAvailable) return { ...look, status, reason, needsPods };
  if (excusable) return { ...look, ...asBefore(known), needsPods: false };
  return { ...look, status: "Failed", reason: doom.reason, needsPods: false };
}
