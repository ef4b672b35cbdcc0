import type { Digester } from "../../src/model/digest.ts";
import { emptyState } from "../../src/model/state.ts";
import { Memory, run } from "./reroll.ts";
import { type Random, World } from "./world.ts";

/** mulberry32: small, seeded, good enough for a walk. */
function seeded(seed: number): Random {
  let at = seed >>> 0;
  return () => {
    at = (at + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(at ^ (at >>> 15), at | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What a history of many small steps came to: `fault` is what the protocol got wrong. */
export interface Judgement {
  readonly fault: string | undefined;
  readonly restarts: number;
  readonly log: readonly string[];
}

/** Plays one random history and judges it by what the pods run with at the end. */
export function judgeHistory(seed: number, digester: Digester): Judgement {
  const world = new World(seeded(seed));
  const memory = new Memory();
  let fault: string | undefined;
  const finish = (generator: Generator<void, string | undefined>) => {
    for (let next = generator.next(); ; next = generator.next()) {
      if (next.done) {
        fault ??= next.value;
        return;
      }
    }
  };
  const quiet = () => finish(run(world, memory, digester, { unseen: false, lostAnswer: false }));
  quiet();
  play(world, memory, digester, (value) => {
    fault ??= value;
  });
  for (let last = 0; last < 4; last++) quiet();
  const missed = [...world.uses].filter((unit) => {
    const content = world.content(unit);
    return (
      world.sources.has(unit.split(".")[0] ?? "") && world.podView.get(unit) !== content && !world.excused.has(unit)
    );
  });
  if (missed.length > 0) fault ??= `missed ${missed.join(" ")}`;
  const before = world.restarts;
  for (let last = 0; last < 2; last++) quiet();
  if (world.restarts !== before) fault ??= "restarts although nothing changes";
  return { fault, restarts: world.restarts, log: world.log };
}

function play(world: World, memory: Memory, digester: Digester, blame: (fault: string | undefined) => void): void {
  const running: Generator<void, string | undefined>[] = [];
  const length = 10 + Math.floor(world.random() * 50);
  for (let turn = 0; turn < length; turn++) {
    const dice = world.random();
    if (dice < 0.35) world.happen();
    else if (dice < 0.5 && running.length < 2) {
      running.push(run(world, memory, digester, { unseen: true, lostAnswer: true }));
    } else if (dice < 0.51) {
      memory.state = emptyState;
      memory.version++;
      memory.observed = new Map();
      world.log.push(`${world.time}: state lost`);
    } else if (running.length > 0) {
      const index = Math.floor(world.random() * running.length);
      const next = world.random() < 0.06 ? undefined : running[index]?.next();
      if (!next || next.done) running.splice(index, 1);
      if (next?.done) blame(next.value);
    }
  }
}
