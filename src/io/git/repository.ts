import { GitError, type RepositoryAddress } from "../../model/git.ts";
import type { FetchedCommit, NewCommit, Repository } from "../../ports.ts";
import type { Remote } from "./address.ts";
import { makeCommit } from "./commit.ts";
import { within } from "./deadline.ts";
import { translate } from "./failure.ts";
import { treeOf } from "./object.ts";
import { createObjectStore } from "./object-store.ts";
import { writePack } from "./pack-write.ts";
import { pushPack } from "./receive-pack.ts";
import type { Transport } from "./transport.ts";
import { createTree } from "./tree.ts";
import { fetchPack, readTip } from "./upload-pack.ts";

/** What a repository needs besides its address. */
export interface RepositoryParts {
  readonly remote: () => Remote;
  /** Made when it is first needed. Fails with a `GitError` where the address or the credential cannot be used. */
  readonly connect: () => Promise<Transport>;
  /** Milliseconds for one call. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

/** One branch, in memory: without checkout, index or history. */
export function createRepository({ url, branch }: RepositoryAddress, parts: RepositoryParts): Repository {
  const store = createObjectStore();
  /** Commits whose files are in the store. */
  let complete: readonly string[] = [];
  let connected: Promise<Transport> | undefined;

  async function call<T>(doing: string, work: (transport: Transport, signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await within(parts.timeout, parts.signal, async (signal) => {
        connected ??= parts.connect();
        return work(await connected, signal);
      });
    } catch (error) {
      throw translate(error, { doing, branch, url: shownUrl() });
    }
  }

  function shownUrl(): string {
    try {
      return parts.remote().shown;
    } catch {
      return url.replace(/\/\/[^/@]*@/, "//");
    }
  }

  const fetched = (id: string): FetchedCommit => ({ id, tree: createTree(store, treeOf(store.read(id))) });

  return {
    tip: () => call("list", (transport, signal) => readTip(transport, branch, signal)),
    fetch: () =>
      call("fetch", async (transport, signal) => {
        const { tip, pack } = await fetchPack(transport, branch, complete, signal);
        if (pack !== undefined) store.addPack(pack);
        const commit = fetched(tip);
        complete = [tip];
        return commit;
      }),
    push: (base: FetchedCommit, commit: NewCommit) =>
      call("push to", async (transport, signal) => {
        if (!store.has(base.id)) throw new GitError("unsupported", `commit ${base.id} was not fetched`);
        const { id, objects } = makeCommit(store, base.id, commit);
        await pushPack(transport, { branch, from: base.id, to: id, pack: writePack(objects) }, signal);
        for (const object of objects) store.add(object);
        complete = [id];
        return id;
      }),
    async close() {
      store.clear();
      complete = [];
      const open = connected;
      connected = undefined;
      await (await open?.catch(() => undefined))?.close();
    },
  };
}
