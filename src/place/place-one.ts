import type { Definition, Walk } from "../locate/definition.ts";
import { find } from "../locate/find.ts";
import type { CommitTarget, PlacedTarget } from "../model/commit.ts";
import type { KustomizationFacts } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import { type Attempt, attempt, proveAll, type Site, type Tried, tryOut } from "./attempt.ts";
import { nameOf } from "./builds.ts";
import type { Draft } from "./draft.ts";
import { type Manifest, manifestOf } from "./manifest.ts";
import { byFlux, gives, inPatch, inPlace, overlays, type Way } from "./ways.ts";
import { type Wish, wishOf } from "./wish.ts";

/** A way, and the manifest that it edits where it does. */
export type Option = { readonly way: Way; readonly manifest?: Manifest };

/** Finds the definition, and takes the first way that proves right: where it has a stamp already, in place, by an overlay, by its Flux Kustomization. */
export function placeOne(target: CommitTarget, site: Site): Tried | Refusal {
  const found = waysOf(target, site);
  if ("code" in found) return found;
  const refusals: Refusal[] = [];
  for (const option of found) {
    const done = "code" in option ? option : attempt(option, site);
    if (!("code" in done)) return done;
    if (done.code === "VALUES_PATH") return done;
    refusals.push(done);
  }
  return summary(refusals);
}

/** Every target by the first of its ways, and one proof for all of them; `undefined` where that is not to be had, and they have to be placed one by one. */
export function placeTogether(
  targets: readonly CommitTarget[],
  site: Site,
): { readonly placed: readonly PlacedTarget[]; readonly draft: Draft } | undefined {
  const all: Tried[] = [];
  let { draft } = site;
  for (const target of targets) {
    const found = waysOf(target, site);
    const [first] = "code" in found ? [] : found;
    // A way by a Flux Kustomization changes what the next ones are built with.
    if (!first || "code" in first || first.manifest) return undefined;
    const tried = tryOut(first, { ...site, draft });
    if ("code" in tried) return undefined;
    all.push(tried);
    draft = tried.draft;
  }
  const changes = all.map(({ change }) => change);
  return proveAll(changes, draft, site.builds) ? undefined : { placed: all.map(({ placed }) => placed), draft };
}

/** The ways to give a target its stamp, the best one first. */
function waysOf(target: CommitTarget, site: Site): readonly (Attempt | Refusal)[] | Refusal {
  const { kustomization, object } = target.owned;
  const own = nameOf(kustomization);
  const wish = wishOf(target);
  if ("code" in wish) return wish;
  const manifest = manifestOf(own, site.builds);
  if (!("code" in manifest)) site.builds.adopt(own, manifest.patches);
  const walk = site.builds.now(own);
  if ("code" in walk) return walk;
  const definition = find(walk, object, kustomization.inventory);
  if ("code" in definition) return definition;
  const broken = unbuildable(walk, kustomization);
  if (broken) return broken;
  return options(wish, definition, manifest).map((each) => ("code" in each ? each : { wish, definition, ...each }));
}

/** Leaves that are missing from what Flux builds, so that it builds nothing. */
const missing: ReadonlySet<string> = new Set(["OUTSIDE_REPOSITORY", "NOT_IN_ARTIFACT"]);

/**
 * A tree that kustomize cannot build is not applied, and a commit to it neither. Where Flux does not say so of itself, or says otherwise, it is only
 * reroll that cannot read some of it.
 */
function unbuildable(walk: Walk, { conditions, namespace, name }: KustomizationFacts): Refusal | undefined {
  if (conditions.length > 0 && !conditions.some(({ reason }) => reason === "BuildFailed")) return undefined;
  const leaves = walk.leaves.filter(({ refusal }) => missing.has(refusal.code));
  const [trouble] = [...walk.problems, ...leaves].filter(({ refusal }) => refusal.code !== "TOO_LARGE");
  if (!trouble) return undefined;
  const { code, message } = trouble.refusal;
  return {
    code,
    message: `Flux cannot build Kustomization ${namespace}/${name}, and would not apply a commit: ${message}`,
  };
}

function options(wish: Wish, definition: Definition, manifest: Manifest | Refusal): readonly (Option | Refusal)[] {
  const flux =
    "code" in manifest ? [] : byFlux(wish, definition, manifest.definition).map((way) => ({ way, manifest }));
  const through = overlays(wish, definition).map((way) => ({ way }));
  const stamped = definition.patches.toReversed().filter((each) => gives(wish, each));
  const first = stamped.flatMap((each): readonly Option[] => {
    if (each.kustomization === undefined) return flux;
    if (each.file !== undefined) return inPatch(wish, each).map((way) => ({ way }));
    return through.filter(({ way }) => way.path === each.kustomization);
  });
  const own = inPlace(wish, definition);
  return [...first, "code" in own ? own : { way: own }, ...through, ...("code" in manifest ? [manifest] : flux)];
}

/** The reason why it could not be put into the definition counts; the others tell why not elsewhere. */
function summary([first, ...others]: readonly Refusal[]): Refusal {
  if (!first) return { code: "UNPROVED", message: "no way to give it a stamp was found" };
  const messages = [...new Set(others.map(({ message }) => message))].filter((each) => each !== first.message);
  return { code: first.code, message: [first.message, ...messages.slice(0, 3)].join("; ") };
}
