import { type SourceFacts, wholeSource } from "../locate/artifact.ts";
import type { Walk } from "../locate/definition.ts";
import { edited, type Reader } from "../locate/reader.ts";
import { defaultKinds, walk } from "../locate/walk.ts";
import type { CommitTarget, RepositoryUse } from "../model/commit.ts";
import { equalPlain } from "../model/equal.ts";
import type { KustomizationFacts, ObjectName, PatchEntry } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";

export const nameOf = ({ namespace, name }: ObjectName): string => `${namespace}/${name}`;

const noKinds: ReadonlySet<string> = new Set(["Kustomization"]);

/** A state of the tree: texts that differ from it, and Kustomizations that differ from the live ones. */
export interface Edition {
  readonly texts: ReadonlyMap<string, string>;
  readonly facts: ReadonlyMap<string, KustomizationFacts>;
}

/** What the live Kustomizations of a repository build of it. Everything is built when somebody asks for it, and once. */
export class Builds {
  readonly #reader: Reader;
  readonly #sources: ReadonlyMap<string, SourceFacts>;
  readonly #kinds: ReadonlySet<string>;
  readonly #outlines = new Map<string, Walk | Refusal>();
  readonly #walks = new Map<string, Walk | Refusal>();
  readonly #adopted = new Set<string>();
  #edition: Edition;

  constructor(reader: Reader, targets: readonly CommitTarget[], use: RepositoryUse) {
    this.#reader = reader;
    this.#kinds = new Set([...defaultKinds, ...targets.map(({ kind }) => kind)]);
    const owned = targets.map((each) => each.owned);
    const sources = [...use.sources, ...owned.map(({ source }) => source)];
    this.#sources = new Map(sources.map((each) => [nameOf(each), each]));
    const all = [...use.kustomizations, ...owned.map(({ kustomization }) => kustomization)];
    this.#edition = {
      texts: new Map(),
      facts: new Map(all.filter(({ remote }) => !remote).map((each) => [nameOf(each), each])),
    };
  }

  /** With the edits that were accepted. */
  get edition(): Edition {
    return this.#edition;
  }

  get names(): readonly string[] {
    return [...this.#edition.facts.keys()];
  }

  /** The files it reads, and the Flux Kustomizations it makes; edits do not change the first. Cheap: nothing else is parsed. */
  outline(name: string): Walk | Refusal {
    const known = this.#outlines.get(name) ?? this.#walk(name, this.#edition, noKinds);
    this.#outlines.set(name, known);
    return known;
  }

  /** What it builds, with the edits that were accepted. */
  now(name: string): Walk | Refusal {
    const known = this.#walks.get(name) ?? this.#walk(name, this.#edition, this.#kinds);
    this.#walks.set(name, known);
    return known;
  }

  /** What it would build. */
  if(name: string, edition: Edition): Walk | Refusal {
    return this.#walk(name, edition, this.#kinds);
  }

  /** Whether it reads a file; one that cannot be built reads none. */
  reads(name: string, path: string): boolean {
    const outline = this.outline(name);
    return !("code" in outline) && outline.files.has(path);
  }

  /** Takes `spec.patches` as the tip of the branch has it: Flux may not have applied all of it yet. */
  adopt(name: string, patches: readonly PatchEntry[]): void {
    const facts = this.#edition.facts.get(name);
    if (!facts || this.#adopted.has(name)) return;
    this.#adopted.add(name);
    if (equalPlain(facts.patches, patches)) return;
    this.#edition = { ...this.#edition, facts: new Map([...this.#edition.facts, [name, { ...facts, patches }]]) };
    this.#walks.delete(name);
  }

  /** Takes over an edition, and what was built of it. */
  accept(edition: Edition, walks: ReadonlyMap<string, Walk>): void {
    this.#edition = edition;
    for (const [name, each] of walks) this.#walks.set(name, each);
  }

  #walk(name: string, { texts, facts }: Edition, kinds: ReadonlySet<string>): Walk | Refusal {
    const own = facts.get(name);
    if (!own) return { code: "OWNER_MISSING", message: `Kustomization ${name} is not there` };
    const source = this.#sources.get(nameOf(own.sourceRef)) ?? wholeSource;
    return walk(texts.size ? edited(this.#reader, texts) : this.#reader, own, source, kinds);
  }
}
