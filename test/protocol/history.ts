import { emptyState } from "../../src/model/state.ts";
import { Keys } from "./keys.ts";
import { Memory, type Options, run } from "./reroll.ts";
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
  readonly quarantined: number;
  readonly released: number;
  readonly log: readonly string[];
}

type Running = Generator<void, string | undefined>;

const noBreaker = { returns: 0, restarts: 0, within: 1, settle: 1 };

class History {
  readonly world: World;
  readonly memory = new Memory();
  readonly keys = new Keys();
  fault: string | undefined;
  /** Somebody writes back and forth between two contents. */
  private readonly flaps: boolean;
  policy: Omit<Options, "faults" | "catchUp">;

  constructor(random: Random) {
    this.world = new World(random, random() < 0.25);
    const often = (odds: number) => random() < odds;
    this.flaps = often(0.3);
    const loopBreaker = often(this.flaps ? 0.8 : 0.5)
      ? { returns: 1 + Math.floor(random() * 3), restarts: often(0.5) ? 4 : 0, within: 1e9, settle: 30_000 }
      : noBreaker;
    const annotationKeys = {};
    this.policy = {
      annotationKeys,
      loopBreaker,
      perKey: often(0.8),
      reloadOnCreate: often(0.2),
      reloadOnDelete: often(0.2),
    };
  }

  begin(options: Partial<Options> = {}): Running {
    return run(this.world, this.memory, this.keys, { ...this.policy, catchUp: false, faults: false, ...options });
  }

  /** A run from its beginning to its end, without anything else happening. */
  whole(options: Partial<Options> = {}): void {
    const running = this.begin(options);
    for (let next = running.next(); ; next = running.next()) {
      if (!next.done) continue;
      this.fault ??= next.value;
      return;
    }
  }

  /** Everything that was held up goes on, and reroll runs until nothing is left to do. */
  settle(): void {
    const { world } = this;
    world.setAsks(true);
    world.setAsleep(false);
    world.setPaused(false);
    world.letGo();
    for (let last = 0; last < 4; last++) {
      world.finishRollout();
      world.time += 2 * this.policy.loopBreaker.settle;
      this.whole();
    }
    world.finishRollout();
  }

  play(): void {
    const { world } = this;
    const running: Running[] = [];
    const length = 10 + Math.floor(world.random() * 50);
    for (let turn = 0; turn < length && this.fault === undefined; turn++) {
      const dice = world.random();
      if (this.flaps && world.random() < 0.4) this.flap();
      if (dice < 0.35) world.happen();
      else if (dice < 0.5 && running.length < 2)
        running.push(this.begin({ faults: true, catchUp: world.random() < 0.1 }));
      else if (dice < 0.53) this.meddle();
      else if (running.length > 0) {
        const index = Math.floor(world.random() * running.length);
        const next = world.random() < 0.05 ? undefined : running[index]?.next();
        if (!next || next.done) running.splice(index, 1);
        if (next?.done) this.fault ??= next.value;
      }
    }
  }

  /** A source goes back, or forth, and a whole run sees it; now and then nothing happens for a while. */
  private flap(): void {
    const { world } = this;
    if (world.random() < 0.1) world.time += 2 * this.policy.loopBreaker.settle;
    else world.flap();
    this.whole({ faults: world.random() < 0.3 });
  }

  /** Somebody lays hands on what reroll keeps, or on how it is configured. */
  private meddle(): void {
    const { memory, keys, world } = this;
    const dice = world.random();
    if (dice < 0.2) {
      memory.state = emptyState;
      memory.version++;
      memory.observed = new Map();
      world.note("state lost");
    } else if (dice < 0.45) {
      keys.rotate();
      world.note("key rotated");
    } else if (dice < 0.55) {
      keys.lose();
      world.note("key lost");
    } else if (dice < 0.75) this.configure({ perKey: !this.policy.perKey });
    else if (dice < 0.8) this.configure({ annotationKeys: { search: `example.com/${world.time}` } });
    else if (dice < 0.88) this.configure({ reloadOnCreate: !this.policy.reloadOnCreate });
    else this.configure({ reloadOnDelete: !this.policy.reloadOnDelete });
  }

  private configure(change: Partial<History["policy"]>): void {
    this.policy = { ...this.policy, ...change };
    this.world.note(`configured: ${JSON.stringify(change)}`);
  }

  /** After everything has come to rest, what is no change of content restarts nothing. */
  probe(): void {
    const { world, keys } = this;
    const before = world.restarts;
    for (const source of world.sources.values()) world.label(source);
    if (world.random() < 0.5) world.scale();
    if (world.random() < 0.5) keys.rotate();
    this.configure({
      perKey: !this.policy.perKey,
      reloadOnCreate: !this.policy.reloadOnCreate,
      reloadOnDelete: !this.policy.reloadOnDelete,
    });
    for (let last = 0; last < 2; last++) this.whole();
    if (world.restarts !== before) this.fault ??= "restarts although no content changes";
    keys.forget();
    this.whole();
    if (world.restarts !== before) this.fault ??= "restarts because a retired key is gone that nothing needs";
  }

  missed(): string[] {
    const { world } = this;
    return world.pods.flatMap(({ view, excused, template }) =>
      [...template.uses].filter((unit) => {
        const there = world.sources.has(unit.slice(0, unit.lastIndexOf(".")));
        return there && view.get(unit) !== world.content(unit) && !excused.has(unit);
      }),
    );
  }
}

/** Plays one random history and judges it by what the pods run with at the end. */
export function judgeHistory(seed: number): Judgement {
  const history = new History(seeded(seed));
  const { world } = history;
  history.whole();
  history.play();
  history.settle();
  const missed = history.missed();
  if (missed.length > 0) history.fault ??= `missed ${missed.map((unit) => unit.replaceAll("x", "")).join(" ")}`;
  const before = world.restarts;
  for (let last = 0; last < 2; last++) history.whole();
  if (world.restarts !== before) history.fault ??= "restarts although nothing changes";
  if (history.fault === undefined) history.probe();
  const { restarts, quarantined, released, log } = world;
  return { fault: history.fault, restarts, quarantined, released, log };
}
