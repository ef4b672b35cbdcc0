import type { KustomizationFacts, ObjectId } from "../model/flux.ts";
import { workloadKinds } from "../model/kinds.ts";
import type { Refusal } from "../model/refusals.ts";
import { Accumulation } from "./accumulate.ts";
import { artifactOf, type SourceFacts, wholeSource } from "./artifact.ts";
import type { Definition, Walk } from "./definition.ts";
import { Refused } from "./limits.ts";
import { kindsOf } from "./objects.ts";
import { secureJoin } from "./path.ts";
import type { Reader } from "./reader.ts";
import { isClusterScoped, type Resource } from "./resource.ts";
import { known, substituted, substitutes } from "./substitute.ts";
import { Trace } from "./trace.ts";
import { isLocal } from "./transform.ts";

/** What is looked for when nothing else is said: kinds of workloads, HelmReleases, and Flux Kustomizations. */
export const defaultKinds: ReadonlySet<string> = new Set([
  ...workloadKinds.map(({ kind }) => kind),
  "HelmRelease",
  "Kustomization",
]);

/** What of a Flux Kustomization decides what it builds. */
export type WalkedFacts = Pick<
  KustomizationFacts,
  | "namespace"
  | "name"
  | "path"
  | "targetNamespace"
  | "namePrefix"
  | "nameSuffix"
  | "patches"
  | "components"
  | "ignoreMissingComponents"
  | "substitute"
>;

/**
 * Builds a tree as one Flux Kustomization does, for objects of some kinds, and tells where each of them is written and what changes it on its way
 * (kustomize-controller, fluxcd/pkg/kustomize, kustomize api/internal/target). Reads nothing but the tree; what a reader has read is not read again.
 *
 * Something that cannot be read does not hide the rest: it is among `problems`, although Flux would not apply anything of such a tree. A refusal is
 * returned only where the whole answer is worthless: the tree is beyond the limits, or has no folder at `spec.path`.
 */
export function walk(
  reader: Reader,
  facts: WalkedFacts,
  source: SourceFacts = wholeSource,
  kinds: ReadonlySet<string> = defaultKinds,
): Walk | Refusal {
  const directory = secureJoin(facts.path);
  const artifact = artifactOf(reader, source);
  const trace = new Trace(reader.limits);
  try {
    const sight = artifact.see(directory);
    if (!("is" in sight)) return sight.missing ?? nothingAt(facts, directory);
    if (sight.is === "file") return nothingAt(facts, directory);
    const resources = new Accumulation(artifact, trace, kindsOf(kinds)).build(directory, {
      ...facts,
      namespace: facts.targetNamespace,
    });
    return {
      ...{ namespace: facts.namespace, name: facts.name },
      definitions: resources.filter(({ value }) => !isLocal(value)).map((each) => definition(each, facts)),
      ...{ leaves: trace.leaves, problems: trace.problems, files: trace.files },
    };
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

function nothingAt({ namespace, name }: WalkedFacts, directory: string): Refusal {
  const message = `Kustomization ${namespace}/${name} builds the folder ${directory || "/"}, which its branch does not have`;
  return { code: "NOT_FOUND", message };
}

function definition(resource: Resource, facts: WalkedFacts): Definition {
  const { path, document, item, written, value, encrypted, chain, patches, doubts } = resource;
  return {
    ...{ path, document, item, encrypted, written, value, patches, doubts },
    original: withoutVersion(resource.original),
    ...applied(resource, facts),
    chain: chain.toReversed(),
  };
}

/** The id after substitution and defaulting: an object without a namespace gets that of its Flux Kustomization. */
function applied({ current, value }: Resource, facts: WalkedFacts): Pick<Definition, "built" | "open"> {
  const own = withoutVersion(current);
  const namespace = own.namespace === "" && !isClusterScoped(current) ? facts.namespace : own.namespace;
  const id = { ...own, namespace };
  if (!substitutes(value, facts.substitute)) return { built: id, open: undefined };
  const names = substituted(id.name, facts.substitute);
  const namespaces = substituted(id.namespace, facts.substitute);
  const [name, inNamespace] = [known(names), known(namespaces)];
  const built = { ...id, name: name ?? id.name, namespace: inNamespace ?? id.namespace };
  if (name !== undefined && inNamespace !== undefined) return { built, open: undefined };
  return { built, open: { name: names, namespace: namespaces } };
}

function withoutVersion({ group, kind, namespace, name }: ObjectId): ObjectId {
  return { group, kind, namespace, name };
}
