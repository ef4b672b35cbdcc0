import type { Manifest } from "../../src/demo/direct.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { type StoredPiece, storedState } from "../support/stored-state.ts";
import { stateName, type World } from "../support/world.ts";

export const places = ["shop", "other", "third"] as const;

/** Key names so long that the state of a few such sources does not fit into one readable ConfigMap. */
export const manyKeys = (value: string) =>
  Object.fromEntries(Array.from({ length: 800 }, (_, index) => [`${"long".repeat(50)}-${index}`, value]));

/** A source of that size in each place, and one workload that uses it. */
export const largeSources = (value: string): Manifest[] =>
  places.map((namespace) => configMap("settings", manyKeys(value), { namespace }));
export const largeWorkloads: readonly Manifest[] = places.map((namespace) =>
  deployment("web", envFrom(["ConfigMap", "settings"]), { namespace }),
);

/** The pieces of the state that the manifest lists. */
export function shardsOf(world: World): StoredPiece[] {
  return storedState(world).filter(({ name }) => name !== stateName);
}
