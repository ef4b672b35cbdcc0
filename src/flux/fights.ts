import { stampAnnotation } from "../model/annotations.ts";
import type { OverrideManagers } from "./controllers.ts";
import type { FluxOwners, LiveHelmRelease, LiveKustomization } from "./live.ts";
import { idName, nameOf } from "./names.ts";
import { appliersOf, type OwnedObject } from "./owner.ts";
import { applies, merges } from "./refuse-object.ts";

/** The name under which reroll writes. */
const ownManager = "reroll";

/** A workload that is restarted directly. */
export interface DirectWorkload extends OwnedObject {
  /** Who else set the direct stamp: see `Workload.stampOwners`. */
  readonly stampOwners: readonly string[];
}

/** Something of Flux that takes the direct stamp away, which is another rollout each time. */
export interface Fight {
  readonly code: "override-manager" | "stamp-in-git" | "forced-upgrade";
  /** `at-once`: at the next reconcile; `with-upgrade`: together with a rollout that comes anyway. */
  readonly when: "at-once" | "with-upgrade";
  /** What, where, and what to do. */
  readonly message: string;
}

/**
 * What of Flux fights with restarting a workload directly. Flux leaves alone what others write under a name and a key of their own, whatever
 * `spec.ignore` and drift detection say: ignored fields keep what is live, and keys that only another manager sets are no drift. So it takes
 * a controller that was told to undo our changes (names are compared by their beginning, fluxcd/pkg ssa/patch.go), the same key in Git or
 * in the chart, or upgrades by replacing.
 */
export function fightsWith(workload: DirectWorkload, flux: FluxOwners, overrides: OverrideManagers): Fight[] {
  const { helmRelease, kustomization } = appliersOf(workload, flux);
  if (kustomization) return withKustomization(workload, kustomization, overrides);
  return helmRelease ? withRelease(workload, helmRelease, overrides) : [];
}

function withKustomization(workload: DirectWorkload, owner: LiveKustomization, overrides: OverrideManagers): Fight[] {
  const marks = workload.marks ?? { labels: {}, annotations: {} };
  if (owner.suspended || !applies(marks)) return [];
  const name = nameOf("Kustomization", owner);
  const undone = merges(marks) ? undefined : overriding(overrides["kustomize-controller"]);
  return [
    ...(undone === undefined ? [] : [override("kustomize-controller", undone, workload)]),
    ...inGit(workload, ["kustomize-controller"], name, "at-once"),
  ];
}

function withRelease(workload: DirectWorkload, owner: LiveHelmRelease, overrides: OverrideManagers): Fight[] {
  if (owner.suspended) return [];
  const name = nameOf("HelmRelease", owner);
  const undone = overriding(overrides["helm-controller"]);
  const corrected = owner.driftDetection === "enabled" ? "at-once" : "with-upgrade";
  return [
    ...(undone === undefined ? [] : [override("helm-controller", undone, workload)]),
    ...inGit(workload, ["helm", "helm-controller"], name, corrected),
    ...(owner.forcesUpgrades ? [forced(workload, name)] : []),
  ];
}

function overriding(managers: readonly string[] | undefined): string | undefined {
  return managers?.find((manager) => ownManager.startsWith(manager));
}

function override(controller: string, manager: string, { id }: DirectWorkload): Fight {
  const message = `${controller} runs with --override-manager=${manager}, so it takes the stamp of ${idName(id)} away, and its pods are replaced again; take that argument away, or use mode: git`;
  return { code: "override-manager", when: "at-once", message };
}

function inGit(
  { id, stampOwners: owners }: DirectWorkload,
  of: readonly string[],
  owner: string,
  when: Fight["when"],
): Fight[] {
  if (!owners.some((manager) => of.includes(manager))) return [];
  const message = `${owner} sets ${stampAnnotation} of ${idName(id)} itself, so it puts its own value back; take the annotation from what it is made from`;
  return [{ code: "stamp-in-git", when, message }];
}

function forced({ id }: DirectWorkload, owner: string): Fight {
  const message = `${owner} has upgrade.force, so an upgrade may replace ${idName(id)} without its stamp; that costs nothing more, since its pods are replaced by the upgrade`;
  return { code: "forced-upgrade", when: "with-upgrade", message };
}
