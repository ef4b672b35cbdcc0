import { posix } from "node:path";
import { parse } from "yaml";
import { applier, inventoryOf, isAsked, type Ready, tell } from "./applied.ts";
import { type DemoCluster, parseManifests } from "./cluster.ts";
import type { Manifest } from "./direct.ts";
import { playHelm } from "./helm.ts";
import { type Fields, fields, type Stored } from "./object.ts";

/** Where the player gets files from: one branch, as it is now. */
export interface FluxSource {
  tip(): string | undefined;
  texts(): Promise<ReadonlyMap<string, string>>;
}

/** Plays source-controller, kustomize-controller and helm-controller, as far as a demo needs them. */
export interface FluxPlayer extends AsyncDisposable {
  /** Applies what the branch says now, as Flux does after its interval. */
  reconcile(): Promise<void>;
}

/**
 * Starts to play: whoever asks a GitRepository to reconcile has what the branch says applied, by every Kustomization that comes from it. Of
 * kustomizations `resources` count and nothing else; what is taken out of the branch stays in the cluster. `charts`: what each renders.
 */
export function playFlux(
  { api, watch }: Pick<DemoCluster, "api" | "watch">,
  source: FluxSource,
  charts: ReadonlyMap<string, readonly Manifest[]>,
): FluxPlayer {
  const apply = applier(api, "kustomize-controller");
  const release = playHelm(api, charts);
  let working: Promise<void> = Promise.resolve();
  const reconcile = () => {
    working = working.then(applyBranch);
    return working;
  };
  watch(({ after }) => {
    if (after?.kind === "GitRepository" && isAsked(after)) void reconcile();
  });

  async function applyBranch(): Promise<void> {
    const tip = source.tip();
    if (tip === undefined) return;
    const texts = await source.texts();
    for (const repository of api.list("GitRepository")) {
      const revision = `${fields(repository.spec, "ref").branch ?? "master"}@sha1:${tip}`;
      const told = { reason: "Succeeded", message: `stored artifact for revision '${revision}'` };
      tell(api, repository, { is: true, told }, { artifact: { revision } });
      for (const kustomization of kustomizationsOf(repository)) applyAll(kustomization, texts, revision);
    }
  }

  function kustomizationsOf({ metadata }: Stored): Stored[] {
    return api.list("Kustomization").filter((object) => {
      const { kind, name, namespace = object.metadata.namespace } = fields(object.spec, "sourceRef");
      return kind === "GitRepository" && name === metadata.name && namespace === metadata.namespace;
    });
  }

  function applyAll(kustomization: Stored, texts: ReadonlyMap<string, string>, revision: string): void {
    const { name, namespace = "" } = kustomization.metadata;
    const owner = { "kustomize.toolkit.fluxcd.io/name": name, "kustomize.toolkit.fluxcd.io/namespace": namespace };
    const say = (ready: Ready, status: Fields) =>
      tell(api, kustomization, ready, { lastAttemptedRevision: revision, ...status });
    try {
      const path = posix.normalize(`./${fields(kustomization.spec).path ?? ""}`).replace(/\/$/, "");
      const objects = build(texts, path).map((object) => apply(object, { labels: owner }));
      for (const object of objects) if (object.kind === "HelmRelease") release(object);
      const told = { reason: "ReconciliationSucceeded", message: `Applied revision: ${revision}` };
      say({ is: true, told }, { inventory: inventoryOf(objects), lastAppliedRevision: revision });
    } catch (error) {
      say({ is: false, told: { reason: "BuildFailed", message: (error as Error).message } }, {});
    }
  }

  return { reconcile, [Symbol.asyncDispose]: () => working };
}

/** The objects that a folder leads to. Throws where a file is missing or cannot be read. */
function build(texts: ReadonlyMap<string, string>, path: string): Manifest[] {
  const text = texts.get(path);
  if (text !== undefined) return parseManifests(text);
  const kustomization = texts.get(posix.join(path, "kustomization.yaml"));
  if (kustomization === undefined) throw new Error(`kustomization path not found: ${path}`);
  const { resources } = fields(parse(kustomization));
  return (Array.isArray(resources) ? resources : []).flatMap((each) => build(texts, posix.join(path, String(each))));
}
