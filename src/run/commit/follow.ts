import type { Policy } from "../../model/policy.ts";
import type { Ports } from "../../ports.ts";
import type { Work } from "../act.ts";
import { type Settled, settleOne, startedNow, type Waiting } from "../settle.ts";
import { awaitApplied, type Failure } from "./applied.ts";
import { askFlux } from "./ask.ts";
import type { AwaitedWork, Committed, CommittedRepository } from "./commit.ts";
import { revertCommit } from "./revert.ts";

/** What became of everything that was asked for by commits. */
export interface Followed {
  /** In place of the works as they were committed. */
  readonly works: readonly Work[];
  readonly settled: readonly Settled[];
}

/**
 * Asks Flux to reconcile, waits until it applied what was committed, and watches the rollouts as they begin. A commit of this run that Flux
 * cannot build or apply is taken back by another one: left where it is, it would keep everything else of its Kustomization from being applied.
 */
export async function followCommits(
  ports: Ports,
  policy: Policy,
  committed: Committed,
  waiting: Waiting,
): Promise<Followed> {
  const settled: Settled[] = [];
  const onApplied = async (work: Work) => {
    const targets = startedNow(work, work.after);
    for (const target of targets) settled.push(await settleOne(ports, policy, target, waiting));
  };
  const until = Math.min(waiting.until, ports.clock.now() + policy.git.await);
  const done = await Promise.all(
    committed.repositories.map(async (repository): Promise<Work[]> => {
      if (repository.awaited.length === 0) return [];
      await askFlux(ports, repository);
      const { works, failure } = await awaitApplied(ports, policy, repository, { ...waiting, until, onApplied });
      if (!failure) return [...works];
      return [...works, ...(await takeBack(ports, policy, repository, failure))];
    }),
  );
  const awaited = new Set(committed.repositories.flatMap((repository) => repository.awaited.map(({ work }) => work)));
  return { works: [...committed.works.filter((work) => !awaited.has(work)), ...done.flat()], settled };
}

/** Only a commit of this run is taken back: what it changed is known to the byte. */
async function takeBack(
  ports: Ports,
  policy: Policy,
  { prepared, pushed }: CommittedRepository,
  { awaited, reason, ours }: Failure,
): Promise<Work[]> {
  const made = pushed?.is === "committed" && pushed.made ? pushed : undefined;
  const { repository } = prepared;
  if (!made || !repository || !ours) return awaited.map((each) => failedToApply(each, reason));
  const { commit } = made.committed;
  const files = made.placed.files;
  const back = await revertCommit(ports, policy, repository, { commit, files, reason });
  const { url, branch } = prepared.address;
  if (back.is !== "reverted") {
    const why = back.is === "failed" ? back.error.message : back.message;
    ports.journal.error("a commit that Flux cannot apply was not taken back", { repository: url, commit, reason: why });
    return awaited.map((each) => failedToApply(each, `${reason}; taking commit ${commit} back failed: ${why}`));
  }
  ports.journal.warn("took a commit back", { repository: url, branch, commit, by: back.commit, reason });
  const words = `${reason}; the commit was taken back by ${back.commit.slice(0, 12)}, and the same is not committed again`;
  return awaited.map(({ work, committed }) => ({
    ...work,
    act: { is: "reverted", committed, message: words },
    outcome: { workload: work.action.workload, outcome: "failed", reason: "FluxFailed", message: words, durationMs: 0 },
  }));
}

function failedToApply({ work }: AwaitedWork, message: string): Work {
  const { workload } = work.action;
  return { ...work, outcome: { workload, outcome: "failed", reason: "FluxFailed", message, durationMs: 0 } };
}
