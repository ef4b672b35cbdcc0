import type { Policy } from "../../model/policy.ts";
import type { CommittedRecord } from "../../model/state.ts";
import type { Ports } from "../../ports.ts";
import type { Work } from "../act.ts";
import type { Followed } from "../flux-part.ts";
import { type Settled, settleOne, startedNow, type Waiting } from "../settle.ts";
import { awaitApplied, type Failure } from "./applied.ts";
import { askFlux } from "./ask.ts";
import type { Committed, CommittedRepository } from "./commit.ts";
import { revertCommit } from "./revert.ts";

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
      return takeBack(ports, policy, repository, works, failure);
    }),
  );
  const awaited = new Set(committed.repositories.flatMap((repository) => repository.awaited.map(({ work }) => work)));
  return { works: [...committed.works.filter((work) => !awaited.has(work)), ...done.flat()], settled };
}

/**
 * Only a commit of this run is taken back: what it changed is known to the byte. Of it, only the files with a stamp that makes something fail:
 * what was applied from the others would be restarted once more.
 */
async function takeBack(
  ports: Ports,
  policy: Policy,
  repository: CommittedRepository,
  works: readonly Work[],
  { awaited, reason, ours }: Failure,
): Promise<Work[]> {
  const { prepared, pushed } = repository;
  const made = pushed?.is === "committed" && pushed.made ? pushed : undefined;
  if (!made || !prepared.repository || ours.length === 0) {
    return [...works, ...awaited.map(({ work }) => failedToApply(work, reason))];
  }
  const { commit } = made.committed;
  const pathOf = new Map(made.placed.placed.map(({ target, placement }) => [target, placement.path]));
  const paths = new Set(ours.map(({ sought }) => pathOf.get(sought.target)));
  const files = made.placed.files.filter(({ path }) => paths.has(path));
  const back = await revertCommit(ports, policy, prepared.repository, { commit, files, reason });
  const { url, branch } = prepared.address;
  if (back.is !== "reverted") {
    const why = back.is === "failed" ? back.error.message : back.message;
    ports.journal.error("a commit that Flux cannot apply was not taken back", { repository: url, commit, reason: why });
    const words = `${reason}; taking commit ${commit} back failed: ${why}`;
    return [...works, ...awaited.map(({ work }) => failedToApply(work, words))];
  }
  ports.journal.warn("took a commit back", { repository: url, branch, commit, by: back.commit, reason });
  await askFlux(ports, repository);
  const words = `${reason}; the commit was taken back by ${back.commit.slice(0, 12)}, and the same is not committed again`;
  const isBack = new Set(
    repository.awaited.filter(({ sought }) => paths.has(pathOf.get(sought.target))).map(({ work }) => work.action),
  );
  const failed = new Set(awaited.map(({ work }) => work.action));
  return [...works, ...awaited.map(({ work }) => work)].map((work) => {
    if (work.act.is === "committed" && isBack.has(work.action)) return revertedWork(work, work.act.committed, words);
    return failed.has(work.action) ? failedToApply(work, reason) : work;
  });
}

function revertedWork(work: Work, committed: CommittedRecord, message: string): Work {
  const { workload } = work.action;
  const outcome = { workload, outcome: "failed", reason: "FluxFailed", message, durationMs: 0 } as const;
  return { ...work, act: { is: "reverted", committed, message }, outcome };
}

function failedToApply(work: Work, message: string): Work {
  const { workload } = work.action;
  return { ...work, outcome: { workload, outcome: "failed", reason: "FluxFailed", message, durationMs: 0 } };
}
