import { type AnnotationName, annotationNames } from "../model/annotations.ts";
import type { Policy } from "../model/policy.ts";
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

/** What the stages need of the settings. */
export function toPolicy(settings: Settings, catchUp: boolean): Policy {
  return {
    autoReloadAll: settings.autoReloadAll,
    reloadOnCreate: settings.reloadOnCreate,
    reloadOnDelete: settings.reloadOnDelete,
    perKey: settings.perKey,
    anchoring: settings.anchoring,
    ignoreSources: settings.ignoreSources,
    ignoreWorkloads: settings.ignoreWorkloads,
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
