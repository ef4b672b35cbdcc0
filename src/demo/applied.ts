import type { DirectApi, Manifest } from "./direct.ts";
import { type Fields, fields, isFields, type Stored, same } from "./object.ts";

/** Whose object it becomes, as labels and annotations tell. */
export interface Marks {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Applies objects as server-side apply does for one manager: what it wanted before and does not want now goes, what others wrote stays. */
export function applier(api: DirectApi, manager: string): (object: Manifest, marks: Marks) => Stored {
  /** As each object was last applied. */
  const applied = new Map<string, Manifest>();
  return (object, { labels, annotations = {} }) => {
    const { kind, metadata } = object;
    const { namespace, name } = metadata;
    const marked: Fields = { labels: { ...fields(metadata.labels), ...labels } };
    const told = { ...fields(metadata.annotations), ...annotations };
    if (Object.keys(told).length > 0) marked.annotations = told;
    const wanted: Manifest = { ...object, metadata: { ...metadata, ...marked } };
    const key = `${kind}/${namespace}/${name}`;
    const before = applied.get(key);
    applied.set(key, wanted);
    const live = api.get(kind, namespace, name);
    if (!live) return api.put(wanted, manager);
    if (same(before, wanted)) return live;
    return api.patch(kind, namespace, name, difference(before ?? {}, wanted), manager);
  };
}

/** The JSON Merge Patch (RFC 7386) that takes out what was there before and is not there now, and puts in the rest. */
function difference(before: Fields, now: Fields): Fields {
  const gone = Object.keys(before).filter((key) => !(key in now));
  const nested = Object.entries(now).map(([key, value]) => {
    const old = before[key];
    return [key, isFields(value) ? difference(isFields(old) ? old : {}, value) : value] as const;
  });
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...Object.fromEntries(nested) };
}

/** How Flux lists what it applied: `blog_web_apps_Deployment` (fluxcd/pkg ssa, ObjMetadata). */
export function inventoryOf(objects: readonly Stored[]): Fields {
  const entries = objects.map(({ apiVersion, kind, metadata: { namespace = "", name } }) => {
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    return { id: [namespace, name, group, kind].join("_"), v: version };
  });
  return { entries };
}

/** The status that every controller of Flux leaves behind, with the condition Ready and what else there is to say. */
export function tell(api: DirectApi, { kind, metadata }: Stored, ready: Ready, status: Fields): void {
  const { name, namespace, generation, annotations = {} } = metadata;
  const conditions = [{ type: "Ready", status: ready.is ? "True" : "False", ...ready.told }];
  const lastHandledReconcileAt = annotations[requestedAt];
  const common = { conditions, lastHandledReconcileAt, observedGeneration: generation };
  api.patchStatus(kind, namespace, name, { ...common, ...status }, "flux");
}

/** Whether it went well, with reason and words. */
export interface Ready {
  readonly is: boolean;
  readonly told: { readonly reason: string; readonly message: string };
}

const requestedAt = "reconcile.fluxcd.io/requestedAt";

/** Whether somebody asked the controller of this object to look at it, and it has not yet. */
export function isAsked({ metadata, status }: Stored): boolean {
  const asked = metadata.annotations?.[requestedAt];
  return asked !== undefined && asked !== fields(status).lastHandledReconcileAt;
}
