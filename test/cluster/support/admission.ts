import { gitStampAnnotation } from "../../../src/model/annotations.ts";
import type { TestClient } from "../harness/client.ts";
import { type Named, pathOf } from "../harness/paths.ts";
import { workload } from "../harness/workloads.ts";

const api = "admissionregistration.k8s.io/v1";

/**
 * A rule as clusters have them: pod templates of Deployments in a namespace carry no annotation that nobody allowed, ours among those.
 * Resolves when the API server enforces it, and gives what takes it away again.
 */
export async function refuseStamps(cluster: TestClient, namespace: string): Promise<() => Promise<void>> {
  const name = `stamps-${namespace}`;
  const stamped = `has(object.spec.template.metadata.annotations) && "${gitStampAnnotation}" in object.spec.template.metadata.annotations`;
  const resourceRules = [
    { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["deployments"] },
  ];
  const policy = {
    ...{ apiVersion: api, kind: "ValidatingAdmissionPolicy", metadata: { name } },
    spec: {
      matchConstraints: { resourceRules },
      validations: [{ expression: `!(${stamped})`, message: "annotation is not on the list of the platform team" }],
    },
  } as Named;
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": namespace } };
  const binding = {
    ...{ apiVersion: api, kind: "ValidatingAdmissionPolicyBinding", metadata: { name } },
    spec: { policyName: name, validationActions: ["Deny"], matchResources: { namespaceSelector } },
  } as Named;
  const refused = async () => {
    const template = { annotations: { [gitStampAnnotation]: "1" } };
    const probe = workload("Deployment", namespace, "probe", { template });
    const path = `${pathOf(probe).replace(/\/probe$/, "")}?dryRun=All`;
    const { status } = await cluster.request("POST", path, probe);
    return status >= 400;
  };
  await cluster.apply(policy);
  await cluster.apply(binding);
  let there = true;
  const take = async () => {
    if (!there) return;
    there = false;
    await cluster.remove(binding, { wait: false });
    await cluster.remove(policy, { wait: false });
    await cluster.waitFor(async () => !(await refused()), { what: "stamps to be let in" });
  };
  cluster.onClose(take);
  await cluster.waitFor(refused, { what: "stamps to be refused" });
  return take;
}
