import type { CommitTarget, Placed } from "../../model/commit.ts";
import { GitError } from "../../model/git.ts";
import type { Action } from "../../model/plan.ts";
import type { Policy } from "../../model/policy.ts";
import { formatRef } from "../../model/ref.ts";
import type { CommittedRecord } from "../../model/state.ts";
import { placeAll } from "../../place/place.ts";
import type { FetchedCommit, Ports, Repository } from "../../ports.ts";
import { commitMessage } from "./message.ts";
import type { PreparedRepository } from "./prepared.ts";

/** How often a commit is tried before the next run has to. */
const tries = 5;
/** Between two tries, milliseconds, and as much again at random. */
const pause = 200;
/** After so many milliseconds there is no other try: a server that hangs must not hold up the other repositories for long. */
const patience = 60_000;

/** What became of the commit for one repository. */
export type Pushed =
  /** `made`: by this run; otherwise the branch said so already. */
  | {
      readonly is: "committed";
      readonly committed: Omit<CommittedRecord, "stamp">;
      readonly made: boolean;
      readonly placed: Placed;
    }
  | { readonly is: "failed"; readonly error: GitError; readonly placed: Placed };

/**
 * Commits and pushes what one repository needs. Where the branch moved meanwhile, or an answer was lost, the new tip is fetched, everything
 * is placed anew on it, and it is pushed again: so what somebody else committed is never undone, and nothing is committed twice.
 */
export async function pushCommit(
  { clock, journal, identity }: Pick<Ports, "clock" | "journal" | "identity">,
  policy: Policy,
  prepared: PreparedRepository,
  repository: Repository,
  first: FetchedCommit,
  stop: AbortSignal,
): Promise<Pushed> {
  const { address, use } = prepared;
  const actionOf = new Map<CommitTarget, Action>(prepared.sought.map(({ action, target }) => [target, action]));
  // What had no place is owed or done in another way already, whatever somebody else makes of the branch meanwhile.
  const refused = new Set(prepared.placed.refused.map(({ target }) => target));
  const targets = prepared.sought.map(({ target }) => target).filter((target) => !refused.has(target));
  let base = first;
  let { placed } = prepared;
  // A push whose answer was lost: where the tip says the same words, it went through.
  let sent: { readonly message: string; readonly placed: Placed } | undefined;
  const startedAt = clock.now();
  for (let attempt = 1; ; attempt++) {
    const at = clock.now();
    const done = (commit: string, made: boolean, placed: Placed): Pushed => {
      const where = { repository: address.url, branch: address.branch, commit, at: new Date(at).toISOString() };
      return { is: "committed", committed: where, made, placed };
    };
    if (placed.files.length === 0) {
      const ours = sent && base.message.trim() === sent.message.trim() ? sent : undefined;
      return ours ? done(base.id, true, ours.placed) : done(base.id, false, placed);
    }
    const fresh = placed.placed.flatMap(({ target, already }): Action[] => {
      const action = actionOf.get(target);
      return action && !already ? [action] : [];
    });
    const message = commitMessage(fresh, policy.git, identity);
    try {
      const { author } = policy.git;
      const id = await repository.push(base, { message, author, at: Math.floor(at / 1000), files: placed.files });
      const workloads = fresh.map(({ workload }) => formatRef(workload));
      journal.info("committed", { repository: address.url, branch: address.branch, commit: id, workloads });
      return done(id, true, placed);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const inTime = attempt < tries && clock.now() - startedAt < patience;
      const again = error.retryable && inTime && !stop.aborted;
      journal[again ? "info" : "warn"]("push not done", { repository: address.url, reason: error.message, attempt });
      if (!again) return { is: "failed", error, placed };
      if (error.code !== "moved") sent = { message, placed };
    }
    await clock.sleep(pause * attempt + clock.jitter(pause * attempt), stop);
    try {
      base = await repository.fetch();
      placed = placeAll(base.tree, targets, use);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      return { is: "failed", error, placed };
    }
  }
}
