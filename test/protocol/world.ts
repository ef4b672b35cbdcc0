/** One workload, two sources, pods that start with what is there: the world that the protocol has to keep up with. */
export type Random = () => number;

/** One second of the API is too coarse to tell two moments apart; a step of this world is longer than the margin of freshness. */
export const step = 3000;

export interface WorldSource {
  readonly uid: string;
  rv: number;
  mtime: number;
  /** When a key was last removed; shows nowhere in the API. */
  cut: number;
  data: Readonly<Record<string, number>>;
}

/** `source.key`, the smallest thing a pod can read. */
export type Unit = `${string}.${string}`;

const keys = ["a", "b"] as const;
export const sourceNames = ["one", "two"] as const;

export class World {
  readonly random: Random;
  time = 0;
  generation = 1;
  uses: ReadonlySet<Unit> = new Set(["one.a", "one.b"]);
  stamp: string | undefined;
  born = 0;
  readonly sources = new Map<string, WorldSource>();
  /** What the pods read when they started. */
  podView = new Map<Unit, number | undefined>();
  /** Units whose difference nobody could have noticed; see the documented limits. */
  excused = new Set<Unit>();
  restarts = 0;
  readonly log: string[] = [];

  constructor(random: Random) {
    this.random = random;
    for (const name of sourceNames) this.create(name, 0);
    this.rollout("first");
  }

  now(): number {
    this.time += step;
    return this.time;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }

  content(unit: Unit): number | undefined {
    const [source = "", key = ""] = unit.split(".");
    return this.sources.get(source)?.data[key];
  }

  create(name: string, value: number): void {
    const at = this.now();
    const data = Object.fromEntries(keys.map((key) => [key, value]));
    this.sources.set(name, { uid: `${name}-${at}`, rv: at, mtime: at, cut: 0, data });
    // A container waits for a source that is absent, and then starts with it.
    for (const unit of this.uses) {
      if (unit.startsWith(`${name}.`) && this.podView.get(unit) === undefined)
        this.podView.set(unit, this.content(unit));
    }
  }

  rollout(why: string): void {
    this.generation++;
    this.born = this.now();
    this.podView = new Map([...this.uses].map((unit) => [unit, this.content(unit)]));
    this.excused = new Set();
    this.log.push(`${this.time}: rollout (${why})`);
  }

  /** Something happens that is none of reroll's doing. */
  happen(): void {
    const name = this.pick(sourceNames);
    const key = this.pick(keys);
    const source = this.sources.get(name);
    const dice = this.random();
    if (!source) {
      if (dice < 0.4) this.note(`${name} created`, () => this.create(name, Math.floor(this.random() * 2)));
    } else if (dice < 0.5) {
      this.write(source, { ...source.data, [key]: Math.floor(this.random() * 3) }, `${name}.${key} written`);
    } else if (dice < 0.58) {
      this.write(source, source.data, `${name} labelled`);
    } else if (dice < 0.62 && key in source.data) {
      const { [key]: _gone, ...rest } = source.data;
      this.note(`${name}.${key} removed`, () => {
        source.data = rest;
        source.rv = this.now();
        source.cut = source.rv;
      });
    } else if (dice < 0.66) {
      this.note(`${name} deleted`, () => {
        this.now();
        this.sources.delete(name);
      });
    } else if (dice < 0.78) this.rollout("new image");
    else if (dice < 0.88) this.toggle(`${name}.${key}`);
    else if (dice < 0.93 && this.stamp !== undefined) {
      this.stamp = undefined;
      this.rollout("stamp stripped");
    }
  }

  private write(source: WorldSource, data: WorldSource["data"], what: string): void {
    this.note(what, () => {
      source.data = data;
      source.rv = this.now();
      source.mtime = source.rv;
    });
  }

  private toggle(unit: Unit): void {
    const next = new Set(this.uses);
    if (!next.delete(unit)) next.add(unit);
    if (next.size === 0) return;
    this.uses = next;
    this.rollout(`uses ${[...next].sort().join(" ")}`);
  }

  private note(what: string, act: () => void): void {
    act();
    this.log.push(`${this.time}: ${what}`);
  }
}
