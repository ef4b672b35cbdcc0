import { concernsReroll } from "../model/annotations.ts";
import { PortError } from "../model/errors.ts";
import { type Resource, resources, sourceResources, type WorkloadKind } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import { type Blindness, type Observation, sees, type View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef, type SourceKind, sourceKinds, type WorkloadRef } from "../model/ref.ts";
import { type SourceHeader, sourceHeader } from "../model/source.ts";
import type { Workload, WorkloadHeader } from "../model/workload.ts";
import type { Cluster, ListOptions } from "../ports.ts";
import { readBorrowed } from "./borrowed.ts";
import { type ClassStatus, readClassStatus, withMounted } from "./mounted-class.ts";
import { readNamespaces } from "./namespaces.ts";
import { workloadHeader } from "./outline.ts";
import { readList, resolveScope, type Scope } from "./scope.ts";
import { createSharing, type Sharing } from "./sharing.ts";
import { sourceOptions } from "./source-options.ts";
import { readWorkload } from "./workload.ts";

const { secretProviderClassPodStatus: classStatuses } = resources;

/** Lists that run at the same time. */
const width = 4;

/** Everything that lists tell of metadata alone. */
export interface Glance extends View {
  readonly headers: readonly SourceHeader[];
  readonly workloads: readonly WorkloadHeader[];
  /** For whatever more is read in the same run. */
  readonly sharing: Sharing;
}

type ReadItem<Kept> = (item: KubeObject, row: WorkloadKind, sharing: Sharing, issues: Issue[]) => readonly Kept[];

/**
 * Lists the metadata of sources, then those of workloads: in that order, so that what is recorded of a source is never newer than the pods
 * that started with it; then reads what the annotations of their namespaces say. A kind or namespace that cannot be listed is reported as
 * blindness; the others go on. Fails only where the namespaces themselves cannot be resolved.
 */
export async function glance(cluster: Cluster, policy: Policy): Promise<Glance> {
  return listAll(cluster, policy, true, (item, row, sharing) => [workloadHeader(item, row, policy, sharing)]);
}

/** The same with every workload read whole, whatever the state remembers: for questions about what is there. */
export async function observe(cluster: Cluster, policy: Policy): Promise<Observation> {
  const listed = await listAll(cluster, policy, false, (item, row, sharing, issues) =>
    keepWorkload(item, row, policy, sharing, issues),
  );
  const all = await readBorrowed(cluster, listed.workloads, listed.sharing);
  const failed = listed.workloads.flatMap(({ ref }, index): Issue[] => {
    const error = all[index];
    return error instanceof PortError
      ? [{ code: "unreadable-workload", path: formatRef(ref), message: error.message }]
      : [];
  });
  const workloads = all.flatMap((each) => (each instanceof PortError ? [] : [each]));
  return { ...listed, workloads, issues: [...listed.issues, ...failed] };
}

async function listAll<Kept extends { readonly ref: WorkloadRef }>(
  cluster: Cluster,
  policy: Policy,
  metadataOnly: boolean,
  keep: ReadItem<Kept>,
): Promise<View & Pick<Glance, "headers" | "sharing"> & { readonly workloads: readonly Kept[] }> {
  const scope = await resolveScope(cluster, policy.namespaces);
  const missed: Missed = { blind: [], absent: new Set() };
  const issues: Issue[] = [];
  const sharing = createSharing();
  const concerns = (key: string) => concernsReroll(key, policy.annotationKeys);
  const kinds = sourceKinds.filter((kind) => !policy.ignoreSources.includes(kind));
  const headers = await listEach(
    cluster,
    kinds.map((kind) => sourceResources[kind]),
    scope,
    missed,
    (resource) => ({
      options: { ...sourceOptions(resource.kind as SourceKind, policy.selector), metadataOnly: true },
      keep: (item): SourceHeader[] => [sourceHeader(resource.kind as SourceKind, item, concerns, sharing.text)],
    }),
  );
  const statuses = await listEach(
    cluster,
    headers.some(({ ref }) => ref.kind === "SecretProviderClass") ? [classStatuses] : [],
    scope,
    missed,
    () => ({
      options: {},
      keep: (item): ClassStatus[] => {
        const status = readClassStatus(item, sharing);
        return status ? [status] : [];
      },
    }),
  );
  const seesStatuses = (namespace: string) =>
    sees(
      { covers: scope.covers, blind: missed.blind, absent: [...missed.absent], wanted: [classStatuses.kind] },
      classStatuses.kind,
      namespace,
    );
  const rows = policy.kinds.filter(({ name }) => !policy.ignoreWorkloads.includes(name));
  const workloads = await listEach(cluster, rows, scope, missed, (row) => ({
    options: { metadataOnly },
    keep: (item) => keep(item, row, sharing, issues),
  }));
  const namespaces = await readNamespaces(cluster, policy, scope);
  return {
    headers: withMounted(headers, statuses, seesStatuses).filter(({ ref }) => scope.covers(ref.namespace)),
    workloads: workloads.filter(({ ref }) => scope.covers(ref.namespace)),
    sharing,
    blind: [...missed.blind, ...namespaces.blind],
    absent: [...missed.absent],
    wanted: [...kinds, ...rows.map(({ name }) => name)],
    issues: [...new Map(issues.map((issue) => [issue.path, issue])).values(), ...namespaces.issues],
    covers: scope.covers,
    policyOf: namespaces.policyOf,
  };
}

/** What could not be listed. */
interface Missed {
  readonly blind: Blindness[];
  readonly absent: Set<string>;
}

interface Listing<Kept> {
  readonly options: ListOptions;
  readonly keep: (item: KubeObject) => readonly Kept[];
}

async function listEach<Row extends Resource & { readonly name?: string }, Kept>(
  cluster: Cluster,
  rows: readonly Row[],
  scope: Scope,
  { blind, absent }: Missed,
  listing: (row: Row) => Listing<Kept>,
): Promise<Kept[]> {
  const lists = rows.flatMap((row) => (scope.namespaces ?? [undefined]).map((namespace) => ({ row, namespace })));
  const found = await mapPool(lists, width, async ({ row, namespace }): Promise<Kept[]> => {
    const { options, keep } = listing(row);
    const where = namespace === undefined ? {} : { namespace };
    const { name = row.kind } = row;
    if (absent.has(name)) return [];
    try {
      return await readList(cluster, row, { ...options, ...where }, keep);
    } catch (error) {
      if (!(error instanceof PortError) || error.code === "aborted") throw error;
      if (row.optional && (await isUnserved(cluster, row, error))) absent.add(name);
      else blind.push({ kind: name, ...where, error });
      return [];
    }
  });
  return found.flat();
}

/**
 * A list of anything that is served has an answer, be it empty: a 404 is about the resource, whatever the text of the answer. What is
 * forbidden may not be there either: rights are asked for first (apiserver, DefaultBuildHandlerChain).
 */
async function isUnserved(cluster: Cluster, resource: Resource, { status, code }: PortError): Promise<boolean> {
  if (status === 404) return true;
  if (code !== "forbidden") return false;
  try {
    return !(await cluster.serves(resource));
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    return false;
  }
}

/** A workload that cannot be read blinds us to it alone, not to its neighbours. */
function keepWorkload(
  item: KubeObject,
  row: WorkloadKind,
  policy: Policy,
  sharing: Sharing,
  issues: Issue[],
): Workload[] {
  try {
    return [readWorkload(item, row, policy, sharing)];
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const { namespace = "", name = "?" } = item.metadata ?? {};
    issues.push({ code: "unreadable-workload", path: `${row.name}/${namespace}/${name}`, message: error.message });
    return [];
  }
}
