import { GitError } from "../../model/git.ts";

/** A repository's URL, taken apart. */
export interface Remote {
  readonly scheme: "http" | "https" | "ssh";
  readonly url: URL;
  /** As messages name it: without user information and query. */
  readonly shown: string;
}

/**
 * Reads the URL of a repository. Fails with `unsupported`; the scp-like form (`git@host:path`) is no URL, and Flux does not take it either.
 * User information of an http URL is dropped: credentials come from a Secret.
 */
export function readRemote(text: string): Remote {
  if (!URL.canParse(text)) {
    const scp = /^[^/\s]+@[^/\s:]+:/.test(text);
    const advice = scp ? "write it as ssh://git@host/path" : "give an http, https or ssh URL";
    throw new GitError("unsupported", `the address of the repository is not a URL: ${advice}`);
  }
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== "http" && scheme !== "https" && scheme !== "ssh") {
    throw new GitError(
      "unsupported",
      `repositories at ${scheme} addresses are not supported: give an http, https or ssh URL`,
    );
  }
  url.hash = "";
  if (scheme !== "ssh") {
    url.username = "";
    url.password = "";
  }
  return { scheme, url, shown: `${url.protocol}//${url.host}${url.pathname}` };
}
