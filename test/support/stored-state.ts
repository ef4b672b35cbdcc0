import { gunzipSync } from "node:zlib";
import type { Manifest } from "../../src/demo/direct.ts";
import { stateName, stateNamespace, type World } from "./world.ts";

/** One ConfigMap of the state as it is stored. */
export interface StoredPiece {
  readonly name: string;
  readonly resourceVersion: string;
  /** Everything in it as text, unfolded. */
  readonly text: string;
  /** Bytes of the values as they are stored. */
  readonly bytes: number;
  readonly object: Manifest;
}

/** The ConfigMaps of the state, sorted by name. */
export function storedState({ cluster }: World): StoredPiece[] {
  return cluster.api
    .list("ConfigMap", stateNamespace)
    .filter(({ metadata }) => metadata.name === stateName || metadata.name.startsWith(`${stateName}-`))
    .map((object) => {
      const data = Object.values((object.data ?? {}) as Record<string, string>);
      const folded = Object.values((object.binaryData ?? {}) as Record<string, string>);
      const { name, resourceVersion } = object.metadata;
      const unfolded = folded.map((base64) => gunzipSync(Buffer.from(base64, "base64")).toString());
      const bytes = [...data, ...folded].reduce((sum, text) => sum + text.length, 0);
      return { name, resourceVersion, text: [...data, ...unfolded].join("\n"), bytes, object };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the state holds of one namespace, as JSON text; `undefined`: nothing. Only for a state that fits into one ConfigMap. */
export function stateOf(world: World, namespace: string): string | undefined {
  const object = world.cluster.api.get("ConfigMap", stateNamespace, stateName);
  const json = (object?.data as Record<string, string> | undefined)?.["state.json"];
  const namespaces = JSON.parse(json ?? "{}") as Record<string, unknown>;
  return namespaces[namespace] === undefined ? undefined : JSON.stringify(namespaces[namespace]);
}
