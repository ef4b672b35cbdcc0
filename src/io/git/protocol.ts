import git, { type PromiseFsClient } from "isomorphic-git";
import { GitError } from "../../model/git.ts";
import { tipOf } from "./advertisement.ts";
import { gitFolder } from "./memory-files.ts";
import { createPlugin, pluginUrl } from "./plugin.ts";
import type { Transport } from "./transport.ts";

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

/** A pack of these objects, whole and without deltas. */
export async function packObjects(fs: PromiseFsClient, oids: readonly string[]): Promise<Uint8Array> {
  const { packfile } = await git.packObjects({ fs, gitdir: gitFolder, oids: [...oids], write: false });
  if (packfile === undefined) throw new GitError("bad-answer", "no pack was made");
  return packfile;
}

/** Remembers that the branch is at a commit whose files are here, so that the next fetch brings only what comes after it. */
export function markFetched(fs: PromiseFsClient, branch: string, id: string): Promise<void> {
  return git.writeRef({ fs, gitdir: gitFolder, ref: `refs/remotes/origin/${branch}`, value: id, force: true });
}
