import { formatRight, isAccessError, PortError } from "../model/errors.ts";
import { type Resource, resources, type WorkloadKind } from "../model/kinds.ts";
import type { KubeObject } from "../model/object.ts";
import { formatRef, type WorkloadRef } from "../model/ref.ts";
import type { Ports } from "../ports.ts";

/** Pods are listed at most this often for one workload. Milliseconds. */
const pause = 5_000;

/** What says more than the workload itself; each part `undefined` where it could not be read. */
export interface Evidence {
  readonly pods?: readonly KubeObject[] | undefined;
  readonly revisions?: readonly KubeObject[] | undefined;
}

/** Reads pods and revisions, when it is time again. A right that is missing is said once and not asked for again. */
export type EvidenceReader = () => Promise<Evidence | undefined>;

/** Makes the reader of one workload's evidence. The selector is in the query form of the API. */
export function evidenceReader(
  { cluster, clock, journal }: Pick<Ports, "cluster" | "clock" | "journal">,
  workload: WorkloadRef,
  kind: WorkloadKind,
  labelSelector: string,
): EvidenceReader {
  const refused = new Set<Resource>();
  let next = Number.NEGATIVE_INFINITY;
  const read = async (resource: Resource, selector: string): Promise<KubeObject[] | undefined> => {
    if (refused.has(resource)) return undefined;
    try {
      const items: KubeObject[] = [];
      const pages = cluster.list(resource, { namespace: workload.namespace, labelSelector: selector });
      for await (const page of pages) items.push(...page.items);
      return items;
    } catch (error) {
      if (!(error instanceof PortError) || error.code === "aborted") throw error;
      const details = { workload: formatRef(workload), error: error.message };
      if (!isAccessError(error)) {
        journal.debug(`could not list ${resource.plural}, trying again`, details);
        return undefined;
      }
      refused.add(resource);
      const right = error.right ? `: the right to ${formatRight(error.right)} is missing` : "";
      journal.warn(`rollouts are watched without ${resource.plural}${right}`, details);
      return undefined;
    }
  };
  // A StatefulSet's status names the revision of its pods.
  const { revisions } = kind;
  return async () => {
    // Without a selector there is no telling its pods from those of others.
    if (labelSelector === "" || clock.now() < next || refused.has(resources.pod)) return undefined;
    next = clock.now() + pause;
    const pods = await read(resources.pod, labelSelector);
    const needed = revisions !== undefined && revisions.read !== "never";
    return (
      pods && {
        pods,
        revisions: needed ? await read(revisions.resource, revisions.unlabelled ? "" : labelSelector) : undefined,
      }
    );
  };
}
