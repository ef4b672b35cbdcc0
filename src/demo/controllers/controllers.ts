import type { Stored } from "../object.ts";
import { resourceOf, resourceRows } from "../resources.ts";
import { Refusal } from "../status.ts";
import type { Change, Store } from "../store.ts";
import type { Writes } from "../write.ts";
import { type Access, removeObject } from "./access.ts";
import { reconcileCronJob } from "./cronjob.ts";
import { reconcileDaemonSet } from "./daemonset.ts";
import { reconcileDeployment } from "./deployment.ts";
import { reconcileJob } from "./job.ts";
import { Kubelet, type PodView, startDelay } from "./kubelet.ts";
import { controllerOf, Owned } from "./owned.ts";
import { reconcileReplicaSet } from "./replicaset.ts";
import { RolloutCounter } from "./rollout-counter.ts";
import { reconcileStatefulSet } from "./statefulset.ts";

/** Takes an object one step towards its spec: a new row is a new controller. */
const reconcilers: Readonly<Record<string, (access: Access, object: Stored) => void>> = {
  Deployment: reconcileDeployment,
  ReplicaSet: reconcileReplicaSet,
  StatefulSet: reconcileStatefulSet,
  DaemonSet: reconcileDaemonSet,
  Job: reconcileJob,
  CronJob: reconcileCronJob,
};

export interface ControllerOptions {
  readonly store: Store;
  readonly writes: Writes;
  readonly now: () => number;
  readonly nodes: number;
  /** Milliseconds until a controller notices a write, and again until a pod has started. 0: both at once, within the write. */
  readonly rolloutDelay: number;
}

/** kube-controller-manager, kube-scheduler and the kubelets in one: event driven, and silent once everything is as asked for. */
export class Controllers {
  readonly #access: Access;
  readonly #kubelet: Kubelet;
  readonly #owned = new Owned();
  readonly #counter = new RolloutCounter();
  readonly #delay: number;
  /** What is to be looked at: object by uid. */
  readonly #queue = new Map<string, { readonly kind: string; readonly namespace: string; readonly name: string }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #reminders = new Map<string, NodeJS.Timeout>();
  #working = false;
  #waiters: (() => void)[] = [];

  constructor({ store, writes, now, nodes, rolloutDelay }: ControllerOptions) {
    this.#access = {
      store,
      writes,
      now,
      owned: this.#owned,
      nodes: Array.from({ length: nodes }, (_, index) => `node-${index + 1}`),
      again: (object, ms) => this.#remind(object, ms),
    };
    this.#kubelet = new Kubelet(this.#access);
    this.#delay = rolloutDelay;
    store.watch((change) => this.#note(change));
  }

  /** The sources the pod with this uid started with; `undefined` until it has. */
  podView(uid: string): PodView | undefined {
    return this.#kubelet.view(uid);
  }

  /** How often the template of `Kind/namespace/name` changed since it was created. */
  rollouts(workload: string): number {
    return this.#counter.of(workload);
  }

  /** Looks at every workload once more: for tests that moved the clock. */
  wake(): void {
    for (const resource of resourceRows) {
      if (Object.hasOwn(reconcilers, resource.kind))
        for (const object of this.#access.store.all(resource)) this.#enqueue(object);
    }
    this.#work();
  }

  /** Resolves when nothing is left to do; what waits for time to pass or for a source to appear is not waited for. */
  settle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Stops every timer. */
  close(): void {
    for (const timer of [...this.#timers, ...this.#reminders.values()]) clearTimeout(timer);
    this.#timers.clear();
    this.#reminders.clear();
    this.#queue.clear();
    this.#rest();
  }

  #note(change: Change): void {
    const { resource, before, after } = change;
    const object = after ?? before;
    if (!object) return;
    this.#owned.note(change);
    this.#counter.note(change);
    if (resource.kind === "ConfigMap" || resource.kind === "Secret") {
      for (const pod of this.#kubelet.waitingFor(change)) this.#startLater(pod);
    } else if (resource.kind === "Pod" && !before) this.#startLater(object);
    else if (resource.kind === "Pod" && !after) this.#kubelet.forget(object);
    if (!after) this.#collect(object);
    else if (Object.hasOwn(reconcilers, resource.kind)) this.#enqueue(object);
    const owner = ownerOf(this.#access, object);
    if (owner) this.#enqueue(owner);
    if (this.#queue.size > 0) this.#workSoon();
  }

  /** Deletes what an object that is gone controlled, and what was in it when it was a namespace. */
  #collect(gone: Stored): void {
    for (const object of this.#owned.all(gone.metadata.uid)) removeObject(this.#access, object);
    if (gone.kind !== "Namespace") return;
    for (const resource of resourceRows) {
      for (const object of this.#access.store.all(resource))
        if (object.metadata.namespace === gone.metadata.name) removeObject(this.#access, object);
    }
  }

  #enqueue({ kind, metadata: { uid, name, namespace = "" } }: Stored): void {
    this.#queue.set(uid, { kind, namespace, name });
  }

  #workSoon(): void {
    if (this.#working) return;
    if (this.#delay === 0) this.#work();
    else this.#later(this.#delay, () => this.#work());
  }

  #work(): void {
    if (this.#working) return;
    this.#working = true;
    try {
      for (const [uid, { kind, namespace, name }] of this.#queue) {
        this.#queue.delete(uid);
        const object = this.#access.store.get(resourceOf(kind), namespace, name);
        if (object?.metadata.uid !== uid) continue;
        this.#reconcile(object);
      }
    } finally {
      this.#working = false;
    }
    this.#rest();
  }

  /** What the API refuses a controller is that controller's trouble, never that of the client whose write it reacts to. */
  #reconcile(object: Stored): void {
    try {
      if (object.kind === "Pod") this.#kubelet.start(object);
      else reconcilers[object.kind]?.(this.#access, object);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  #startLater(pod: Stored): void {
    const delay = startDelay(pod, this.#delay);
    if (delay === 0) {
      this.#enqueue(pod);
      this.#workSoon();
    } else
      this.#later(delay, () => {
        this.#enqueue(pod);
        this.#work();
      });
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
      this.#rest();
    }, ms);
    this.#timers.add(timer);
  }

  #remind(object: Stored, ms: number): void {
    const { uid } = object.metadata;
    clearTimeout(this.#reminders.get(uid));
    const timer = setTimeout(
      () => {
        this.#reminders.delete(uid);
        this.#enqueue(object);
        this.#work();
      },
      Math.min(ms, 2 ** 31 - 1),
    );
    this.#reminders.set(uid, timer.unref());
  }

  #isIdle(): boolean {
    return !this.#working && this.#queue.size === 0 && this.#timers.size === 0;
  }

  #rest(): void {
    if (!this.#isIdle()) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

function ownerOf({ store }: Access, object: Stored): Stored | undefined {
  const uid = controllerOf(object);
  const reference = object.metadata.ownerReferences?.find((owner) => owner.uid === uid);
  if (!reference || !Object.hasOwn(reconcilers, reference.kind)) return undefined;
  const owner = store.get(resourceOf(reference.kind), object.metadata.namespace, reference.name);
  return owner?.metadata.uid === uid ? owner : undefined;
}
