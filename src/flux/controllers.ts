import { PortError } from "../model/errors.ts";
import { workloadKinds } from "../model/kinds.ts";
import { dig, type KubeObject, objects } from "../model/object.ts";
import type { Cluster } from "../ports.ts";
import { texts } from "./facts.ts";

type Controller = "kustomize-controller" | "helm-controller";

/** Field managers whose changes the controllers undo (`--override-manager`); `undefined`: nobody could look. */
export type OverrideManagers = Readonly<Record<Controller, readonly string[] | undefined>>;

const componentLabel = "app.kubernetes.io/component";
const controllers: readonly Controller[] = ["kustomize-controller", "helm-controller"];

/** Reads the arguments of the controllers of Flux, found by the labels of its manifests, by one list. Fails only when the run is aborted. */
export async function readOverrideManagers(cluster: Cluster): Promise<OverrideManagers> {
  const [deployments] = workloadKinds.filter(({ name }) => name === "Deployment");
  const found: Record<Controller, Set<string>> = { "kustomize-controller": new Set(), "helm-controller": new Set() };
  const seen = new Set<Controller>();
  const labelSelector = `${componentLabel} in (${controllers.join(",")})`;
  try {
    if (!deployments) return { "kustomize-controller": undefined, "helm-controller": undefined };
    for await (const { items } of cluster.list(deployments, { labelSelector }, (item) => [settingsOf(item)])) {
      for (const { component, managers } of items) {
        const controller = controllers.find((each) => each === component);
        if (!controller) continue;
        seen.add(controller);
        for (const manager of managers) found[controller].add(manager);
      }
    }
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    seen.clear();
  }
  const told = (controller: Controller) => (seen.has(controller) ? [...found[controller]].sort() : undefined);
  return { "kustomize-controller": told("kustomize-controller"), "helm-controller": told("helm-controller") };
}

function settingsOf(object: KubeObject): { readonly component: string; readonly managers: string[] } {
  const containers = objects(dig(object, "spec", "template", "spec", "containers"));
  const managers = containers.flatMap(({ args }) => overrideManagers(texts(args)));
  return { component: object.metadata.labels?.[componentLabel] ?? "", managers };
}

const flag = "--override-manager";

/** The flag may be given several times, with its value behind `=` or as the next argument. */
function overrideManagers(args: readonly string[]): string[] {
  return args.flatMap((arg, index) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
    const next = args[index + 1];
    return arg === flag && next !== undefined ? [next] : [];
  });
}
