import type { FluxCondition, FluxFacts } from "../model/flux.ts";
import { condition, isTrue, notReady } from "./conditions.ts";
import type { LiveGitRepository, LiveHelmRelease, LiveKustomization } from "./live.ts";
import { nameOf } from "./names.ts";
import { commitOf } from "./revision.ts";

/** How far Flux is with a commit. */
export type ProgressState =
  /** The source has not fetched it yet. */
  | "waiting"
  /** Fetched, and being built, applied or released. */
  | "building"
  /** Applied; the rollout is told by the workload. */
  | "applied"
  /** It cannot be applied as it is. */
  | "failed"
  /** Applied, and something that it applies does not become healthy. */
  | "unhealthy"
  | "suspended";

export interface Progress {
  readonly state: ProgressState;
  /** What, where, in the words of the controller. */
  readonly message: string;
  /** Waiting longer would change nothing unless somebody acts. */
  readonly final: boolean;
  /** It failed because of our commit, as far as can be told: at that very revision, and it had not failed before. */
  readonly ours: boolean;
}

/** The chain of one commit, as it is now and as it was before the commit. */
export interface Chain {
  readonly source: LiveGitRepository;
  readonly kustomization: LiveKustomization;
  readonly helmRelease?: LiveHelmRelease;
}

/** Reasons of `Ready: False` of a Kustomization (fluxcd/pkg apis/meta); any other is not known to be an end. */
const buildReasons: Readonly<Record<string, "failed" | "unhealthy" | "applied">> = {
  BuildFailed: "failed",
  ReconciliationFailed: "failed",
  HealthCheckFailed: "unhealthy",
  PruneFailed: "applied",
};

/** The same of a HelmRelease (helm-controller api/v2/condition_types.go). */
const releaseReasons: Readonly<Record<string, "failed" | "unhealthy">> = {
  InstallFailed: "failed",
  UpgradeFailed: "failed",
  UninstallFailed: "failed",
  RollbackSucceeded: "failed",
  RollbackFailed: "failed",
  UninstallSucceeded: "failed",
  TestFailed: "unhealthy",
};

const told = (state: ProgressState, message: string, { final = false, ours = false } = {}): Progress => ({
  state,
  message,
  final,
  ours,
});

/** Words of the API server that controllers pass on may end with a line break. */
const words = ({ reason, message }: FluxCondition) => (message.trim() ? `${reason}: ${message.trim()}` : reason);

/**
 * How far Flux is with `commit`, told by the objects as they are `now` and as they were `before` it was pushed on top of `base`. What is live on the
 * workload is the truth; this is what there is to say until then, and when to stop waiting.
 */
export function progressOf(commit: string, now: Chain, before: Chain, base?: string): Progress {
  const older = [undefined, base, commitOf(before.source.artifactRevision)];
  return asleep(now) ?? fetching(commit, now, older) ?? building(commit, now, before) ?? releasing(now, before);
}

/** The spec of the HelmRelease is a newer one, also where its Kustomization still waits for what it applied. */
function reached({ helmRelease }: Chain, before: Chain): boolean {
  return (
    helmRelease !== undefined &&
    before.helmRelease !== undefined &&
    helmRelease.generation > before.helmRelease.generation
  );
}

function asleep({ source, kustomization, helmRelease }: Chain): Progress | undefined {
  const chain: [string, FluxFacts | undefined][] = [
    ["GitRepository", source],
    ["Kustomization", kustomization],
    ["HelmRelease", helmRelease],
  ];
  const found = chain.find(([, facts]) => facts?.suspended);
  if (!found?.[1]) return undefined;
  return told("suspended", `${nameOf(found[0], found[1])} is suspended; resume it to have the commit applied`, {
    final: true,
  });
}

/** `undefined`: the source has fetched the commit, or a later one that is on top of it. */
function fetching(commit: string, { source }: Chain, older: readonly (string | undefined)[]): Progress | undefined {
  const fetched = commitOf(source.artifactRevision);
  const name = nameOf("GitRepository", source);
  if (fetched === commit || !older.includes(fetched)) return undefined;
  const unready = notReady(source);
  if (unready && (isTrue(source, "Stalled") || isTrue(source, "FetchFailed"))) {
    return told("waiting", `${name} cannot fetch: ${words(unready)}`, { final: isTrue(source, "Stalled") });
  }
  return told("waiting", `${name} has not fetched ${commit.slice(0, 8)} yet`);
}

/** `undefined`: the Kustomization has applied what its source fetched. */
function building(commit: string, now: Chain, before: Chain): Progress | undefined {
  const { source, kustomization } = now;
  const name = nameOf("Kustomization", kustomization);
  const fetched = commitOf(source.artifactRevision);
  const attempted = commitOf(kustomization.lastAttemptedRevision);
  const unready = notReady(kustomization);
  // A commit that came later may have failed for its own reasons, and what failed before us did not fail because of us.
  const ours = attempted === commit && notReady(before.kustomization)?.reason !== unready?.reason;
  if (isTrue(kustomization, "Stalled")) {
    return told("failed", `${name} is stalled: ${unready ? words(unready) : "it waits for its spec to change"}`, {
      final: true,
      ours,
    });
  }
  if (attempted !== fetched) {
    const waits =
      unready?.reason === "DependencyNotReady" ? `${name} waits: ${unready.message}` : `${name} has not built it yet`;
    return told("building", waits);
  }
  const state = unready && (buildReasons[unready.reason] ?? "building");
  if (state !== "failed" && reached(now, before)) return undefined;
  if (unready && state) {
    if (state !== "applied")
      return told(state, `${name}: ${words(unready)}`, { final: state === "failed", ours: state === "failed" && ours });
  }
  if (commitOf(kustomization.lastAppliedRevision) === fetched || unready) return undefined;
  const progress = condition(kustomization, "Reconciling");
  return told("building", progress ? `${name}: ${progress.message}` : `${name} is applying it`);
}

function releasing({ kustomization, helmRelease }: Chain, before: Chain): Progress {
  if (!helmRelease) return told("applied", `${nameOf("Kustomization", kustomization)} has applied it`);
  const name = nameOf("HelmRelease", helmRelease);
  if (helmRelease.observedGeneration < helmRelease.generation)
    return told("building", `${name} has not been released yet`);
  const unready = notReady(helmRelease);
  const stalled = isTrue(helmRelease, "Stalled");
  const state = stalled ? "failed" : unready && releaseReasons[unready.reason];
  if (unready && state) {
    const was = before.helmRelease;
    // Its spec moved with our commit, and it was well with the one before.
    const ours = state === "failed" && was !== undefined && !notReady(was) && helmRelease.generation > was.generation;
    const final = stalled || (state === "failed" && !isTrue(helmRelease, "Reconciling"));
    return told(state, `${name}: ${words(unready)}`, { final, ours });
  }
  if (isTrue(helmRelease, "Ready")) return told("applied", `${name} has been released`);
  const progress = unready ?? condition(helmRelease, "Reconciling");
  return told("building", progress ? `${name}: ${words(progress)}` : `${name} is being released`);
}
