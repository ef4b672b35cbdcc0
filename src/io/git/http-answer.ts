import { GitError, type GitErrorCode } from "../../model/git.ts";
import { presentable, serverSaid } from "./words.ts";

const byStatus: Readonly<Record<number, GitErrorCode>> = {
  // Azure DevOps answers with its page for signing in.
  203: "unauthorized",
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  407: "unauthorized",
  408: "timeout",
  410: "not-found",
  413: "too-large",
  429: "server-error",
};

/** What an answer other than 200 means. Its words are passed on where they are plain text; pages are not. */
export function refused(status: number, type: string | undefined, text: string, credentialSent: boolean): GitError {
  const code = byStatus[status] ?? (status >= 500 ? "server-error" : "bad-answer");
  const said = type?.startsWith("text/plain") === true ? presentable(text) : "";
  const words = said === "" ? "" : `: ${said}`;
  const bare = !credentialSent && (code === "unauthorized" || code === "forbidden" || code === "not-found");
  const readOnly = code === "forbidden" && serverSaid(said).code === "read-only";
  return new GitError(
    readOnly ? "read-only" : code,
    `the server answered ${status}${words}${bare ? " (no credential was sent)" : ""}`,
  );
}

/**
 * Where an answer redirects to; `undefined` where it does not. Only within the same origin: the credential goes nowhere else, and neither
 * does what is believed of the repository. Fails with `unsupported`.
 */
export function redirected(status: number, location: string | undefined, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (!URL.canParse(location, from.href)) throw new GitError("bad-answer", "the server redirects to what is no URL");
  const next = new URL(location, from);
  if (next.origin === from.origin) return next;
  throw new GitError(
    "unsupported",
    `the server redirects to ${next.origin}, where the credential is not sent: put the new address into the GitRepository`,
  );
}
