import type { Dispatcher } from "undici";
import type { Connection, Credential } from "./connection.ts";
import { createDispatcher, type Timeouts } from "./dispatcher.ts";

/** Hands out the one pool of connections, and replaces it when the client certificate was rotated. */
export interface DispatcherPool {
  acquire(): Promise<{ readonly dispatcher: Dispatcher; readonly authorization: string | undefined }>;
  /** See `Credentials.refresh`. */
  refresh(): boolean;
  close(): Promise<void>;
}

/** Nothing is opened before the first `acquire`. */
export function createDispatcherPool(connection: Connection, timeouts: Timeouts): DispatcherPool {
  let held: { readonly credential: Credential; readonly dispatcher: Promise<Dispatcher> } | undefined;

  function dispatcherFor(credential: Credential): Promise<Dispatcher> {
    const same = held?.credential.cert === credential.cert && held?.credential.key === credential.key;
    if (held !== undefined && same) return held.dispatcher;
    // Calls in flight end on the connections they began on.
    held?.dispatcher.then((old) => old.close()).catch(() => {});
    held = { credential, dispatcher: createDispatcher(connection, credential, timeouts) };
    return held.dispatcher;
  }

  return {
    async acquire() {
      const credential = await connection.credentials.current();
      return { dispatcher: await dispatcherFor(credential), authorization: credential.authorization };
    },
    refresh: () => connection.credentials.refresh(),
    async close() {
      const last = held;
      held = undefined;
      await (await last?.dispatcher)?.destroy();
    },
  };
}
