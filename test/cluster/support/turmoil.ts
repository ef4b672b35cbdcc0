/** People and other controllers at work in a namespace of a real cluster. No value is ever written twice, except where it comes back at once. */
import {
  type DataKind,
  envFrom,
  envKeys,
  type PodParts,
  source,
  type WorkloadParts,
  workload,
} from "../../support/manifests.ts";
import type { Stage } from "./stage.ts";

interface App {
  readonly name: string;
  readonly kind: NonNullable<WorkloadParts["kind"]>;
  uses: readonly { readonly index: number; readonly key: "a" | "b" | "*" }[];
  version: number;
  replicas: number;
  paused: boolean;
  exists: boolean;
}

interface Source {
  readonly kind: DataKind;
  readonly name: string;
  data: Readonly<Record<string, string>> | undefined;
}

const kinds = ["Deployment", "StatefulSet", "DaemonSet"] as const;
const plurals = { Deployment: "deployments", StatefulSet: "statefulsets", DaemonSet: "daemonsets" } as const;

export class Turmoil {
  readonly #stage: Stage;
  readonly #random: () => number;
  readonly #sources: readonly Source[];
  readonly #apps: readonly App[];
  #written = 0;
  /** What was done, for people. */
  readonly log: string[] = [];

  constructor(stage: Stage, random: () => number, size: number) {
    this.#stage = stage;
    this.#random = random;
    const numbers = Array.from({ length: size }, (_, index) => index);
    this.#sources = numbers.map((index) => {
      const kind = index % 2 === 0 ? "ConfigMap" : "Secret";
      return { kind, name: `s${index}`, data: { a: this.#value(), b: this.#value() } };
    });
    this.#apps = numbers.map((index) => {
      const kind = kinds[index % kinds.length] ?? "Deployment";
      return { name: `w${index}`, kind, uses: this.#drawUses(), version: 0, replicas: 1, paused: false, exists: true };
    });
  }

  /** Everything is there and nothing is paused. */
  async bringBack(): Promise<void> {
    for (const each of this.#sources) each.data ??= { a: this.#value(), b: this.#value() };
    for (const app of this.#apps) Object.assign(app, { exists: true, paused: false, replicas: 1 });
    for (const each of this.#sources) await this.#write(each);
    for (const app of this.#apps) await this.#apply(app);
  }

  /** Something happens. `atRest`: no run is at work and no pod is starting, so that a value may come and go unseen. */
  async happen(atRest: boolean): Promise<void> {
    const dice = this.#random();
    if (dice < 0.65) await this.#touchSource(this.#pick(this.#sources), atRest);
    else await this.#touchApp(this.#pick(this.#apps));
  }

  async #touchSource(each: Source, atRest: boolean): Promise<void> {
    const { data } = each;
    const dice = this.#random();
    const key = this.#pick(["a", "b"] as const);
    if (!data) each.data = { a: this.#value(), b: this.#value() };
    else if (dice < 0.65) each.data = { ...data, [key]: this.#value() };
    else if (dice < 0.75) return this.#write(each, { touched: `t${this.#value()}` });
    else if (dice < 0.82 && atRest) {
      each.data = { ...data, [key]: this.#value() };
      await this.#write(each);
      each.data = data;
    } else if (dice < 0.92) each.data = Object.fromEntries(Object.entries(data).filter(([own]) => own !== key));
    else {
      each.data = undefined;
      this.log.push(`${each.name} removed`);
      const path = `/api/v1/namespaces/${this.#stage.namespace}/${each.kind.toLowerCase()}s/${each.name}`;
      return this.#stage.cluster.remove(path, { wait: false });
    }
    await this.#write(each);
  }

  async #touchApp(app: App): Promise<void> {
    const dice = this.#random();
    if (!app.exists) app.exists = true;
    else if (dice < 0.35) app.version += 1;
    else if (dice < 0.55) app.uses = this.#drawUses();
    else if (dice < 0.7 && app.kind !== "DaemonSet") app.replicas = 1 - app.replicas;
    else if (dice < 0.85 && app.kind === "Deployment") app.paused = !app.paused;
    else if (dice < 0.95) app.exists = false;
    await this.#apply(app);
  }

  async #apply({ name, kind, uses, version, replicas, paused, exists }: App): Promise<void> {
    this.log.push(`${name} ${exists ? `version ${version} x${replicas}${paused ? " paused" : ""}` : "removed"}`);
    if (!exists) {
      const path = `/apis/apps/v1/namespaces/${this.#stage.namespace}/${plurals[kind]}/${name}`;
      return this.#stage.cluster.remove(path, { wait: false });
    }
    const parts: readonly PodParts[] = uses.map(({ index, key }) => {
      const { kind: sourceKind, name: sourceName } = this.#sources[index] as Source;
      if (key === "*") return envFrom([sourceKind, sourceName]);
      const { env = [] } = envKeys(sourceKind, sourceName, [key]);
      return { env: env.map((each) => ({ ...each, name: sourceName })) };
    });
    const env = [{ name: "VERSION", value: `${version}` }, ...parts.flatMap(({ env = [] }) => env)];
    const pod = { env, envFrom: parts.flatMap(({ envFrom: all = [] }) => all) };
    const spec = { ...(kind === "DaemonSet" ? {} : { replicas }), ...(kind === "Deployment" ? { paused } : {}) };
    await this.#stage.put(workload(name, { kind, pod, spec }));
  }

  async #write({ kind, name, data = {} }: Source, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    this.log.push(`${name} = ${JSON.stringify(data)}`);
    await this.#stage.put(source(kind, name, data, { labels }));
  }

  #drawUses(): App["uses"] {
    const count = this.#sources.length;
    const first = Math.floor(this.#random() * count);
    const more = this.#random() < 0.5 ? [] : [(first + 1 + Math.floor(this.#random() * (count - 1))) % count];
    return [first, ...more].map((index) => ({ index, key: this.#pick(["a", "b", "*"] as const) }));
  }

  #value(): string {
    this.#written += 1;
    return `${this.#written}`;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }
}
