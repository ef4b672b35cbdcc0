import type { Stage } from "./stage.ts";

/** The Lease of a killed run ends by itself after a minute; here its last renewal is moved into the past instead. */
export async function expireLease({ cluster, home }: Pick<Stage, "cluster" | "home">): Promise<void> {
  const lease = `/apis/coordination.k8s.io/v1/namespaces/${home}/leases/reroll`;
  if (!(await cluster.find(lease))) return;
  const renewTime = new Date(Date.now() - 600_000).toISOString().replace("Z", "000Z");
  await cluster.patch(lease, { spec: { renewTime } });
}
