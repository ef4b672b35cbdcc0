import { PortError } from "../model/errors.ts";
import { sourceResources } from "../model/kinds.ts";
import { dig, stringMap } from "../model/object.ts";
import type { Cluster } from "../ports.ts";
import { oneLine } from "./facts-kustomization.ts";
import type { LiveKustomization } from "./live.ts";

/**
 * The Kustomization with the variables of `postBuild.substituteFrom` that ConfigMaps hold, each later one before an earlier one and those of
 * the spec before all (fluxcd/pkg kustomize/kustomize_varsub.go). Secrets are never read for it: names that are built with their values
 * would show in messages and commits; so with one of them, or with a ConfigMap that could not be read, the variables stay incomplete. Fails
 * only when the run is aborted.
 */
export async function withVariables(cluster: Cluster, kustomization: LiveKustomization): Promise<LiveKustomization> {
  const { substitute, substituteFrom, namespace } = kustomization;
  if (!substitute || substituteFrom.length === 0) return kustomization;
  const found: Record<string, string> = {};
  // A variable that an unread reference may override is not known, whatever an earlier one says.
  let complete = true;
  for (const { kind, name, optional } of substituteFrom) {
    const held = kind === "ConfigMap" ? await readConfigMap(cluster, namespace, name) : undefined;
    if (held) Object.assign(found, oneLine(held));
    else if (held === undefined || !optional) {
      complete = false;
      for (const known of Object.keys(found)) delete found[known];
    }
  }
  return { ...kustomization, substitute: { variables: { ...found, ...substitute.variables }, complete } };
}

/** `null`: there is none. `undefined`: nobody could look. */
async function readConfigMap(
  cluster: Cluster,
  namespace: string,
  name: string,
): Promise<Record<string, string> | null | undefined> {
  try {
    const object = await cluster.get(sourceResources.ConfigMap, namespace, name);
    return object ? stringMap(dig(object, "data")) : null;
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    return undefined;
  }
}
