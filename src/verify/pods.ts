import { dig, type KubeObject, objects, text } from "../model/object.ts";
import { compareText } from "../model/ref.ts";
import { wasDown } from "./baseline.ts";
import type { LiveFacts, Trail } from "./facts.ts";
import { clip, count } from "./fields.ts";
import { isDisrupted, isReadySince, place } from "./pod.ts";
import { splitPods } from "./revision.ts";
import { readContainer, signals } from "./signals.ts";

/** From then on a ready pod counts as having been available even if it falls over later. A crashing one without probes is ready for seconds. */
const lasting = 10_000;

/** Why the kubelet ends or refuses pods for reasons of the node: the next pod may do better. */
const nodeReasons: ReadonlySet<string> = new Set([
  ...["Evicted", "Preempting", "NodeShutdown", "Shutdown", "Terminated", "NodeLost"],
  ...["NodeAffinity", "UnexpectedAdmissionError", "TopologyAffinityError", "OutOfcpu", "OutOfmemory", "OutOfpods"],
]);

/** A pod that will not come up. */
export interface Doom {
  readonly reason: string;
  readonly message: string;
}

/** What the pods of the new revision say. */
export interface PodSigns {
  /** The first by name that is confirmed. */
  readonly doom: Doom | undefined;
  /** What there is to tell: the doom, or a sign that is not confirmed yet. */
  readonly trouble: string | undefined;
  readonly anyAvailable: boolean;
  readonly suspects: Trail["suspects"];
  readonly everAvailable: boolean;
}

interface Sign extends Doom {
  readonly key: string;
  readonly confirm: number;
}

/**
 * Looks for pods of the new revision that will not come up. Pods where the workload was not ready before the restart are left
 * out, unless all of it was down; so are pods that are being deleted or taken off their node. Waiting to be scheduled is no sign.
 */
export function podSigns(facts: LiveFacts, trail: Trail): PodSigns {
  const { kind, object, now, baseline } = facts;
  const known = wasDown(baseline) ? [] : (baseline?.notReadyAt ?? []);
  const pods = splitPods(facts)
    .updated.filter((pod) => !isDisrupted(pod) && !known.includes(place(kind, pod) ?? ""))
    .sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  const signs = pods.map((pod) => ({ pod, signs: podSign(pod).concat(containerSigns(pod)) }));
  const all = signs.flatMap((each) => each.signs);
  const suspects = Object.fromEntries(all.map(({ key }) => [key, trail.suspects[key] ?? now]));
  const confirmed = ({ key, confirm }: Sign) => now - (suspects[key] ?? now) >= confirm;
  const minReady = count(object, "spec", "minReadySeconds") * 1000;
  const healthy = signs.filter((each) => !each.signs.some(confirmed)).map(({ pod }) => pod);
  const doom = all.find(confirmed);
  return {
    doom,
    trouble: (doom ?? all[0])?.message,
    anyAvailable: healthy.some((pod) => isReadySince(pod, minReady, now)),
    suspects,
    everAvailable: healthy.some((pod) => isReadySince(pod, Math.max(minReady, lasting), now)),
  };
}

/** A pod that failed as a whole. Its message is the kubelet's, but may quote the container: left out. */
function podSign(pod: KubeObject): Sign[] {
  const reason = text(dig(pod, "status", "reason")) ?? "";
  if (dig(pod, "status", "phase") !== "Failed" || nodeReasons.has(reason)) return [];
  const message = `pod ${pod.metadata.name} failed${reason ? `: ${reason}` : ""}`;
  return [{ key: `${pod.metadata.uid}//failed`, confirm: 0, reason: "PodFailed", message }];
}

/** Init containers and sidecars by the same rules as the others. */
function containerSigns(pod: KubeObject): Sign[] {
  if (dig(pod, "status", "phase") === "Failed") return [];
  const lists = ["initContainerStatuses", "containerStatuses"];
  const statuses = lists.flatMap((list) => objects(dig(pod, "status", list)));
  return statuses.flatMap((status) => {
    const container = readContainer(status);
    if (!container) return [];
    return signals.flatMap(({ id, confirm, find, tell }): Sign[] => {
      const reason = find(container);
      if (reason === undefined) return [];
      const code = container.ends.at(-1)?.exitCode;
      const why = tell ? container.waiting.message : code === undefined ? "" : `exit code ${code}`;
      const message = `pod ${pod.metadata.name}, container ${container.name}: ${reason}${why ? ` (${clip(why)})` : ""}`;
      return [{ key: `${pod.metadata.uid}/${container.name}/${id}`, confirm, reason, message }];
    });
  });
}
