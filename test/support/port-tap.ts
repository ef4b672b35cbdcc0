import type { Lock, Page, Ports } from "../../src/ports.ts";

/** One call of a port, before it is sent. */
export interface PortCall {
  readonly port: "cluster" | "states" | "keys" | "lock" | "git";
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What stands between a run and its ports. Never resolving is being killed. */
export interface Tap {
  readonly before: (call: PortCall) => Promise<void>;
  /** The call has come to its end, well or not. */
  readonly after: (call: PortCall) => Promise<void>;
}

/** Methods that ask nobody. */
const local: ReadonlySet<string> = new Set(["serverTime", "generate", "close"]);

const writing: ReadonlySet<string> = new Set(["patch", "write", "remove", "create", "push"]);

/** Whether the call changes something, in the cluster or in a repository. */
export function isWrite({ method }: PortCall): boolean {
  return writing.has(method);
}

/** Ports whose every call goes through the tap. */
export function tapPorts(ports: Ports, tap: Tap): Ports {
  return {
    ...ports,
    cluster: tapped("cluster", ports.cluster, tap),
    states: tapped("states", ports.states, tap),
    keys: tapped("keys", ports.keys, tap),
    lock: tapped("lock", ports.lock, tap),
    git: { open: (...where) => tapped("git", ports.git.open(...where), tap) },
  };
}

type Method = (...args: unknown[]) => unknown;

function tapped<Port extends object>(port: PortCall["port"], target: Port, tap: Tap): Port {
  return new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function" || local.has(String(key))) return value;
      const method = value.bind(target) as Method;
      const wrapped = key === "list" ? tappedList : tappedCall;
      return (...args: unknown[]) => wrapped({ port, method: String(key), args }, () => method(...args), tap);
    },
  });
}

async function tappedCall(call: PortCall, send: () => unknown, tap: Tap): Promise<unknown> {
  await tap.before(call);
  try {
    return await send();
  } finally {
    await tap.after(call);
  }
}

async function* tappedList(call: PortCall, send: () => unknown, tap: Tap): AsyncGenerator<Page> {
  await tap.before(call);
  const pages: Page[] = [];
  try {
    for await (const page of send() as AsyncIterable<Page>) pages.push(page);
  } finally {
    await tap.after(call);
  }
  yield* pages;
}

/** A lock that everybody gets: what is left are the guards. */
export const noLock: Lock = {
  read: async () => ({
    holder: undefined,
    renewedAt: undefined,
    ranAt: undefined,
    durationSeconds: 60,
    version: undefined,
    serverTime: 0,
  }),
  write: async () => "1",
};

/** Does something once, before the nth call of a method. */
export function beforeNth(method: string, nth: number, act: () => Promise<unknown>): (ports: Ports) => Ports {
  let calls = 0;
  const before = async (call: PortCall) => {
    if (call.method !== method) return;
    calls += 1;
    if (calls === nth) await act();
  };
  return (ports) => tapPorts(ports, { before, after: async () => {} });
}
