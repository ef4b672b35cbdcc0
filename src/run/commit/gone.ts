import type { CommitTarget, Placed } from "../../model/commit.ts";
import type { CommittedRecord } from "../../model/state.ts";
import type { FetchedCommit } from "../../ports.ts";
import { ownRevert } from "./message.ts";
import type { Sought } from "./targets.ts";

/** What was committed before and is not on the branch any more. */
export interface Gone {
  /** Not to be committed again, as its record says now. */
  readonly takenBack: readonly { readonly sought: Sought; readonly committed: CommittedRecord }[];
  /** To be committed once more. */
  readonly anew: ReadonlySet<CommitTarget>;
}

/** What a commit says that `git revert` made, and the buttons of the forges. */
const reverts = /^This reverts commit ([0-9a-f]{7,64})\b/m;

/**
 * Tells a commit that somebody took back from one that was lost. Only the tip is at hand, not its history: where the tip says that it reverts
 * the commit, nobody wants it. Otherwise the branch was rewritten, or the files were: it is committed once more, and where that one is gone
 * too, it is left to people.
 */
export function findGone(
  { message }: Pick<FetchedCommit, "message">,
  { placed }: Placed,
  sought: readonly Sought[],
  committedOf: (sought: Sought) => CommittedRecord | undefined,
): Gone {
  const missing = new Set(placed.flatMap(({ target, already }) => (already ? [] : [target])));
  const [, reverted] = reverts.exec(message) ?? [];
  const takenBack: { readonly sought: Sought; readonly committed: CommittedRecord }[] = [];
  const anew = new Set<CommitTarget>();
  for (const each of sought) {
    const committed = missing.has(each.target) ? committedOf(each) : undefined;
    if (!committed) continue;
    const isReverted = reverted !== undefined && committed.commit.startsWith(reverted);
    if (!isReverted && !committed.again) anew.add(each.target);
    else {
      const byOthers = isReverted && ownRevert(message) ? {} : ({ byOthers: true } as const);
      takenBack.push({ sought: each, committed: { ...committed, reverted: true, ...byOthers } });
    }
  }
  return { takenBack, anew };
}
