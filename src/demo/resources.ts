import { fluxResources } from "../model/flux-resources.ts";
import { type Resource, resources, sourceResources, workloadKinds } from "../model/kinds.ts";

/** A resource the embedded API serves: a new row is a new resource. */
export interface ResourceRow extends Resource {
  readonly namespaced: boolean;
  /** Top-level fields besides kind, apiVersion and metadata; others are dropped, as typed decoding does. */
  readonly fields: readonly string[];
  /** Paths a field selector may name besides metadata.name and metadata.namespace. */
  readonly selectable: Readonly<Record<string, readonly string[]>>;
  /** Has a status subresource: a write to the object itself leaves `status` alone. */
  readonly status: boolean;
  /** What raises `metadata.generation`; a Deployment's annotations do too (`registry/apps/deployment/strategy.go`). */
  readonly generation: readonly ("spec" | "annotations")[];
  /** PUT without resourceVersion is taken. */
  readonly unconditional: boolean;
  /** PUT of an absent object makes it. */
  readonly createOnUpdate: boolean;
  /** What it controls stays when it is deleted, unless the request says otherwise (`registry/batch/job/strategy.go`). */
  readonly orphans: boolean;
}

function row(resource: Resource, more: Partial<ResourceRow> = {}): ResourceRow {
  return {
    ...resource,
    namespaced: true,
    fields: ["spec", "status"],
    selectable: {},
    status: false,
    generation: [],
    unconditional: true,
    createOnUpdate: false,
    orphans: false,
    ...more,
  };
}

export const resourceRows: readonly ResourceRow[] = [
  row(resources.namespace, { namespaced: false, status: true, selectable: { "status.phase": ["status", "phase"] } }),
  row(sourceResources.ConfigMap, { fields: ["data", "binaryData", "immutable"] }),
  row(sourceResources.Secret, { fields: ["data", "stringData", "type", "immutable"], selectable: { type: ["type"] } }),
  row(sourceResources.SecretProviderClass, { generation: ["spec"] }),
  row(resources.secretProviderClassPodStatus, { fields: ["status"], generation: [] }),
  row(resources.pod, {
    status: true,
    generation: ["spec"],
    selectable: {
      "spec.nodeName": ["spec", "nodeName"],
      "spec.restartPolicy": ["spec", "restartPolicy"],
      "status.phase": ["status", "phase"],
    },
  }),
  ...workloadKinds.map((kind) =>
    row(kind, { status: true, generation: kind.kind === "Deployment" ? ["spec", "annotations"] : ["spec"] }),
  ),
  row(resources.job, {
    status: true,
    generation: ["spec"],
    selectable: { "status.successful": ["status", "succeeded"] },
    orphans: true,
  }),
  row(resources.cronJob, { status: true, generation: ["spec"] }),
  row(resources.replicationController, { status: true, generation: ["spec"] }),
  row(resources.replicaSet, { status: true, generation: ["spec"] }),
  row(resources.controllerRevision, { fields: ["data", "revision"] }),
  ...Object.values(fluxResources).map((resource) => row(resource, { status: true, generation: ["spec"] })),
  row(resources.lease, { fields: ["spec"], unconditional: false, createOnUpdate: true }),
];

/** `v1` or `apps/v1`. */
export function apiVersion({ group, version }: Pick<Resource, "group" | "version">): string {
  return group ? `${group}/${version}` : version;
}

/** The row of a resource of the API. */
export function findResource(group: string, version: string, plural: string): ResourceRow | undefined {
  return resourceRows.find((known) => known.group === group && known.version === version && known.plural === plural);
}

/** The row of a kind; throws where the embedded API does not serve it. */
export function resourceOf(kind: string): ResourceRow {
  const found = resourceRows.find((known) => known.kind === kind);
  if (!found) throw new Error(`the embedded API does not serve ${kind}: add a row to src/demo/resources.ts`);
  return found;
}
