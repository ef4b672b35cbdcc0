import { dig, type KubeObject, objects, text } from "../model/object.ts";
import { configReferences, fluxFacts, inventoryOf } from "./facts.ts";
import type { LiveHelmRelease } from "./live.ts";

/** A HelmRelease as the API gave it (helm-controller api/v2/helmrelease_types.go). */
export function helmReleaseFacts(object: KubeObject): LiveHelmRelease {
  const facts = fluxFacts(object);
  const spec = (...path: string[]) => dig(object, "spec", ...path);
  const target = text(spec("targetNamespace"));
  const composed = target ? `${target}-${facts.name}` : facts.name;
  // A composed name that is too long for Helm is shortened with a hash: what was released tells the name best.
  const released = text(dig(objects(dig(object, "status", "history"))[0], "name"));
  return {
    ...facts,
    remote: typeof spec("kubeConfig") === "object" && spec("kubeConfig") !== null,
    inventory: inventoryOf(object),
    releaseName: text(spec("releaseName")) || released || composed,
    storageNamespace: text(spec("storageNamespace")) || facts.namespace,
    targetNamespace: target || facts.namespace,
    driftDetection: text(spec("driftDetection", "mode")) || undefined,
    valuesFrom: configReferences(spec("valuesFrom")),
    forcesUpgrades: spec("upgrade", "force") === true,
  };
}
