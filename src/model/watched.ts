import type { Policy } from "./policy.ts";
import { compareText, localName } from "./ref.ts";
import { resolve } from "./settings.ts";
import type { WatchedKeys } from "./source.ts";
import type { Outline, Use, WatchedSource } from "./workload.ts";

/** The keys that any of several uses can read: `*` wins, names come sorted and once. No use at all: no keys. */
export function mergeKeys(all: readonly WatchedKeys[]): WatchedKeys {
  const [only] = all;
  if (all.length === 1 && only !== undefined && only.length <= 1) return only;
  const names = new Set<string>();
  for (const keys of all) {
    if (keys === "*") return "*";
    for (const key of keys) names.add(key);
  }
  return [...names].sort(compareText);
}

/** The uses that count: image pull secrets only where they are asked for, since they matter when an image is pulled and not to what runs. */
export function countingUses(
  { uses, directives }: Pick<Outline, "uses" | "directives">,
  policy: Pick<Policy, "imagePullSecrets">,
): readonly Use[] {
  if (!uses.some(({ pull }) => pull)) return uses;
  const { value } = resolve("imagePullSecrets", policy.imagePullSecrets, { workload: directives.said });
  return value ? uses : uses.filter(({ pull }) => !pull);
}

/** What a pod template uses, as text that is the same whenever it uses the same, whatever of it counts. */
export function usesText(uses: readonly Use[]): string {
  return JSON.stringify(watchedSources(uses, "").map(({ ref, keys }) => [localName(ref), keys]));
}

/** The sources behind the uses of one workload, each once, sorted by kind and name. */
export function watchedSources(uses: readonly Use[], namespace: string): WatchedSource[] {
  const bySource = Map.groupBy(uses, localName);
  return [...bySource.values()]
    .map((group) => {
      const { kind, name } = group[0] as Use;
      return {
        ref: { kind, namespace, name },
        keys: mergeKeys(group.map((use) => use.keys)),
        where: group.map((use) => use.where),
      };
    })
    .sort((a, b) => compareText(a.ref.kind, b.ref.kind) || compareText(a.ref.name, b.ref.name));
}
