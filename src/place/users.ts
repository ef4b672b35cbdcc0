import { fileNames } from "../locate/kustomization-file.ts";
import { mentions } from "../locate/mentions.ts";
import { folder } from "../locate/path.ts";
import type { Reader } from "../locate/reader.ts";
import type { RepositoryUse } from "../model/commit.ts";
import type { Refusal } from "../model/refusals.ts";
import type { Builds } from "./builds.ts";
import { type Elsewhere, elsewhere } from "./elsewhere.ts";

/**
 * Tells who else uses a file: Kustomizations of this cluster, those that the tree has for other clusters, and kustomization files that no Flux Kustomization
 * reaches, since somebody may build them by hand. What only one uses, an edit changes for that one.
 *
 * Costs the listing of every folder, the text of every YAML file once, and the parsing of kustomization files and of what mentions a Flux
 * Kustomization; definitions of other kinds are not parsed.
 */
export class Users {
  readonly #builds: Builds;
  readonly #elsewhere: readonly Elsewhere[];
  readonly #mentions: ReadonlyMap<string, ReadonlySet<string>>;

  private constructor(builds: Builds, others: readonly Elsewhere[], named: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#builds = builds;
    this.#elsewhere = others;
    this.#mentions = named;
  }

  static of(reader: Reader, builds: Builds, use: RepositoryUse): Users | Refusal {
    const named = mentions(reader);
    if ("code" in named) return named;
    const others = elsewhere(reader, builds, use);
    return "code" in others ? others : new Users(builds, others, named);
  }

  /** Who uses the file beside the live Kustomization `own`, for people; empty: nobody. */
  others(path: string, own: string): readonly string[] {
    const found: string[] = [];
    for (const name of this.#builds.names)
      if (name !== own && this.#builds.reads(name, path)) found.push(`Kustomization ${name}`);
    for (const { name, files } of this.#elsewhere) if (files.has(path)) found.push(name);
    return found.length ? found : this.#strays(path, own);
  }

  /** Kustomization files that lead to the file, and that its own Kustomization does not read. */
  #strays(path: string, own: string): readonly string[] {
    const strays: string[] = [];
    const seen = new Set<string>();
    const queue = fileNames.includes(path.slice(path.lastIndexOf("/") + 1)) ? [path, folder(path)] : [path];
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      for (const each of this.#mentions.get(next) ?? []) {
        if (seen.has(each)) continue;
        seen.add(each);
        queue.push(folder(each));
        if (!this.#builds.reads(own, each)) strays.push(each);
      }
    return strays;
  }
}
