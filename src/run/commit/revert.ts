import type { FileChange } from "../../model/git.ts";
import { GitError } from "../../model/git.ts";
import type { Policy } from "../../model/policy.ts";
import type { Ports, Repository } from "../../ports.ts";
import { revertMessage } from "./message.ts";

/** What became of taking a commit back. */
export type Reverted =
  | { readonly is: "reverted"; readonly commit: string }
  /** Somebody changed the same files since, so what is there now is theirs. */
  | { readonly is: "superseded"; readonly message: string }
  | { readonly is: "failed"; readonly error: GitError };

const tries = 5;

/** Takes a commit of ours back by another one: every file that is still as the commit left it gets the bytes it had before. */
export async function revertCommit(
  { clock, identity }: Pick<Ports, "clock" | "identity">,
  policy: Policy,
  repository: Repository,
  {
    commit,
    files,
    reason,
  }: { readonly commit: string; readonly files: readonly FileChange[]; readonly reason: string },
): Promise<Reverted> {
  for (let attempt = 1; ; attempt++) {
    try {
      const base = await repository.fetch();
      const back: FileChange[] = [];
      let already = 0;
      for (const { path, before, after } of files) {
        const now = base.tree.read(path);
        if (now && isSame(now, before)) already++;
        if (now && isSame(now, after)) back.push({ path, before: after, after: before });
      }
      // Somebody did the same, or the answer to our own push was lost.
      if (already === files.length) return { is: "reverted", commit: base.id };
      if (back.length < files.length) {
        return { is: "superseded", message: "its files were changed since, so it was not taken back" };
      }
      const message = revertMessage(commit, reason, policy.git, identity);
      const at = Math.floor(clock.now() / 1000);
      const id = await repository.push(base, { message, author: policy.git.author, at, files: back });
      return { is: "reverted", commit: id };
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if (!error.retryable || attempt === tries) return { is: "failed", error };
      await clock.sleep(200 * attempt + clock.jitter(200));
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
