import { setImmediate as turn } from "node:timers/promises";
import type { Ports } from "../../src/ports.ts";
import { noLock, type PortCall, tapPorts } from "./port-tap.ts";

type Random = () => number;

/** mulberry32: small, seeded, good enough to choose. */
export function seeded(seed: number): Random {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

type Start<Result> = (through: (ports: Ports) => Ports) => Promise<Result>;

interface Waiting {
  readonly call: PortCall;
  readonly go: () => void;
}

/**
 * Lets several runs make their calls one at a time, in an order drawn by `random`, without a lock between them. `between` may change the
 * world before each call.
 */
export async function interleave<Result>(
  random: Random,
  starts: readonly Start<Result>[],
  between: (calls: number) => void = () => {},
): Promise<Result[]> {
  const waiting: Waiting[] = [];
  let ended = 0;
  let busy: (() => void) | undefined;
  const through = (ports: Ports): Ports => {
    const tapped = tapPorts(ports, {
      before: (call) => new Promise<void>((go) => waiting.push({ call, go })),
      after: async () => busy?.(),
    });
    return { ...tapped, lock: noLock };
  };
  const running = starts.map(async (start) => {
    try {
      return await start(through);
    } finally {
      ended += 1;
    }
  });
  for (let calls = 0; ended < starts.length; ) {
    // Whoever was answered goes on until its next call, or to its end.
    for (let turns = 0; turns < 3; turns++) await turn();
    const [next] = waiting.splice(Math.floor(random() * waiting.length), 1);
    if (!next) continue;
    between(calls++);
    const { promise, resolve } = Promise.withResolvers<void>();
    busy = resolve;
    next.go();
    await promise;
  }
  return Promise.all(running);
}
