import { isRefusal } from "../edit/address.ts";
import type { Definition, Walk } from "../locate/definition.ts";
import { find } from "../locate/find.ts";
import { readerOf } from "../locate/reader.ts";
import type { CommitTarget, Placed, PlacedTarget, RepositoryUse } from "../model/commit.ts";
import { compareRefs } from "../model/ref.ts";
import type { Refusal } from "../model/refusals.ts";
import type { Tree } from "../ports.ts";
import { Builds, nameOf } from "./builds.ts";
import { Draft } from "./draft.ts";
import { prove } from "./prove.ts";
import { inPlace, type Way } from "./ways.ts";
import { type Wish, wishOf } from "./wish.ts";

/**
 * Decides for every target where in the files of a repository its stamp goes, and edits them: into the definition where nothing else uses it, else into
 * the nearest kustomization on its way that is its own, else into the Flux Kustomization that applies it. Every edit is proved by building
 * again what reads the file: exactly the stamp of exactly that object differs. A target that has no such place is refused, and the others go on;
 * their order does not matter, and what has its stamp already stays as it is, byte for byte.
 */
export async function placeAll(tree: Tree, targets: readonly CommitTarget[], use: RepositoryUse): Promise<Placed> {
  const builds = new Builds(readerOf(tree), targets, use);
  let draft = new Draft(tree);
  const placed: PlacedTarget[] = [];
  const refused: Placed["refused"][number][] = [];
  for (const target of targets.toSorted((a, b) => compareRefs(a.workload, b.workload))) {
    const result = await placeOne(target, builds, draft);
    if ("code" in result) {
      refused.push({ target, refusal: result });
      continue;
    }
    draft = result.draft;
    placed.push(result.placed);
  }
  return { files: draft.changes(), placed, refused };
}

interface Success {
  readonly placed: PlacedTarget;
  readonly draft: Draft;
}

async function placeOne(target: CommitTarget, builds: Builds, draft: Draft): Promise<Success | Refusal> {
  const wish = wishOf(target);
  if ("code" in wish) return wish;
  const { kustomization, object } = target.owned;
  const walk = await builds.now(nameOf(kustomization));
  if ("code" in walk) return walk;
  const definition = find(walk, object);
  if ("code" in definition) return definition;
  const way = inPlace(wish, definition);
  return "code" in way ? way : attempt({ wish, definition, walk, way }, builds, draft);
}

interface Attempt {
  readonly wish: Wish;
  readonly definition: Definition;
  readonly walk: Walk;
  readonly way: Way;
}

/** Edits, and builds again everything that reads the file. */
async function attempt({ wish, definition, way }: Attempt, builds: Builds, draft: Draft): Promise<Success | Refusal> {
  const text = await draft.text(way.path);
  if (typeof text !== "string") return text;
  const edited = way.edit(text);
  if (isRefusal(edited)) return { code: edited.code, message: `${way.path}: ${edited.message}` };
  const own = nameOf(wish.target.owned.kustomization);
  const next = edited.text === text ? draft : draft.with(way.path, edited.text);
  const walks = new Map<string, Walk>();
  for (const name of builds.facts.keys()) {
    const before = await builds.now(name);
    if ("code" in before || !before.files.has(way.path)) continue;
    const after = next === draft ? before : await builds.with(name, next);
    if ("code" in after) return after;
    const wrong = prove(before, after, name === own ? { of: definition, is: wish } : undefined);
    if (wrong) return wrong;
    walks.set(name, after);
  }
  builds.accept(next, walks);
  const { workload, owned } = wish.target;
  const { kind, namespace, name } = owned.object;
  const placement = {
    ...{ workload, object: { kind, namespace, name } },
    ...{ way: way.way, path: way.path, reason: way.reason },
  };
  return { draft: next, placed: { target: wish.target, placement, already: next === draft } };
}
