import type { FluxFacts } from "../model/flux.ts";
import type { PatchOperation } from "../model/object.ts";
import { notReady } from "./conditions.ts";
import type { LiveGitRepository, LiveHelmRelease, LiveKustomization } from "./live.ts";
import { escapeStep } from "./stamp-pointers.ts";

/** Read by every controller of Flux: a new value asks it to reconcile now (fluxcd/pkg apis/meta, ReconcileRequestAnnotation). */
const requestedAt = "reconcile.fluxcd.io/requestedAt";
const annotations = "/metadata/annotations";

/**
 * Asks the controller of an object to reconcile it now, and only the object that was read. `now` is in milliseconds since the epoch; a
 * request counts only where its value is another than the last that was handled. `also` are annotations that are written with it.
 */
export function reconcilePatch(
  owner: Live,
  now: number,
  also: Readonly<Record<string, string>> = {},
): PatchOperation[] {
  const [first, second] = [now, now + 1].map((instant) => new Date(instant).toISOString());
  const value = (first === owner.lastHandledReconcileAt ? second : first) ?? "";
  return annotationsPatch(owner, { ...also, [requestedAt]: value });
}

/** Writes annotations of the object that was read, and of no other of its name. */
export function annotationsPatch({ uid, annotated }: Live, values: Readonly<Record<string, string>>): PatchOperation[] {
  const guard: PatchOperation = { op: "test", path: "/metadata/uid", value: uid };
  if (!annotated) {
    return [
      guard,
      { op: "test", path: annotations, value: null },
      { op: "add", path: annotations, value: { ...values } },
    ];
  }
  const writes = Object.entries(values).map(
    ([key, value]): PatchOperation => ({ op: "add", path: `${annotations}/${escapeStep(key)}`, value }),
  );
  return [guard, ...writes];
}

type Live = LiveGitRepository | LiveKustomization | LiveHelmRelease;

/** Whether a request of somebody is still to be handled. */
export function isAsked({ annotations: own, lastHandledReconcileAt }: FluxFacts): boolean {
  return own[requestedAt] !== undefined && own[requestedAt] !== lastHandledReconcileAt;
}

/**
 * Whether a Kustomization has to be asked besides its source. A new revision is enough for one that is ready or has not seen it
 * (kustomize-controller, requestsForRevisionChangeOf); one that failed waits for its retryInterval, which may be long, and one that waits
 * for others comes back every 30 seconds by itself.
 */
export function needsAsking(kustomization: LiveKustomization): boolean {
  if (kustomization.suspended || isAsked(kustomization)) return false;
  const unready = notReady(kustomization);
  return unready !== undefined && unready.reason !== "DependencyNotReady";
}
