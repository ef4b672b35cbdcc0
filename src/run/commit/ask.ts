import type { LiveGitRepository, LiveKustomization } from "../../flux/live.ts";
import { nameOf } from "../../flux/names.ts";
import { needsAsking, reconcilePatch } from "../../flux/reconcile.ts";
import { PortError } from "../../model/errors.ts";
import { type FluxKind, fluxResources } from "../../model/flux-resources.ts";
import type { Ports } from "../../ports.ts";
import type { CommittedRepository } from "./commit.ts";

/**
 * Asks Flux to fetch now what was committed. Where that is refused or lost nothing is: Flux fetches by itself after its interval, so the
 * answer is only told to the log.
 */
export async function askFlux(
  { cluster, clock, journal }: Pick<Ports, "cluster" | "clock" | "journal">,
  { awaited }: CommittedRepository,
): Promise<void> {
  const now = cluster.serverTime() ?? clock.now();
  const owned = awaited.map(({ sought }) => sought.target.owned);
  const sources = new Map(owned.map(({ source }) => [nameOf("GitRepository", source), source]));
  const kustomizations = new Map(
    owned
      .filter(({ kustomization }) => needsAsking(kustomization))
      .map(({ kustomization }) => [nameOf("Kustomization", kustomization), kustomization]),
  );
  const ask = async (kind: FluxKind, facts: LiveGitRepository | LiveKustomization) => {
    try {
      await cluster.patch(fluxResources[kind], facts.namespace, facts.name, reconcilePatch(facts, now));
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      journal.warn("could not ask Flux to reconcile; it does by itself after its interval", {
        object: nameOf(kind, facts),
        reason: error.message,
      });
    }
  };
  await Promise.all([
    ...[...sources.values()].map((source) => ask("GitRepository", source)),
    ...[...kustomizations.values()].map((kustomization) => ask("Kustomization", kustomization)),
  ]);
}
