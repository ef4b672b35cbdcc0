/** One workload, two sources, pods that start with what is there: the world that the protocol has to keep up with. */
export type Random = () => number;

/** One second of the API is too coarse to tell two moments apart; a step of this world is longer than the margin of freshness. */
const step = 3000;

export interface WorldSource {
  readonly uid: string;
  readonly createdAt: number;
  /** It has managedFields, so its last write shows. */
  readonly managed: boolean;
  rv: number;
  mtime: number;
  /** When a key was last removed; shows nowhere in the API. */
  cut: number;
  data: Readonly<Record<string, number>>;
}

/** `source.key`, the smallest thing a pod can read. */
export type Unit = `${string}.${string}`;

/** What a rollout is made of. */
export interface Template {
  readonly uses: ReadonlySet<Unit>;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** Pods of one revision. */
export interface Pods {
  readonly template: Template;
  born: number;
  /** What they read when they started. */
  view: Map<Unit, number | undefined>;
  /** Units whose difference nobody could have noticed; see the documented limits. */
  excused: Set<Unit>;
}

const keys = ["a", "b"] as const;

export class World {
  readonly random: Random;
  readonly names: readonly [string, string];
  readonly log: string[] = [];
  readonly sources = new Map<string, WorldSource>();
  time = 0;
  uid = "app-0";
  generation = 1;
  observedGeneration = 1;
  paused = false;
  /** What somebody's annotation pauses: names of sources, and `*` for the workload or its namespace. */
  readonly held = new Set<string>();
  /** The controller does not act; what is edited waits. */
  asleep = false;
  /** The workload asks for restarts. */
  asks = true;
  template: Template;
  /** Current revision last; older ones are still to go. */
  pods: Pods[] = [];
  restarts = 0;
  /** Runs that held a restart back, and runs that ended a quarantine. */
  quarantined = 0;
  released = 0;

  /** Long names make a stamp that lists both sources too long, so that it is sealed. */
  constructor(random: Random, longNames: boolean) {
    this.random = random;
    this.names = longNames ? [`one-${"x".repeat(600)}`, `two-${"x".repeat(600)}`] : ["one", "two"];
    for (const name of this.names) this.create(name, 0);
    this.template = { uses: new Set<Unit>(keys.map((key): Unit => `${this.names[0]}.${key}`)), annotations: undefined };
    this.rollOut("first");
  }

  get stamp(): string | undefined {
    return this.template.annotations?.["reroll.dev/stamp"];
  }

  now(): number {
    this.time += step;
    return this.time;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }

  /** How much of the world shows in the log of a failure. */
  note(what: string): void {
    this.log.push(`${this.time}: ${what.replaceAll(/x{600}/g, "…")}`);
  }

  content(unit: Unit): number | undefined {
    const dot = unit.lastIndexOf(".");
    return this.sources.get(unit.slice(0, dot))?.data[unit.slice(dot + 1)];
  }

  units(name: string, { uses }: Template = this.template): Unit[] {
    return [...uses].filter((unit) => unit.startsWith(`${name}.`)).sort();
  }

  create(name: string, value: number): void {
    const at = this.now();
    const data = Object.fromEntries(keys.map((key) => [key, value]));
    const managed = this.random() < 0.9;
    this.sources.set(name, { uid: `${name}-${at}`, createdAt: at, managed, rv: at, mtime: at, cut: 0, data });
    // A container waits for a source that is absent, and then starts with it.
    for (const { template, view } of this.pods) {
      for (const unit of this.units(name, template)) {
        if (view.get(unit) === undefined) view.set(unit, this.content(unit));
      }
    }
  }

  /** Somebody changes the template; the controller acts now or later. */
  edit(template: Template, why: string): void {
    this.template = template;
    this.generation++;
    this.note(`template: ${why}`);
    this.control();
  }

  /** The controller makes the pods what the template says; those of an older revision may take their time to go. */
  control(): void {
    if (this.asleep) return;
    this.observedGeneration = this.generation;
    const current = this.pods.at(-1);
    if (this.paused || current?.template === this.template) return;
    this.rollOut("controller");
  }

  /** A step of the pods: old ones go. */
  finishRollout(): void {
    this.pods = this.pods.slice(-1);
  }

  private rollOut(why: string): void {
    const born = this.now();
    const view = new Map([...this.template.uses].map((unit) => [unit, this.content(unit)]));
    const kept = this.random() < 0.25 ? this.pods.slice(-1) : [];
    this.pods = [...kept, { template: this.template, born, view, excused: new Set() }];
    this.note(`rollout (${why})${kept.length > 0 ? ", old pods stay for now" : ""}`);
  }

  /** Something happens that is none of reroll's doing. */
  happen(): void {
    const dice = this.random();
    if (dice < 0.6) this.happenToSource(this.pick(this.names), this.pick(keys));
    else if (dice < 0.92) this.happenToTemplate(this.pick(this.names), this.pick(keys));
    else this.happenToWorkload();
  }

