import type { SourceFacts } from "../locate/artifact.ts";
import type { Walk } from "../locate/definition.ts";
import { edited, type Reader } from "../locate/reader.ts";
import { defaultKinds, walk } from "../locate/walk.ts";
import type { CommitTarget, RepositoryUse } from "../model/commit.ts";
import type { KustomizationFacts, ObjectName } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import type { Draft } from "./draft.ts";

export const nameOf = ({ namespace, name }: ObjectName): string => `${namespace}/${name}`;

/** What every live Kustomization of a repository builds of it, edits that were accepted included. Each is walked when somebody asks for it. */
export class Builds {
  readonly #reader: Reader;
  readonly #sources: ReadonlyMap<string, SourceFacts>;
  readonly #kinds: ReadonlySet<string>;
  readonly facts: Map<string, KustomizationFacts>;
  #walks = new Map<string, Promise<Walk | Refusal>>();
  #texts: ReadonlyMap<string, string> = new Map();

  constructor(reader: Reader, targets: readonly CommitTarget[], use: RepositoryUse) {
    this.#reader = reader;
    this.#kinds = new Set([...defaultKinds, ...targets.map(({ kind }) => kind)]);
    const owned = targets.map((each) => each.owned);
    const sources = [...use.sources, ...owned.map(({ source }) => source)];
    this.#sources = new Map(sources.map((each) => [nameOf(each), each]));
    const all = [...use.kustomizations, ...owned.map(({ kustomization }) => kustomization)];
    this.facts = new Map(all.filter(({ remote }) => !remote).map((each) => [nameOf(each), each]));
  }

  /** What it builds, as far as edits were accepted. */
  now(name: string): Promise<Walk | Refusal> {
    const known = this.#walks.get(name) ?? this.#walk(name, this.#texts);
    this.#walks.set(name, known);
    return known;
  }

  /** What it would build. */
  with(name: string, draft: Draft): Promise<Walk | Refusal> {
    return this.#walk(name, draft.texts);
  }

  /** Takes over a draft and what was built of it. */
  accept(draft: Draft, walks: ReadonlyMap<string, Walk>): void {
    this.#texts = draft.texts;
    for (const [name, each] of walks) this.#walks.set(name, Promise.resolve(each));
  }

  #walk(name: string, texts: ReadonlyMap<string, string>): Promise<Walk | Refusal> {
    const facts = this.facts.get(name);
    if (!facts) return Promise.resolve({ code: "OWNER_MISSING", message: `Kustomization ${name} is not there` });
    const source = this.#sources.get(nameOf(facts.sourceRef));
    return walk(texts.size ? edited(this.#reader, texts) : this.#reader, facts, source, this.#kinds);
  }
}
