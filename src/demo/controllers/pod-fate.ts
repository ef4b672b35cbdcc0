import { dig, objects } from "../../model/object.ts";
import { type Fields, fields, type Stored, timestamp } from "../object.ts";
import type { Findings } from "./pod-sources.ts";

/** What becomes of one container. */
type Fate =
  | "runs"
  | "completes"
  | "crashes"
  | "waits for init"
  | "waits for volumes"
  | "lacks an image"
  | "lacks a source";

/**
 * `status` of a pod whose containers have been started, or could not be. Crash-looping is asked for by the annotation `lab/broken: "true"`,
 * the label `lab/crash: "true"`, the annotation `lab/crash-when: KEY[=TEXT]`, or by a used source whose key `crash` says `true`.
 */
export function podStatus(pod: Stored, findings: Findings, restarts: number, now: number): Fields {
  const { initContainers, containers } = fields(pod, "spec");
  const crash = crashes(pod, findings);
  const init = objects(initContainers).map(
    (container) => [container, fateOf(container, findings, "completes")] as const,
  );
  const blocked = init.some(([, fate]) => fate !== "completes");
  const main = objects(containers).map((container): readonly [Fields, Fate] => {
    if (blocked) return [container, "waits for init"];
    return [container, fateOf(container, findings, crash ? "crashes" : "runs")];
  });
  const started = main.every(([, fate]) => fate === "runs" || fate === "crashes");
  const ready = main.every(([, fate]) => fate === "runs");
  const condition = (type: string, holds: boolean, reason?: string, message?: string): Fields => {
    const status = holds ? "True" : "False";
    const before = objects(dig(pod, "status", "conditions")).find(
      (each) => each.type === type && each.status === status,
    );
    const lastTransitionTime = before?.lastTransitionTime ?? timestamp(now);
    return { type, status, lastProbeTime: null, lastTransitionTime, ...(holds || !reason ? {} : { reason, message }) };
  };
  const unready = `containers with unready status: [${names(main.filter(([, fate]) => fate !== "runs"))}]`;
  const incomplete = `containers with incomplete status: [${names(init.filter(([, fate]) => fate !== "completes"))}]`;
  const status = (list: typeof main) =>
    list.map(([container, fate]) => containerStatus(pod, container, fate, findings, restarts, now));
  return {
    phase: started ? "Running" : "Pending",
    qosClass: "BestEffort",
    startTime: dig(pod, "status", "startTime") ?? timestamp(now),
    conditions: [
      condition("PodReadyToStartContainers", !findings.unmountable),
      condition("Initialized", !blocked, "ContainersNotInitialized", incomplete),
      condition("Ready", ready, "ContainersNotReady", unready),
      condition("ContainersReady", ready, "ContainersNotReady", unready),
      condition("PodScheduled", true),
    ],
    ...(init.length > 0 ? { initContainerStatuses: status(init) } : {}),
    containerStatuses: status(main),
  };
}

function names(list: readonly (readonly [Fields, Fate])[]): string {
  return list.map(([{ name }]) => String(name)).join(" ");
}

function crashes(pod: Stored, { view }: Findings): boolean {
  const { labels = {}, annotations = {} } = pod.metadata;
  const [key = "", part = ""] = (annotations["lab/crash-when"] ?? "").split(/=(.*)/s);
  const when = key !== "" && annotations[key]?.includes(part) === true;
  const data = [...view.values()].some((content) => content.crash === "true");
  return labels["lab/crash"] === "true" || annotations["lab/broken"] === "true" || when || data;
}

function fateOf(container: Fields, { faults, unmountable }: Findings, otherwise: Fate): Fate {
  if (unmountable) return "waits for volumes";
  if (String(container.image).startsWith("lab/absent:")) return "lacks an image";
  return faults.has(String(container.name)) ? "lacks a source" : otherwise;
}

function containerStatus(
  pod: Stored,
  container: Fields,
  fate: Fate,
  { faults }: Findings,
  restarts: number,
  now: number,
): Fields {
  const { name, namespace, uid } = pod.metadata;
  const image = String(container.image ?? "");
  const at = timestamp(now);
  const waiting = (reason: string, message?: string) => ({
    state: { waiting: { reason, ...(message ? { message } : {}) } },
  });
  const started = fate === "runs";
  const own: Record<Fate, Fields> = {
    runs: { state: { running: { startedAt: at } } },
    completes: { state: { terminated: { exitCode: 0, reason: "Completed", startedAt: at, finishedAt: at } } },
    crashes: {
      ...waiting(
        "CrashLoopBackOff",
        `back-off 2m40s restarting failed container=${String(container.name)} pod=${name}_${namespace}(${uid})`,
      ),
      lastState: { terminated: { exitCode: 1, reason: "Error", startedAt: at, finishedAt: at } },
    },
    "waits for init": waiting("PodInitializing"),
    "waits for volumes": waiting("ContainerCreating"),
    "lacks an image": waiting(
      "ErrImagePull",
      `failed to pull and unpack image "${image}": failed to resolve reference: not found`,
    ),
    "lacks a source": waiting("CreateContainerConfigError", faults.get(String(container.name))),
  };
  return {
    name: container.name,
    image,
    imageID: started ? `lab/${image}` : "",
    ready: started || fate === "completes",
    started,
    restartCount: fate === "crashes" ? Math.max(restarts, 5) : restarts,
    lastState: {},
    ...own[fate],
  };
}
