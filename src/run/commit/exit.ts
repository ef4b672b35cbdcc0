import { isAccessError, type PortError } from "../../model/errors.ts";
import type { ExitCode } from "../../model/exit.ts";
import { GitError } from "../../model/git.ts";

/** What a Git server says to the commit itself, and not to who sends it. */
const aboutTheCommit: ReadonlySet<GitError["code"]> = new Set(["declined", "too-large", "unsupported"]);

/** The exit code of a call that failed, to the API server or to a Git server. */
export function exitOf(error: PortError | GitError): ExitCode {
  if (!(error instanceof GitError)) return isAccessError(error) ? 3 : 75;
  if (error.retryable) return 75;
  return aboutTheCommit.has(error.code) ? 5 : 3;
}
