import { fileURLToPath } from "node:url";
import { gitStampAnnotation } from "../../../src/model/annotations.ts";
import { dig, type KubeObject, stringMap } from "../../../src/model/object.ts";
import { filesBelow } from "../../support/git-repository.ts";
import type { Named } from "../harness/paths.ts";
import { rolledOut, workload } from "../harness/workloads.ts";
import { type GitStage, type GitStageOptions, openGitStage } from "./git-stage.ts";
import type { Chart } from "./helm-player.ts";

const folder = fileURLToPath(new URL("../../../fixtures/fleet/", import.meta.url));

/** Deployments of the fleet: the first two from a base of kustomize that read the ConfigMap `settings`, the last from a HelmRelease that reads the Secret `credentials`. */
export const fleet = ["web", "worker", "shop"] as const;
type App = (typeof fleet)[number];

/** A chart whose Deployment reads a Secret, and takes pod annotations where charts do. */
const shop: Chart = ({ name, values }) => {
  const { metadata, ...rest } = workload("Deployment", "", name, {
    template: { annotations: stringMap(values.podAnnotations) },
    container: { envFrom: [{ secretRef: { name: "credentials" } }] },
  });
  const annotations = { "reloader.stakater.com/auto": "true" };
  return [{ ...rest, metadata: { name: metadata.name, annotations } } satisfies Named];
};

export const deploymentOf = ({ names }: Pick<GitStage, "names">, app: App) => workload("Deployment", names.apps, app);

/** A stage with the fleet rolled out and seen once by reroll, so that the next change is the first that counts. */
export async function openFleet(prefix: string, options: Omit<GitStageOptions, "files"> = {}): Promise<GitStage> {
  const files = await filesBelow(folder);
  const stage = await openGitStage(prefix, {
    files: () => files,
    kustomizations: { apps: { path: "./apps/production" }, releases: { path: "./releases" } },
    charts: { shop },
    ...options,
  });
  try {
    await stage.put(settings("1"), credentials("hunter1"));
    await Promise.all(fleet.map((app) => rolledOut(stage.cluster, deploymentOf(stage, app))));
    const { exitCode, stderr } = await stage.run();
    if (exitCode !== 0) throw new Error(`the first run ended with ${exitCode}: ${stderr}`);
    return stage;
  } catch (error) {
    await stage.close();
    throw error;
  }
}

/** What the Deployments of the base read, written by somebody who does not use Git. */
export const settings = (color: string) => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data: { COLOR: color } },
});

/** What the release reads. */
export const credentials = (password: string) => ({
  ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "credentials" }, stringData: { PASSWORD: password } },
});

/** The stamp that each live pod template carries. */
export async function stampsOf(stage: GitStage): Promise<Record<string, string | undefined>> {
  const stamps = fleet.map(async (app) => {
    const live = await stage.cluster.get<KubeObject>(deploymentOf(stage, app));
    return [app, stringMap(dig(live, "spec", "template", "metadata", "annotations"))[gitStampAnnotation]] as const;
  });
  return Object.fromEntries(await Promise.all(stamps));
}
