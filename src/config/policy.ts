import { type AnnotationName, annotationNames } from "../model/annotations.ts";
import { findWorkloadKind, type WorkloadKind } from "../model/kinds.ts";
import type { GitPolicy, Policy } from "../model/policy.ts";
import { allKinds } from "./kinds.ts";
import type { Settings } from "./schema.ts";

/** The annotation keys that replace Stakater's, by name. */
export function configuredKeys(settings: Settings): Partial<Record<AnnotationName, string>> {
  const keys: Partial<Record<AnnotationName, string>> = {};
  for (const name of annotationNames) {
    const key = settings[`annotationKeys.${name}`];
    if (key !== undefined) keys[name] = key;
  }
  return keys;
}

/** Every kind of workload under these settings. */
export function configuredKinds({ kinds }: Settings): readonly WorkloadKind[] {
  return allKinds(kinds);
}

function gitPolicy(settings: Settings): GitPolicy {
  const [name = "", namespace = settings["state.namespace"]] = settings["git.secretRef"]?.split("/").reverse() ?? [];
  return {
    repositories: settings["git.repositories"],
    secret: name ? { namespace, name } : undefined,
    useSourceSecret: settings["git.useSourceSecret"],
    author: { name: settings["git.authorName"], email: settings["git.authorEmail"] },
    message: settings["git.message"],
    skipCi: settings["git.skipCi"],
    cluster: settings["git.cluster"] ?? "",
    await: settings["git.await"],
    onUnresolvable: settings["git.onUnresolvable"],
    reconcileReferences: settings["git.reconcileReferences"],
  };
}

/** What the stages need of the settings. */
export function toPolicy(settings: Settings, catchUp: boolean): Policy {
  const kinds = configuredKinds(settings);
  const kindName = (typed: string) => findWorkloadKind(typed, kinds)?.name ?? typed;
  return {
    mode: settings.mode,
    git: gitPolicy(settings),
    autoReloadAll: settings.autoReloadAll,
    reloadOnCreate: settings.reloadOnCreate,
    reloadOnDelete: settings.reloadOnDelete,
    perKey: settings.perKey,
    imagePullSecrets: settings.imagePullSecrets,
    anchoring: settings.anchoring,
    ignoreSources: settings.ignoreSources,
    kinds,
    strategies: Object.fromEntries(Object.entries(settings.strategies).map(([kind, word]) => [kindName(kind), word])),
    ignoreWorkloads: settings.ignoreWorkloads.map(kindName),
    namespaces: {
      only: settings.namespaces,
      ignore: settings.ignoreNamespaces,
      selector: settings.namespaceSelector,
    },
    namespaceAnnotations: settings.namespaceAnnotations,
    selector: settings.selector,
    annotationKeys: configuredKeys(settings),
    catchUp,
    loopBreaker: {
      returns: settings["loopBreaker.returns"],
      restarts: settings["loopBreaker.restarts"],
      within: settings["loopBreaker.within"],
      settle: settings["loopBreaker.settle"],
    },
    concurrency: settings.concurrency,
    timeouts: { run: settings["timeouts.run"], rollout: settings["timeouts.rollout"] },
  };
}
