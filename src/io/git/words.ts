import { GitError, type GitErrorCode } from "../../model/git.ts";

/**
 * What servers say in plain text only: there is no type for it in the protocol. The first row that matches counts.
 * Texts of GitHub, GitLab (lib/gitlab/git_access.rb), Gitea and Forgejo (routers/private/serv.go), Bitbucket, Azure DevOps, git itself.
 */
const known: readonly (readonly [RegExp, GitErrorCode])[] = [
  [/marked as read[- ]only/i, "read-only"],
  [/deploy key does not have write access/i, "read-only"],
  [/deploy key.* is not authorized to write/i, "read-only"],
  [/deployment key is read-only/i, "read-only"],
  [
    /repository is (archived|read-only)|(archived|mirror) (so|repository) (it )?is read-only|read-only mode/i,
    "declined",
  ],
  [/permission .*denied|access denied|not allowed to|not authorized|unauthorized|forbidden/i, "forbidden"],
  [
    /does not appear to be a git repository|not found|could(n't| not) be found|does not exist|cannot find/i,
    "not-found",
  ],
  [/(exceeds|exceeded|larger than).*(size|limit)|too large/i, "too-large"],
];

/** Why a ref was not moved when somebody else is moving it at this moment: git, Gitaly, JGit, Azure DevOps. */
const contended =
  /failed to update ref|cannot lock ref|failed to lock|lock.failure|fetch first|stale info|non-fast-forward|already been updated/i;

/** Whether a refusal says that somebody else moved the branch, where the branch itself does not show it yet. */
export function saysContended(reason: string): boolean {
  return contended.test(reason);
}

const longest = 1_000;

/** Words of a server as they may be shown: one line, no control characters, no credential in a URL, bounded. */
export function presentable(words: string): string {
  const plain = words
    // biome-ignore lint/suspicious/noControlCharactersInRegex: servers color their messages, and a terminal would obey.
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
    .replace(/\p{Cc}+|\p{Cf}+/gu, " ")
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, "$1")
    .replace(/[=*#-]{8,}/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain;
}

/** The error for words of a server that ended the exchange with them; `otherwise` where no row knows them. */
export function serverSaid(words: string, otherwise: GitErrorCode = "declined"): GitError {
  const shown = presentable(words);
  const [, code = otherwise] = known.find(([pattern]) => pattern.test(shown)) ?? [];
  return new GitError(
    code,
    shown === "" ? "the server ended the exchange without a word" : `the server says: ${shown}`,
  );
}
