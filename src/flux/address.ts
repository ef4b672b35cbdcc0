import type { GitRepositoryFacts } from "../model/flux.ts";
import type { RepositoryAddress } from "../model/git.ts";

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443", "ssh:": "22" };

/**
 * Where commits for a GitRepository go: its URL without the user information that http and https carry as a credential, and its branch.
 * `undefined` where it follows none, or has no URL of a kind that Flux takes (http, https, ssh).
 */
export function repositoryAddress({
  url,
  branch,
}: Pick<GitRepositoryFacts, "url" | "branch">): RepositoryAddress | undefined {
  const parsed = parseUrl(url);
  if (!parsed || branch === undefined) return undefined;
  parsed.password = "";
  // Over ssh the user is part of the address, and `git` where none is named.
  parsed.username = parsed.protocol === "ssh:" ? parsed.username || "git" : "";
  return { url: parsed.href, branch };
}

/** The same for two addresses that name one branch of one repository, however they are written. */
export function repositoryKey({ url, branch }: RepositoryAddress): string {
  const parsed = parseUrl(url);
  const port = parsed?.port || (parsed ? defaultPorts[parsed.protocol] : "");
  const path = parsed?.pathname.replace(/\/+$/, "").replace(/\.git$/, "");
  const remote = parsed
    ? `${parsed.protocol}//${parsed.username}@${parsed.hostname.toLowerCase()}:${port}${path}`
    : url;
  return `${remote} ${branch}`;
}

/** A URL of a kind that Flux takes. */
export function parseUrl(url: string): URL | undefined {
  const parsed = URL.parse(url);
  return parsed && Object.hasOwn(defaultPorts, parsed.protocol) && parsed.hostname !== "" ? parsed : undefined;
}