  private happenToSource(name: string, key: string): void {
    const source = this.sources.get(name);
    const dice = this.random();
    if (!source) {
      if (dice > 0.6) return;
      this.create(name, Math.floor(this.random() * 2));
      this.note(`${name} created`);
    } else if (dice < 0.72) {
      this.write(source, { ...source.data, [key]: Math.floor(this.random() * 3) });
      this.note(`${name}.${key}=${source.data[key]}`);
    } else if (dice < 0.82) {
      this.label(source);
      this.note(`${name} labelled`);
    } else if (dice < 0.9 && key in source.data) {
      const { [key]: _gone, ...rest } = source.data;
      source.data = rest;
      source.rv = this.now();
      source.cut = source.rv;
      this.note(`${name}.${key} removed`);
    } else if (dice < 0.97) {
      this.now();
      this.sources.delete(name);
      this.note(`${name} deleted`);
    }
  }

  /** Two writers who do not agree. */
  flap(): void {
    const [name] = this.names;
    const source = this.sources.get(name);
    if (!source) return;
    this.write(source, { ...source.data, a: source.data.a === 7 ? 8 : 7 });
    this.note(`${name}.a=${source.data.a}`);
  }

  /** Moves the time of the last write and no content. */
  label(source: WorldSource): void {
    this.write(source, source.data);
  }

  private write(source: WorldSource, data: WorldSource["data"]): void {
    source.data = data;
    source.rv = this.now();
    source.mtime = source.rv;
  }

  private happenToTemplate(name: string, key: string): void {
    const dice = this.random();
    const { uses, annotations } = this.template;
    const current = this.pods.at(-1);
    const [old] = this.pods.length > 1 ? this.pods : [];
    if (dice < 0.2) this.edit({ uses, annotations: { ...annotations, image: `${this.time}` } }, "new image");
    else if (dice < 0.25) this.askOnTemplate();
    else if (dice < 0.55) this.toggle(`${name}.${key}`);
    else if (dice < 0.67 && this.stamp !== undefined) {
      const { "reroll.dev/stamp": _stamp, ...rest } = annotations ?? {};
      this.edit({ uses, annotations: Object.keys(rest).length > 0 ? rest : undefined }, "stamp stripped");
    } else if (dice < 0.77 && current) {
      current.born = this.now();
      current.view = new Map([...current.template.uses].map((unit) => [unit, this.content(unit)]));
      current.excused.clear();
      this.note("its node is drained");
    } else if (dice < 0.87) this.finishRollout();
    else if (old && !this.paused && !this.asleep) {
      this.template = old.template;
      this.generation++;
      this.observedGeneration = this.generation;
      this.pods = [old];
      this.note("rollout undone, old pods stay");
    }
  }

  private happenToWorkload(): void {
    const dice = this.random();
    if (dice < 0.3) this.setPaused(!this.paused);
    else if (dice < 0.5) this.setAsleep(!this.asleep);
    else if (dice < 0.65) this.scale();
    else if (dice < 0.75) this.setAsks(!this.asks);
    else if (dice < 0.9) this.toggleHeld(this.pick([...this.names, "*"]));
    else this.recreate();
  }

  private toggleHeld(what: string): void {
    if (!this.held.delete(what)) this.held.add(what);
    this.note(`${what} ${this.held.has(what) ? "held" : "let go"}`);
  }

  /** Every pause by annotation is taken away. */
  letGo(): void {
    this.held.clear();
    this.note("all let go");
  }

  /** Moves the generation and nothing else. */
  scale(): void {
    this.generation++;
    this.note("scaled");
    this.control();
  }

  setPaused(paused: boolean): void {
    if (this.paused === paused) return;
    this.paused = paused;
    this.note(paused ? "paused" : "resumed");
    this.scale();
  }

  setAsleep(asleep: boolean): void {
    if (this.asleep === asleep) return;
    this.asleep = asleep;
    this.note(asleep ? "controller stops" : "controller is back");
    this.control();
  }

  setAsks(asks: boolean): void {
    if (this.asks === asks) return;
    this.asks = asks;
    this.note(asks ? "opted in" : "opted out");
  }

  /** The pod template asks, or does so no more: that moves the generation. */
  private askOnTemplate(): void {
    const { uses, annotations } = this.template;
    const { "reroll.dev/auto": said, ...rest } = annotations ?? {};
    const asking = said === undefined ? { ...rest, "reroll.dev/auto": "true" } : rest;
    const left = Object.keys(asking).length > 0 ? asking : undefined;
    this.edit({ uses, annotations: left }, said === undefined ? "asks" : "asks no more");
  }

  private recreate(): void {
    this.uid = `app-${this.now()}`;
    this.generation = 1;
    this.observedGeneration = 0;
    const unit: Unit = `${this.pick(this.names)}.${this.pick(keys)}`;
    const uses = this.random() < 0.5 ? this.template.uses : new Set([unit]);
    this.template = { uses, annotations: undefined };
    this.pods = [];
    this.note("deleted and created");
    this.control();
  }

  private toggle(unit: Unit): void {
    const next = new Set(this.template.uses);
    if (!next.delete(unit)) next.add(unit);
    if (next.size === 0) return;
    this.edit({ uses: next, annotations: this.template.annotations }, `uses ${[...next].sort().join(" ")}`);
  }
}
