import { dig, objects } from "../../model/object.ts";
import { localName } from "../../model/ref.ts";
import { fields, type Stored } from "../object.ts";
import type { Change } from "../store.ts";
import { type Access, kubelet, writeStatus } from "./access.ts";
import { podStatus } from "./pod-fate.ts";
import { findSources } from "./pod-sources.ts";
import { isReady } from "./pods.ts";

/** The sources a pod's containers last started with: plain text by `Kind/name` and key. */
export type PodView = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The simulated nodes: starts pods, and tries again with those that could not start once a source they ask for changes. */
export class Kubelet {
  readonly #access: Access;
  readonly #views = new Map<string, PodView>();
  /** Pods that have been looked at and are not ready, with the sources they ask for. */
  readonly #unready = new Map<string, { readonly pod: Stored; readonly asked: ReadonlySet<string> }>();

  constructor(access: Access) {
    this.#access = access;
  }

  view(uid: string): PodView | undefined {
    return this.#views.get(uid);
  }

  /** Starts the containers of a pod, with the sources as they are now. */
  start(pod: Stored): void {
    const findings = findSources(this.#access, pod);
    const before = objects(dig(pod, "status", "containerStatuses"))[0];
    const restarts = typeof before?.restartCount === "number" ? before.restartCount : 0;
    const crashing = restarts > 0 && dig(before, "state", "running") === undefined;
    const status = podStatus(pod, findings, crashing ? restarts + 1 : restarts, this.#access.now());
    if (status.phase === "Running") this.#views.set(pod.metadata.uid, findings.view);
    const after = writeStatus(this.#access, pod, { ...fields(pod, "status"), ...status }, { manager: kubelet });
    if (isReady(after)) this.#unready.delete(pod.metadata.uid);
    else this.#unready.set(pod.metadata.uid, { pod: after, asked: findings.asked });
  }

  /** Forgets a pod that is gone. */
  forget(pod: Stored): void {
    this.#views.delete(pod.metadata.uid);
    this.#unready.delete(pod.metadata.uid);
  }

  /** The pods that wait for the source that was written: their containers start again. */
  waitingFor({ before, after }: Change): Stored[] {
    const source = after ?? before;
    if (!source) return [];
    const { namespace, name } = source.metadata;
    const wanted = localName({ kind: source.kind, name });
    return [...this.#unready.values()]
      .filter(({ pod, asked }) => pod.metadata.namespace === namespace && asked.has(wanted))
      .map(({ pod }) => pod);
  }
}

/** How long the containers of a pod take to start, by its template; `otherwise` where that says nothing. Milliseconds. */
export function startDelay(pod: Stored, otherwise: number): number {
  const { annotations = {}, labels = {} } = pod.metadata;
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(annotations["lab/ready-after"] ?? "") ?? [];
  if (amount) return Number(amount) * (unit === "s" ? 1000 : 1);
  return labels["lab/slow"] === "true" ? 8000 : otherwise;
}
