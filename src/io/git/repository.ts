import { GitError, type RepositoryAddress } from "../../model/git.ts";
import type { FetchedCommit, NewCommit, Repository } from "../../ports.ts";
import type { Remote } from "./address.ts";
import { makeCommit } from "./commit.ts";
import { within } from "./deadline.ts";
import { translate } from "./failure.ts";
import { giveRoom } from "./heap.ts";
import { createMemoryFiles } from "./memory-files.ts";
import { messageOf, treeOf } from "./object.ts";
import { createObjectStore } from "./object-store.ts";
import { type Call, fetchTip, markFetched, packObjects, readTip, remoteConfig } from "./protocol.ts";
import { pushPack } from "./receive-pack.ts";
import type { Transport } from "./transport.ts";
import { createTree } from "./tree.ts";

/** What a repository needs besides its address. */
export interface RepositoryParts {
  readonly remote: () => Remote;
  /** Made when it is first needed. Fails with a `GitError` where the address or the credential cannot be used. */
  readonly connect: () => Promise<Transport>;
  /** Takes the credential out of words. */
  readonly hide: (words: string) => string;
  /** Milliseconds for one call. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** One branch, in memory: without checkout, index or history. */
export function createRepository({ url, branch }: RepositoryAddress, parts: RepositoryParts): Repository {
  const store = createObjectStore();
  const fs = createMemoryFiles(store, remoteConfig);
  let connected: Promise<Transport> | undefined;

  async function call<T>(doing: string, work: (at: Call) => Promise<T>): Promise<T> {
    try {
      return await within(parts.timeout, parts.signal, async (signal) => {
        connected ??= parts.connect();
        return work({ transport: await connected, branch, signal });
      });
    } catch (error) {
      throw translate(error, { doing, branch, url: shownUrl() }, parts.hide);
    }
  }

  function shownUrl(): string {
    try {
      return parts.remote().shown;
    } catch {
      return url.replace(/\/\/[^/@]*@/, "//");
    }
  }

  return {
    tip: () => call("list", readTip),
    fetch: () =>
      call("fetch", async (at) => {
        giveRoom();
        const id = await fetchTip(at, fs, (pack) => store.addPack(pack));
        const commit = store.read(id);
        return { id, message: messageOf(commit), tree: createTree(store, treeOf(commit)) };
      }),
    push: (base: FetchedCommit, commit: NewCommit) =>
      call("push to", async (at) => {
        if (!store.has(base.id)) throw new GitError("unsupported", `commit ${base.id} was not fetched`);
        const { id, fresh } = await makeCommit(fs, store, base.id, commit);
        await pushPack(at, { from: base.id, to: id, pack: await packObjects(fs, fresh) });
        await markFetched(fs, branch, id);
        return id;
      }),
    async close() {
      store.clear();
      const open = connected;
      connected = undefined;
      await (await open?.catch(() => undefined))?.close();
    },
  };
}
