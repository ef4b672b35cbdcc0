import { PortError } from "../model/errors.ts";
import { type Resource, resources, type SelectorPath, workloadKinds } from "../model/kinds.ts";
import { dig, type KubeObject } from "../model/object.ts";
import { mapPool } from "../model/pool.ts";
import { formatRef } from "../model/ref.ts";
import type { BorrowedTemplate, Workload } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { readSelector } from "./selector.ts";
import type { Sharing } from "./sharing.ts";
import { readUses } from "./workload.ts";

/** Templates read at the same time. */
const width = 4;

interface Lender extends Resource {
  readonly template: readonly string[];
  readonly selectors: readonly SelectorPath[];
}

const own = { template: ["spec", "template"], selectors: [{ path: ["spec", "selector"], form: "labels" }] } as const;

/** The kinds that Argo Rollouts takes a template from (rollout/templateref.go, infoByGroupKind). */
const lenders: readonly Lender[] = [
  ...workloadKinds.filter(({ name }) => name === "Deployment"),
  { ...resources.replicaSet, ...own },
  { ...resources.podTemplate, template: ["template"], selectors: [] },
];

/**
 * The same workloads, those that borrow a pod template with what it uses; what could not be read, with the reason, in place of the
 * workload. Annotations on a borrowed template stay those of its owner: asked for there, both would be restarted.
 */
export async function readBorrowed(
  cluster: Cluster,
  workloads: readonly Workload[],
  sharing: Sharing,
): Promise<(Workload | PortError)[]> {
  return mapPool(workloads, width, async (workload) => {
    if (!workload.borrows) return workload;
    try {
      return await complete(cluster, workload, workload.borrows, sharing);
    } catch (error) {
      if (!(error instanceof PortError) || error.code === "aborted") throw error;
      return error;
    }
  });
}

async function complete(
  cluster: Cluster,
  workload: Workload,
  reference: BorrowedTemplate,
  sharing: Sharing,
): Promise<Workload> {
  const { apiVersion, kind, name } = reference;
  const { ref } = workload;
  const lacks = (what: string) =>
    new PortError(
      "bad-answer",
      `${formatRef(ref)} takes its pod template from ${kind}/${name}, ${what}; it is left alone`,
    );
  const lender = lenders.find((each) => each.kind === kind && each.group === groupOf(apiVersion));
  if (!lender) throw lacks(`and ${apiVersion} ${kind} is no kind that Argo Rollouts takes one from`);
  const object = await cluster.get(lender, ref.namespace, name);
  if (!object) throw lacks("which is not there");
  const template = dig(object, ...lender.template);
  if (typeof template !== "object" || template === null) throw lacks("which has none");
  const podSelector = workload.podSelector || selectorOf(object, lender);
  if (!podSelector) throw lacks("and neither of them has a selector that can be read");
  return { ...workload, uses: readUses(template, sharing), podSelector: sharing.text(podSelector) };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

function selectorOf(object: KubeObject, { selectors }: Lender): string {
  return readSelector(object, selectors) ?? "";
}
