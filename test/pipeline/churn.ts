import { type DataKind, envFrom, envKeys, source, type WorkloadParts, workload } from "../support/manifests.ts";
import type { World } from "../support/world.ts";

type Random = () => number;
/** `Kind/name`. */
type SourceName = `${DataKind}/${string}`;

interface App {
  readonly name: string;
  readonly kind: NonNullable<WorkloadParts["kind"]>;
  /** Which source it uses, and which key of it. */
  uses: ReadonlyMap<SourceName, "a" | "b" | "*">;
  version: number;
  replicas: number;
  paused: boolean;
  exists: boolean;
}

const kinds = ["Deployment", "StatefulSet", "DaemonSet"] as const;
const keys = ["a", "b"] as const;

/**
 * People and other controllers at work on a small cluster, and what they know of it: who uses what, and what has changed. Nothing here
 * knows how reroll decides. Two limits are kept out: a value that comes and goes between two complete runs while pods start on it, so what
 * a pod has just started with stays as it is until the next complete run; and pods that started while an optional source was not there.
 */
export class Churn {
  readonly #world: World;
  readonly #random: Random;
  readonly #apps: App[];
  readonly #sources: readonly SourceName[];
  readonly #content = new Map<SourceName, Readonly<Record<string, string>>>();
  readonly #frozen = new Set<SourceName>();
  /** Who started without which source: should it come back as it was, nobody restarts for it. */
  readonly #without = new Set<string>();
  /** Changes that concern a workload and were not yet seen by a complete run. */
  readonly #reasons = new Map<string, number>();
  readonly log: string[] = [];

  constructor(world: World, random: Random, size: number) {
    this.#world = world;
    this.#random = random;
    const numbers = Array.from({ length: size }, (_, index) => index);
    this.#sources = numbers.map((index): SourceName => `${index % 2 === 0 ? "ConfigMap" : "Secret"}/s${index}`);
    for (const name of this.#sources) this.#write(name, { a: "0", b: "0" });
    this.#apps = numbers.map((index): App => {
      const kind = this.#pick(kinds);
      return { name: `w${index}`, kind, uses: this.#drawUses(), version: 0, replicas: 1, paused: false, exists: true };
    });
    for (const app of this.#apps) this.#apply(app);
  }

  /** Something happens that is none of reroll's doing. */
  happen(): void {
    this.#world.time.advance(5_000 + Math.floor(this.#random() * 60_000));
    const dice = this.#random();
    if (dice < 0.6) this.#touchSource(this.#pick(this.#sources));
    else this.#touchApp(this.#pick(this.#apps));
  }

  /** All sources are there and all workloads run again, so that nothing is held back. */
  resumeAll(): void {
    for (const name of this.#sources) if (!this.#content.has(name)) this.#write(name, { a: "3", b: "3" });
    for (const app of this.#apps) {
      app.exists = true;
      app.paused = false;
      app.replicas = 1;
      this.#apply(app);
    }
  }

  /** How often reroll may restart `Kind/namespace/name` by now. Without pods nothing restarts, whatever is written on it. */
  allowed(ref: string): number {
    const app = this.#apps.find((each) => refOf(each) === ref);
    return app?.replicas === 0 && app.kind !== "DaemonSet" ? Number.POSITIVE_INFINITY : this.#reasonsFor(ref);
  }

  #reasonsFor(ref: string): number {
    return this.#reasons.get(ref) ?? 0;
  }

  /** Takes note of a restart by a run that may not have seen everything. */
  restarted(ref: string): void {
    const app = this.#apps.find((each) => refOf(each) === ref);
    if (app) this.#started(app);
  }

  /** A run has seen everything and could act on everything that is not paused. */
  sawEverything(): void {
    this.#frozen.clear();
    for (const app of this.#apps) if (!app.paused) this.#reasons.delete(refOf(app));
  }

  /** What pods run with that is not what their sources hold now. */
  stale(): string[] {
    const views = this.#world.allViews();
    return this.#apps.flatMap((app) =>
      (views.get(app.name) ?? []).flatMap((view) =>
        [...app.uses].flatMap(([name, used]) => {
          const content = this.#content.get(name);
          if (!content || this.#without.has(`${refOf(app)} ${name}`)) return [];
          const wanted = used === "*" ? keys : [used];
          const wrong = wanted.filter((key) => view[name]?.[key] !== content[key]);
          return wrong.map((key) => `${refOf(app)} runs with another ${name} ${key}`);
        }),
      ),
    );
  }

  #touchSource(name: SourceName): void {
    if (this.#frozen.has(name)) return;
    const before = this.#content.get(name);
    const dice = this.#random();
    const key = this.#pick(keys);
    if (!before) this.#write(name, { a: this.#value(), b: this.#value() });
    else if (dice < 0.65) this.#write(name, { ...before, [key]: this.#value() });
    else if (dice < 0.75) this.#write(name, before, { touched: `${this.#world.time.now()}` });
    else if (dice < 0.85) this.#write(name, Object.fromEntries(Object.entries(before).filter(([own]) => own !== key)));
    else this.#remove(name);
  }

  #touchApp(app: App): void {
    const dice = this.#random();
    if (!app.exists) app.exists = true;
    else if (dice < 0.35) app.version += 1;
    else if (dice < 0.5) app.uses = this.#drawUses();
    else if (dice < 0.65 && app.kind !== "DaemonSet") app.replicas = 1 - app.replicas;
    else if (dice < 0.85 && app.kind === "Deployment") app.paused = !app.paused;
    else if (dice < 0.95) app.exists = false;
    this.#apply(app);
    this.#started(app);
  }

  #apply(app: App): void {
    const { name, kind, uses, version, replicas, paused, exists } = app;
    if (!exists) {
      this.#world.remove(kind, name);
      return;
    }
    const parts = [...uses].map(([source, key]) => {
      const [sourceKind, sourceName] = source.split("/") as [DataKind, string];
      return key === "*" ? envFrom([sourceKind, sourceName]) : envKeys(sourceKind, sourceName, [key]);
    });
    const pod = { env: parts.flatMap(({ env = [] }) => env), envFrom: parts.flatMap(({ envFrom: all = [] }) => all) };
    const spec = { ...(kind === "DaemonSet" ? {} : { replicas }), ...(kind === "Deployment" ? { paused } : {}) };
    // What a person applies does not carry our stamp: it is stripped now and then.
    this.#world.put(workload(name, { kind, pod, spec, template: { annotations: { version: `${version}` } } }));
    this.log.push(
      `${name} applied: version ${version}, uses ${[...uses].flat()}${paused ? ", paused" : ""}${replicas === 0 ? ", no pods" : ""}`,
    );
  }

