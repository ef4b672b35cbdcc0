import { readerOf } from "../locate/reader.ts";
import type { CommitTarget, Placed, PlacedTarget, RepositoryUse } from "../model/commit.ts";
import { compareRefs } from "../model/ref.ts";
import type { Tree } from "../ports.ts";
import { Builds } from "./builds.ts";
import { Draft } from "./draft.ts";
import { placeOne, placeTogether } from "./place-one.ts";
import { Users } from "./users.ts";

/**
 * Decides for every target where in the files of a repository its stamp goes, and edits them: into the definition where nothing else uses it, else into
 * the nearest kustomization on its way that is its own, else into the Flux Kustomization that applies it. Every edit is proved by building
 * again what reads the file: exactly the stamp of exactly that object differs. A target that has no such place is refused, and the others go on;
 * their order does not matter, and what has its stamp already stays as it is, byte for byte.
 */
export function placeAll(tree: Tree, targets: readonly CommitTarget[], use: RepositoryUse): Placed {
  const reader = readerOf(tree);
  const builds = new Builds(reader, targets, use);
  const users = Users.of(reader, builds, use);
  if ("code" in users) return { files: [], placed: [], refused: targets.map((target) => ({ target, refusal: users })) };
  const ordered = targets.toSorted((a, b) => compareRefs(a.workload, b.workload));
  let draft = new Draft(tree);
  const together = ordered.length > 1 ? placeTogether(ordered, { builds, users, draft }) : undefined;
  if (together) return { files: together.draft.changes(), placed: together.placed, refused: [] };
  const placed: PlacedTarget[] = [];
  const refused: Placed["refused"][number][] = [];
  for (const target of ordered) {
    const result = placeOne(target, { builds, users, draft });
    if ("code" in result) {
      refused.push({ target, refusal: result });
      continue;
    }
    draft = result.draft;
    placed.push(result.placed);
  }
  return { files: draft.changes(), placed, refused };
}
