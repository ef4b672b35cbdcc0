import { PortError } from "../model/errors.ts";
import { sourceResources } from "../model/kinds.ts";
import { mapPool } from "../model/pool.ts";
import type { SourceRef } from "../model/ref.ts";
import type { Cluster } from "../ports.ts";
import { type Flux, type LiveHelmRelease, type LiveKustomization, listed } from "./live.ts";

/** Reads of metadata at the same time. */
const width = 4;

const watchLabel = "reconcile.fluxcd.io/watch";

/** An object of Flux that takes values from sources that changed. */
export type Reader = (
  | { readonly kind: "HelmRelease"; readonly object: LiveHelmRelease }
  | { readonly kind: "Kustomization"; readonly object: LiveKustomization }
) & { readonly because: readonly SourceRef[] };

/**
 * Who takes values from changed sources: HelmReleases by `valuesFrom`, Kustomizations by `substituteFrom`, in the namespace of the source.
 * Suspended ones are left out: they would not do what they are asked.
 */
export function readersOf(changed: readonly SourceRef[], flux: Flux): Reader[] {
  const because = (namespace: string, references: readonly { readonly kind: string; readonly name: string }[]) =>
    changed.filter(
      (ref) =>
        ref.namespace === namespace && references.some(({ kind, name }) => kind === ref.kind && name === ref.name),
    );
  return [
    ...listed(flux.helmReleases).map(
      (object): Reader => ({ kind: "HelmRelease", object, because: because(object.namespace, object.valuesFrom) }),
    ),
    ...listed(flux.kustomizations).map(
      (object): Reader => ({
        kind: "Kustomization",
        object,
        because: because(object.namespace, object.substituteFrom),
      }),
    ),
  ].filter((reader) => reader.because.length > 0 && !reader.object.suspended);
}

/**
 * Those readers that Flux does not tell by itself: at least one of their sources lacks the label by which controllers watch what they read.
 * Only metadata are read. A source that is gone, or could not be looked at, asks for nothing. Fails only when the run is aborted.
 */
export async function untold(cluster: Cluster, readers: readonly Reader[]): Promise<Reader[]> {
  const key = ({ kind, namespace, name }: SourceRef) => `${kind}/${namespace}/${name}`;
  const refs = new Map(readers.flatMap(({ because }) => because.map((ref) => [key(ref), ref] as const)));
  const read = await mapPool([...refs], width, async ([name, ref]) =>
    (await isUnwatched(cluster, ref)) ? [name] : [],
  );
  const unwatched = new Set(read.flat());
  return readers.flatMap((reader) => {
    const because = reader.because.filter((ref) => unwatched.has(key(ref)));
    return because.length > 0 ? [{ ...reader, because }] : [];
  });
}

async function isUnwatched(cluster: Cluster, { kind, namespace, name }: SourceRef): Promise<boolean> {
  try {
    const object = await cluster.get(sourceResources[kind], namespace, name, { metadataOnly: true });
    return object !== undefined && object.metadata.labels?.[watchLabel] !== "Enabled";
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    return false;
  }
}
