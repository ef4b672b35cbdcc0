import type { Clock, Ports } from "../../src/ports.ts";
import { isWrite, type PortCall, tapPorts } from "./port-tap.ts";
import type { Ran, RunSettings, World } from "./world.ts";

/** When a run ends for ever, as by SIGKILL: its nth call, before it is sent or after it was carried out. */
export interface Death {
  readonly at: number;
  readonly when: "before" | "after";
}

const never = new Promise<never>(() => {});

/** Runs until death; `undefined`: it was killed. A run that has fewer calls ends by itself. */
export async function runUntil(
  world: Pick<World, "run">,
  { at, when }: Death,
  settings: RunSettings = {},
): Promise<Ran | undefined> {
  let calls = 0;
  let inFlight = 0;
  let dead = false;
  const gone = Promise.withResolvers<undefined>();
  const die = () => {
    dead = true;
    return rest();
  };
  // What was sent before the death still happens; nobody hears of it.
  const rest = () => {
    if (inFlight === 0) gone.resolve(undefined);
    return never;
  };
  const doomed = new WeakSet<object>();
  const through = (ports: Ports): Ports => ({
    ...tapPorts(ports, {
      before: async (call) => {
        if (dead) return rest();
        calls += 1;
        if (calls === at && when === "before") return die();
        if (calls === at) doomed.add(call);
        inFlight += 1;
      },
      after: async (call) => {
        inFlight -= 1;
        if (doomed.has(call)) return die();
        if (dead) return rest();
      },
    }),
    clock: mortal(ports.clock, () => dead),
  });
  return Promise.race([world.run({ ...settings, through }), gone.promise]);
}

/** The clock of somebody who may be dead: then nothing is called back and no sleep ends. */
function mortal(clock: Clock, isDead: () => boolean): Clock {
  return {
    now: clock.now,
    jitter: clock.jitter,
    sleep: (ms, signal) => (isDead() ? never : clock.sleep(ms, signal)),
    every: (ms, callback) => clock.every(ms, () => isDead() || callback()),
  };
}

/** Which calls of a plain run in such a world are writes, counted from 1. */
export async function whereWritesAre(start: () => Promise<Pick<World, "run"> & AsyncDisposable>): Promise<number[]> {
  const calls: PortCall[] = [];
  await using world = await start();
  const before = async (call: PortCall) => {
    calls.push(call);
  };
  await world.run({ through: (ports) => tapPorts(ports, { before, after: async () => {} }) });
  return calls.flatMap((call, index) => (isWrite(call) ? [index + 1] : []));
}
