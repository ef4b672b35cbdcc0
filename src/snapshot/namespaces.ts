import { concernsReroll, ownKey } from "../model/annotations.ts";
import { PortError } from "../model/errors.ts";
import { resources } from "../model/kinds.ts";
import { type Mode, modes } from "../model/mode.ts";
import { type KubeObject, stringMap } from "../model/object.ts";
import type { Blindness, View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { quote } from "../model/printable.ts";
import { resolve } from "../model/settings.ts";
import type { DirectiveProblem } from "../model/workload.ts";
import type { Cluster } from "../ports.ts";
import { listElements } from "./directives-problems.ts";
import type { Annotations } from "./directives-side.ts";
import { unknownAnnotations } from "./directives-unknown.ts";
import { readList, type Scope } from "./scope.ts";
import { settingsOn, settingsProblems } from "./settings.ts";

/** Reads that run at the same time. */
const width = 4;

/** What was read of the namespaces, and what could not be. */
export interface NamespacesRead extends Pick<View, "policyOf"> {
  readonly blind: readonly Blindness[];
  readonly issues: readonly Issue[];
}

/** The words of `strategy`, several by commas: each kind takes the first that it has. */
function strategyWords(annotations: Annotations): string[] {
  return listElements(annotations[ownKey("strategy")] ?? "");
}

/** How kinds are restarted there, where no annotation of a workload says so. */
function strategiesOf({ kinds, strategies }: Policy, annotations: Annotations) {
  const words = strategyWords(annotations);
  const said = kinds.flatMap(({ name, strategies: known }) => {
    const word = words.flatMap((each) => known.find((own) => own === each) ?? [])[0];
    return word ? [[name, word] as const] : [];
  });
  const by = { key: ownKey("strategy"), value: annotations[ownKey("strategy")] ?? "" };
  return {
    strategies: { ...strategies, ...Object.fromEntries(said) },
    strategySaid: { by, kinds: said.map(([name]) => name) },
  };
}

/** Words that no kind has. They count as not said, so what holds for each kind without them holds. */
function strategyProblems({ kinds }: Policy, annotations: Annotations): DirectiveProblem[] {
  const known = [...new Set(kinds.flatMap(({ strategies }) => strategies))];
  const unknown = strategyWords(annotations).filter((word) => !known.some((each) => each === word));
  if (unknown.length === 0) return [];
  const message = `${unknown.map(quote).join(", ")} is no strategy of any kind and counts as not said; give ${known.join(", ")}`;
  return [{ code: "annotation-unknown-word", path: ownKey("strategy"), message }];
}

/** A word that is no mode counts as not said, and is a problem. */
function modeSaid(annotations: Annotations): Mode | undefined {
  const word = annotations[ownKey("mode")]?.trim();
  return modes.find((known) => known === word);
}

function modeOverlay(annotations: Annotations): Pick<Policy, "modeSaid"> & Partial<Pick<Policy, "mode">> {
  const mode = modeSaid(annotations);
  const key = ownKey("mode");
  return mode ? { mode, modeSaid: { key, value: annotations[key] ?? "" } } : {};
}

function modeProblems(annotations: Annotations): DirectiveProblem[] {
  const word = annotations[ownKey("mode")];
  if (word === undefined || modeSaid(annotations)) return [];
  const message = `${quote(word)} is no mode and counts as not said; give ${modes.join(" or ")}`;
  return [{ code: "annotation-unknown-word", path: ownKey("mode"), message }];
}

/** The policy of a namespace: what its annotations say lies over the configuration. */
export function overlay(policy: Policy, annotations: Annotations): Policy {
  const said = settingsOn("namespace", annotations, policy.annotationKeys);
  const of = (name: Parameters<typeof resolve>[0], configured: boolean) =>
    resolve(name, configured, { namespace: said }).value;
  return {
    ...policy,
    autoReloadAll: of("auto", policy.autoReloadAll),
    perKey: of("perKey", policy.perKey),
    imagePullSecrets: of("imagePullSecrets", policy.imagePullSecrets),
    reloadOnCreate: of("reloadOnCreate", policy.reloadOnCreate),
    reloadOnDelete: of("reloadOnDelete", policy.reloadOnDelete),
    ...strategiesOf(policy, annotations),
    ...modeOverlay(annotations),
    namespaceSaid: said,
  };
}

/**
 * Reads what the annotations of the namespaces say: one list, or one read for each that the configuration names. To be called after the
 * workloads were listed, so that every namespace of theirs is in the list, and a pause is as new as can be. A namespace that cannot be read
 * is reported as blindness: it may be paused, or switch everything off.
 */
export async function readNamespaces(cluster: Cluster, policy: Policy, scope: Scope): Promise<NamespacesRead> {
  if (!policy.namespaceAnnotations) return { policyOf: () => policy, blind: [], issues: [] };
  const blind: Blindness[] = [];
  const found = scope.namespaces
    ? await readEach(cluster, policy, scope.namespaces, blind)
    : await listAll(cluster, policy, blind);
  const telling = found.filter(([name, annotations]) => scope.covers(name) && Object.keys(annotations).length > 0);
  const policies = new Map(telling.map(([name, annotations]) => [name, overlay(policy, annotations)]));
  return {
    policyOf: (namespace) => policies.get(namespace) ?? policy,
    blind,
    issues: telling.flatMap(([name, annotations]) => namespaceIssues(name, annotations, policy)),
  };
}

type Found = readonly [name: string, annotations: Annotations];

/** Only what may concern reroll is kept. */
function told({ metadata }: KubeObject, { annotationKeys }: Policy): Found {
  const entries = Object.entries(stringMap(metadata.annotations));
  return [metadata.name, Object.fromEntries(entries.filter(([key]) => concernsReroll(key, annotationKeys)))];
}

async function listAll(cluster: Cluster, policy: Policy, blind: Blindness[]): Promise<Found[]> {
  const { selector } = policy.namespaces;
  const options = { ...(selector ? { labelSelector: selector } : {}), metadataOnly: true };
  try {
    return await readList(cluster, resources.namespace, options, (item) => [told(item, policy)]);
  } catch (error) {
    blind.push({ kind: resources.namespace.kind, error: unread(error) });
    return [];
  }
}

/** One that does not exist says nothing. */
async function readEach(
  cluster: Cluster,
  policy: Policy,
  names: readonly string[],
  blind: Blindness[],
): Promise<Found[]> {
  const found = await mapPool(names, width, async (namespace): Promise<Found[]> => {
    try {
      const object = await cluster.get(resources.namespace, undefined, namespace, { metadataOnly: true });
      return object ? [told(object, policy)] : [];
    } catch (error) {
      blind.push({ kind: resources.namespace.kind, namespace, error: unread(error) });
      return [];
    }
  });
  return found.flat();
}

function unread(error: unknown): PortError {
  if (!(error instanceof PortError) || error.code === "aborted") throw error;
  return error;
}

function namespaceIssues(name: string, annotations: Annotations, policy: Policy): Issue[] {
  const { annotationKeys } = policy;
  const problems = [
    ...settingsProblems(settingsOn("namespace", annotations, annotationKeys)),
    ...strategyProblems(policy, annotations),
    ...modeProblems(annotations),
    ...unknownAnnotations(annotations, annotationKeys, "namespace"),
  ];
  return problems.map(({ code, path, message }) => ({ code, path: `Namespace/${name} ${path}`, message }));
}
