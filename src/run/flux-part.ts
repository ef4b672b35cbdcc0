import type { Policy } from "../model/policy.ts";
import type { Ports } from "../ports.ts";
import type { Work } from "./act.ts";
import type { FluxReport, Prepared } from "./prepare.ts";
import type { Settled, Waiting } from "./settle.ts";

/** What Flux has to do with a plan, before the first write. */
export interface FluxPart {
  /** With the plan as it is carried out, as far as it is known without pushing. */
  readonly prepared: Prepared;
  /** What a plan shows of it. */
  readonly report: FluxReport;
  /** Commits and pushes what is due in git mode. */
  readonly commit: (stop: AbortSignal) => Promise<CommittedPart>;
  readonly close: () => Promise<void>;
}

/** The same, when everything is pushed that could be. */
export interface CommittedPart {
  /** With the plan as it is carried out. */
  readonly prepared: Prepared;
  /** What became of everything that was due in git mode. */
  readonly works: readonly Work[];
  /** Asks those to reconcile that take values from changed sources. */
  readonly askReaders: () => Promise<void>;
  /** Follows what was committed until Flux applied it, and watches the rollouts as they begin. */
  readonly follow: (waiting: Waiting) => Promise<Followed>;
  /** What a run shows of it. */
  readonly report: () => FluxReport;
}

/** What became of everything that was asked for by commits. */
export interface Followed {
  /** In place of the works as they were committed. */
  readonly works: readonly Work[];
  readonly settled: readonly Settled[];
}

/**
 * Looks at what Flux has to do with the plan: where commits go, what fights with restarting directly, and what else reads changed sources.
 * What reads Flux, Git and YAML is loaded only where there may be something to find: most runs have nothing to do.
 */
export async function lookAtFlux(ports: Ports, policy: Policy, prepared: Prepared): Promise<FluxPart> {
  const isConcerned = prepared.survey.plan.actions.length > 0 || policy.git.reconcileReferences;
  if (!isConcerned) return withoutFlux(prepared);
  const { fluxPart } = await import("./flux.ts");
  return fluxPart(ports, policy, prepared);
}

function withoutFlux(prepared: Prepared): FluxPart {
  const report: FluxReport = { git: [], refusals: [], reconciles: [], exits: [] };
  const committed: CommittedPart = {
    prepared,
    works: [],
    askReaders: async () => {},
    follow: async () => ({ works: [], settled: [] }),
    report: () => report,
  };
  return { prepared, report, commit: async () => committed, close: async () => {} };
}