  #write(
    name: SourceName,
    data: Readonly<Record<string, string>>,
    labels: Readonly<Record<string, string>> = {},
  ): void {
    const [kind, own] = name.split("/") as [DataKind, string];
    this.#changed(name, data);
    this.#world.put(source(kind, own, data, { labels }));
    this.log.push(`${name} = ${JSON.stringify(data)}`);
  }

  #remove(name: SourceName): void {
    const [kind, own] = name.split("/") as [DataKind, string];
    this.#changed(name, undefined);
    this.#world.remove(kind, own);
    this.log.push(`${name} removed`);
  }

  #changed(name: SourceName, data: Readonly<Record<string, string>> | undefined): void {
    const before = this.#content.get(name);
    if (data) this.#content.set(name, data);
    else this.#content.delete(name);
    for (const app of this.#apps ?? []) {
      const used = app.uses.get(name);
      const seen = used === "*" ? keys : used === undefined ? [] : [used];
      if (!before !== !data || seen.some((key) => before?.[key] !== data?.[key])) if (used) this.#because(app, name);
    }
  }

  #because(app: App, why: string): void {
    this.#reasons.set(refOf(app), this.#reasonsFor(refOf(app)) + 1);
    this.log.push(`${app.name}: ${why}`);
  }

  #started(app: App): void {
    for (const name of app.uses.keys()) {
      this.#frozen.add(name);
      if (this.#content.has(name)) this.#without.delete(`${refOf(app)} ${name}`);
      else this.#without.add(`${refOf(app)} ${name}`);
    }
  }

  #drawUses(): App["uses"] {
    const count = 1 + Math.floor(this.#random() * 2);
    return new Map(
      Array.from({ length: count }, () => [this.#pick(this.#sources), this.#pick(["a", "b", "*"] as const)]),
    );
  }

  #value(): string {
    return `${Math.floor(this.#random() * 3)}`;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }
}

function refOf({ kind, name }: App): string {
  return `${kind}/shop/${name}`;
}
