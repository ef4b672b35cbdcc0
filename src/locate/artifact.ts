import gitignore from "ignore";
import type { GitRepositoryFacts } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import type { TreeEntry } from "../ports.ts";
import { folder, joined, normal, within } from "./path.ts";
import { type Reader, remembered } from "./reader.ts";

/** What of a GitRepository decides which files Flux fetches. */
export type SourceFacts = Pick<GitRepositoryFacts, "ignore" | "include" | "sparseCheckout" | "recurseSubmodules">;

/** A GitRepository that fetches everything. */
export const wholeSource: SourceFacts = {
  ignore: undefined,
  include: [],
  sparseCheckout: [],
  recurseSubmodules: false,
};

/** fluxcd/pkg/sourceignore: what source-controller leaves out unless a rule says otherwise. */
const usual = [
  ...[".git/", ".gitignore", ".gitmodules", ".gitattributes"],
  ...["*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"],
  ...[".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml"],
  ...["codeship-services.yml", "codeship-steps.yml", "**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"],
];

type Rules = ReturnType<typeof gitignore.default>;

/** What a path is in the artifact that source-controller makes of the tree. */
export type Sight = { readonly is: "file" | "directory" } | { readonly missing: Refusal | undefined };

/** The part of a tree that Flux fetches, and a reader of it. */
export interface Artifact {
  readonly reader: Reader;
  /** Folders and files of a folder that are in the artifact. Links and submodules are not. */
  list(directory: string): readonly TreeEntry[];
  /** What there is at a path, or why there is nothing: `undefined` where the tree has nothing either. */
  see(path: string): Sight;
}

/** The walks of one tree share what they saw; an edit changes nothing of it. */
const known = new WeakMap<Reader, Map<SourceFacts, Sights>>();

export function artifactOf(reader: Reader, source: SourceFacts): Artifact {
  const ofTree = known.get(reader.root) ?? new Map<SourceFacts, Sights>();
  known.set(reader.root, ofTree);
  const sights = ofTree.get(source) ?? new Sights(reader.root, source);
  ofTree.set(source, sights);
  return { reader, list: (directory) => sights.list(directory), see: (path) => sights.see(path) };
}

/**
 * The part of a tree that is in the artifact of a GitRepository (source-controller `Storage.Archive`): neither symbolic links nor what ignore
 * rules and the sparse checkout leave out; folders of `spec.include` come from elsewhere.
 */
class Sights {
  readonly #reader: Reader;
  readonly #source: SourceFacts;
  readonly #lists = new Map<string, readonly TreeEntry[]>();
  readonly #names = new Map<string, ReadonlyMap<string, TreeEntry>>();
  readonly #sights = new Map<string, Sight>();
  readonly #rules: Rules = gitignore.default({ ignorecase: false });

  constructor(reader: Reader, source: SourceFacts) {
    this.#reader = reader;
    this.#source = source;
    this.#rules.add(usual);
  }

  list(directory: string): readonly TreeEntry[] {
    return remembered(this.#lists, directory, () => this.#list(directory));
  }

  #list(directory: string): readonly TreeEntry[] {
    const entries = this.#reader.list(directory) ?? [];
    const kept: TreeEntry[] = [];
    for (const entry of entries) {
      if (entry.is !== "file" && entry.is !== "directory") continue;
      if (!this.#leftOut(joined(directory, entry.name), entry.is)) kept.push(entry);
    }
    return kept;
  }

  see(path: string): Sight {
    return remembered(this.#sights, path, () => this.#see(path));
  }

  #see(path: string): Sight {
    if (path === "") return { is: "directory" };
    const included = this.#source.include.find(({ toPath }) => under(path, normal(toPath) ?? ""));
    if (included)
      return absent(
        "INCLUDED",
        `${path} comes from GitRepository ${included.repository} (spec.include): set the restart up there`,
      );
    // What stands above is seen first: a link, a submodule or nothing at all there decides for everything below.
    const above = this.see(folder(path));
    if (!("is" in above)) return above;
    const entry = this.#named(folder(path)).get(path.slice(path.lastIndexOf("/") + 1));
    if (!entry) return { missing: undefined };
    if (entry.is === "submodule")
      return absent(
        "SUBMODULE",
        `${path} is a submodule: its files are in another repository, where reroll does not commit`,
      );
    if (entry.is === "symlink") return this.#link(path);
    const reason = this.#leftOut(path, entry.is);
    return reason ? absent("NOT_IN_ARTIFACT", `${path} is not fetched by Flux: ${reason}`) : { is: entry.is };
  }

  #named(directory: string): ReadonlyMap<string, TreeEntry> {
    return remembered(this.#names, directory, () => {
      const entries = this.#reader.list(directory) ?? [];
      return new Map(entries.map((each) => [each.name, each]));
    });
  }

  #link(path: string): Sight {
    const target = this.#reader.text(path) ?? "";
    return within(folder(path), target) === undefined
      ? absent(
          "OUTSIDE_REPOSITORY",
          `${path} is a symbolic link that leaves the repository: replace it by the file itself`,
        )
      : absent(
          "NOT_IN_ARTIFACT",
          `${path} is a symbolic link, and Flux leaves those out: name ${target} itself instead`,
        );
  }

  /** Why a path that the tree has is not in the artifact. */
  #leftOut(path: string, is: "file" | "directory"): string | undefined {
    if (!this.#checkedOut(path, is)) return "the sparse checkout of its GitRepository does not name it";
    const rules = this.#ignoring();
    return rules.ignores(is === "directory" ? `${path}/` : path) ? "ignore rules leave it out" : undefined;
  }

  #checkedOut(path: string, is: "file" | "directory"): boolean {
    const folders = this.#source.sparseCheckout.map((each) => normal(each) ?? "");
    if (folders.length === 0) return true;
    // Files beside the named folders' parents are checked out too: git's cone mode.
    const inFolder = is === "file" ? folder(path) : path;
    return folders.some((each) => under(path, each) || under(each, inFolder));
  }

  #ignoring(): Rules {
    this.#ready ??= this.#load();
    return this.#ready;
  }

  #ready: Rules | undefined;

  #load(): Rules {
    for (const path of this.#ignoreFiles("", 0)) {
      const text = this.#reader.text(path) ?? "";
      this.#rules.add(text.split(/\r?\n/).map((line) => rooted(line, folder(path))));
    }
    if (this.#source.ignore !== undefined) this.#rules.add(this.#source.ignore);
    return this.#rules;
  }

  #ignoreFiles(directory: string, depth: number): string[] {
    if (depth > this.#reader.limits.depth) return [];
    const found: string[] = [];
    for (const { name, is } of this.#reader.list(directory) ?? []) {
      const path = joined(directory, name);
      if (is === "file" && name === ".sourceignore") found.unshift(path);
      if (is === "directory") found.push(...this.#ignoreFiles(path, depth + 1));
    }
    return found;
  }
}

const under = (path: string, directory: string): boolean =>
  directory === "" || path === directory || path.startsWith(`${directory}/`);

const absent = (code: Refusal["code"], message: string): Sight => ({ missing: { code, message } });

/** A rule of an ignore file in a folder as a rule at the root (gitignore: a pattern with a slash before its end is bound to the file's folder). */
function rooted(line: string, directory: string): string {
  if (directory === "" || line.trim() === "" || line.startsWith("#")) return line;
  const negated = line.startsWith("!");
  const pattern = negated ? line.slice(1) : line;
  const bound = pattern.replace(/\/\s*$/, "").includes("/");
  return `${negated ? "!" : ""}/${directory}/${bound ? pattern.replace(/^\//, "") : `**/${pattern}`}`;
}
