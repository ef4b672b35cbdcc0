import git, { type PromiseFsClient } from "isomorphic-git";
import { GitError } from "../../model/git.ts";
import { tipOf } from "./advertisement.ts";
import { gitFolder } from "./memory-files.ts";
import { createPlugin, pluginUrl } from "./plugin.ts";
import type { Transport } from "./transport.ts";
import { presentable, saysContended, serverSaid } from "./words.ts";

/** What isomorphic-git needs to know of the one remote. */
export const remoteConfig = `[remote "origin"]\n\turl = ${pluginUrl}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n`;

/** One call about one branch. */
export interface Call {
  readonly transport: Transport;
  readonly branch: string;
  readonly signal: AbortSignal;
}

const nothing = () => {};

/** The commit that the branch is at. Where the server knows protocol version 2, the names of other branches are not sent. */
export async function readTip({ transport, branch, signal }: Call): Promise<string> {
  const http = createPlugin(transport, branch, signal, nothing);
  try {
    const prefix = `refs/heads/${branch}`;
    const refs = await git.listServerRefs({ http, url: pluginUrl, prefix, protocolVersion: 2 });
    return tipOf(new Map(refs.map(({ ref, oid }) => [ref, oid])), branch);
  } finally {
    http.end();
  }
}

/** Fetches the tip without history, and of it only what was not fetched before; the pack goes to `takePack`. Returns the tip. */
export async function fetchTip(
  { transport, branch, signal }: Call,
  fs: PromiseFsClient,
  takePack: (pack: Buffer) => void,
): Promise<string> {
  const http = createPlugin(transport, branch, signal, takePack);
  try {
    const { fetchHead } = await git.fetch({
      ...{ fs, http, gitdir: gitFolder, url: pluginUrl, remote: "origin" },
      ref: `refs/remotes/origin/${branch}`,
      remoteRef: `refs/heads/${branch}`,
      ...{ singleBranch: true, depth: 1, tags: false },
    });
    if (fetchHead === null) throw new GitError("no-branch", "the repository is empty");
    return fetchHead;
  } finally {
    http.end();
  }
}

/**
 * Moves the branch from one commit to another by compare-and-swap, never by force. Fails with `moved` where the branch is elsewhere, before
 * or while it is pushed; with `declined` where the server or a hook of it says no.
 */
export async function pushCommit(call: Call, fs: PromiseFsClient, from: string, to: string): Promise<void> {
  const { transport, branch, signal } = call;
  const http = createPlugin(transport, branch, signal, nothing);
  const ref = "refs/heads/reroll";
  try {
    await git.writeRef({ fs, gitdir: gitFolder, ref, value: to, force: true });
    await git.push({
      ...{ fs, http, gitdir: gitFolder, url: pluginUrl, remote: "origin" },
      ref,
      remoteRef: `refs/heads/${branch}`,
      // Called with what the server announced, which it compares again when the push arrives.
      onPrePush: ({ remoteRef }) => comparePosition(remoteRef.oid, from),
    });
  } catch (error) {
    http.end();
    if (error instanceof git.Errors.PushRejectedError) throw new GitError("moved", "the branch is elsewhere");
    if (!(error instanceof git.Errors.GitPushError)) throw error;
    // A lost race and a refusal are told apart by where the branch is, not by what the server says about it.
    comparePosition(await readTip(call), from);
    throw refusal(error, `refs/heads/${branch}`, http.messages());
  } finally {
    http.end();
  }
}

function comparePosition(tip: string, expected: string): true {
  if (tip === expected) return true;
  throw new GitError("moved", `the branch is at ${tip.slice(0, 12)}, no longer at ${expected.slice(0, 12)}`);
}

function refusal(error: InstanceType<typeof git.Errors.GitPushError>, ref: string, messages: string): GitError {
  const { result } = error.data;
  const said = presentable(messages);
  const unpacking = (result as { readonly error?: string }).error;
  if (!result.ok) return serverSaid(`${unpacking ?? ""} ${said}`, "server-error");
  const reason = presentable(result.refs[ref]?.error ?? "");
  const words = `the server says: ${reason}${said === "" ? "" : `: ${said}`}`;
  if (saysContended(reason)) return new GitError("moved", words);
  return new GitError(serverSaid(words).code === "read-only" ? "read-only" : "declined", words);
}
