import type { KustomizationFacts } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import type { SourceFacts } from "./artifact.ts";
import type { Definition, Walk } from "./definition.ts";
import { fluxGroup, kustomizationFacts, manifests } from "./manifests.ts";
import type { Reader } from "./reader.ts";
import { substitutedValue } from "./substitute.ts";
import { defaultKinds, walk } from "./walk.ts";

/** A Flux Kustomization that the tree itself tells of, and what it builds. */
export interface Member {
  readonly facts: KustomizationFacts;
  /** The manifest that nobody else in the tree builds, and that led here: one for each cluster, as a rule. */
  readonly root: string;
  /** Where and by whom it is defined; `undefined`: it is a root itself, read as it is written. */
  readonly defined: { readonly by: KustomizationFacts; readonly definition: Definition } | undefined;
  readonly walk: Walk | Refusal;
}

const placeKey = ({ path, document, item }: Pick<Definition, "path" | "document" | "item">): string =>
  JSON.stringify([path, document, item ?? null]);

const isFlux = ({ built }: Definition): boolean => built.group === fluxGroup && built.kind === "Kustomization";

/**
 * Every Flux Kustomization that the files of a tree define, with what its parents make of it, and what it builds of this tree: so that also what other
 * clusters take from the tree is known. Starts from the manifests that no other builds. A Kustomization of another GitRepository is walked too where this
 * tree has its path: to be taken for a consumer by mistake costs a better place, and no more.
 */
export function fleet(
  reader: Reader,
  source?: SourceFacts,
  kinds: ReadonlySet<string> = defaultKinds,
): readonly Member[] | Refusal {
  const written = manifests(reader);
  if ("code" in written) return written;
  const reached = new Set<string>();
  for (const { facts, ...own } of written) {
    const walked = walkOwn(reader, facts, source, new Set(["Kustomization"]));
    if ("code" in walked) continue;
    for (const each of walked.definitions)
      if (isFlux(each) && placeKey(each) !== placeKey(own)) reached.add(placeKey(each));
  }
  const members: Member[] = [];
  const seen = new Set<string>();
  // Those that build each other in a circle have no root: the first of them is taken for one.
  for (const pass of ["roots", "rest"])
    for (const each of written) {
      const key = placeKey(each);
      if (seen.has(key) || (pass === "roots" && reached.has(key))) continue;
      seen.add(key);
      grow(reader, { facts: each.facts, root: each.path, defined: undefined }, source, kinds, members, seen);
    }
  return members;
}

/** Adds a member and all that it builds, each once for its root. */
function grow(
  reader: Reader,
  first: Omit<Member, "walk">,
  source: SourceFacts | undefined,
  kinds: ReadonlySet<string>,
  members: Member[],
  seen: Set<string>,
): void {
  const queue = [first];
  const names = new Set([nameKey(first.facts)]);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const walked = walkOwn(reader, next.facts, source, new Set([...kinds, "Kustomization"]));
    members.push({ ...next, walk: walked });
    if ("code" in walked) continue;
    for (const definition of walked.definitions.filter(isFlux)) {
      seen.add(placeKey(definition));
      const value = substitutedValue(definition.value, next.facts.substitute);
      const facts = { ...kustomizationFacts(value), namespace: definition.built.namespace };
      if (names.has(nameKey(facts))) continue;
      names.add(nameKey(facts));
      queue.push({ facts, root: first.root, defined: { by: next.facts, definition } });
    }
  }
}

/** What comes from an OCIRepository, a Bucket or an ExternalArtifact has paths of its own, which are not those of this tree. */
function walkOwn(
  reader: Reader,
  facts: KustomizationFacts,
  source: SourceFacts | undefined,
  kinds: ReadonlySet<string>,
): Walk | Refusal {
  if (facts.sourceRef.kind === "GitRepository") return walk(reader, facts, source, kinds);
  const { kind, namespace, name } = facts.sourceRef;
  const message = `Kustomization ${facts.namespace}/${facts.name} builds ${kind} ${namespace}/${name}, and no files of a GitRepository`;
  return { code: "SOURCE_NOT_GIT", message };
}

const nameKey = ({ namespace, name }: KustomizationFacts): string => `${namespace}/${name}`;
