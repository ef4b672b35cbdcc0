import { dirname, resolve } from "node:path";
import {
  ActionOnInvalid,
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from "@kubernetes/client-node/dist/config_types.js";
import { UsageError } from "../../model/errors.ts";
import { dig, objects, text } from "../../model/object.ts";
import { compareText } from "../../model/ref.ts";

/** One named entry: as client-node reads it, as it was written, and the folder its relative paths start from. */
export interface Entry<T> {
  readonly value: T;
  readonly written: unknown;
  readonly folder: string;
}

/** The content of one kubeconfig file, or of several merged. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, Entry<Cluster>>;
  readonly users: ReadonlyMap<string, Entry<User>>;
  readonly contexts: ReadonlyMap<string, Entry<Context>>;
  readonly currentContext: string | undefined;
}

// An entry nobody uses may be broken: kubectl does not mind either.
const lenient = { onInvalidEntry: ActionOnInvalid.FILTER };

/** Reads one file. Errors give line and kind of the mistake, never the text, which holds credentials. */
export async function parseKubeconfig(source: string, file: string): Promise<Kubeconfig> {
  const content = parseJson(source) ?? (await parseYaml(source, file));
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UsageError(`kubeconfig ${file}: is empty or no mapping`);
  }
  const folder = dirname(file);
  const read = <T extends { readonly name: string }>(list: string, field: string, values: readonly T[]) => {
    const written = new Map(objects(dig(content, list)).map((entry) => [entry.name, entry[field]]));
    const entries = values.map((value) => [value.name, { value, written: written.get(value.name), folder }] as const);
    // The first of a name wins, within a file as between files.
    return new Map([...entries].reverse());
  };
  return {
    clusters: read("clusters", "cluster", newClusters(dig(content, "clusters"), lenient)),
    users: read("users", "user", newUsers(dig(content, "users"), lenient)),
    contexts: read("contexts", "context", newContexts(dig(content, "contexts"), lenient)),
    currentContext: text(dig(content, "current-context")) || undefined,
  };
}

/** JSON is YAML that needs no parser of its own; `undefined`: it is none. */
function parseJson(source: string): unknown {
  if (!source.startsWith("{")) return undefined;
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

async function parseYaml(source: string, file: string): Promise<unknown> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(source, { prettyErrors: false, lineCounter: lines });
  const [mistake] = document.errors;
  if (mistake) {
    throw new UsageError(
      `kubeconfig ${file}: no valid YAML in line ${lines.linePos(mistake.pos[0]).line} (${mistake.code})`,
    );
  }
  return document.toJS();
}

/** Merges as kubectl does: the first file to name something decides. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const last = [...configs].reverse();
  return {
    clusters: new Map(last.flatMap((config) => [...config.clusters])),
    users: new Map(last.flatMap((config) => [...config.users])),
    contexts: new Map(last.flatMap((config) => [...config.contexts])),
    currentContext: configs.map((config) => config.currentContext).find((name) => name !== undefined),
  };
}

/** What a context stands for. `user` undefined: the context names none, which is anonymous. */
export interface ChosenContext {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly cluster: Entry<Cluster>;
  readonly user: Entry<User> | undefined;
}

/** The context asked for, or the current one. `where` names the files in messages. */
export function chooseContext(config: Kubeconfig, asked: string | undefined, where: string): ChosenContext {
  const known = [...config.contexts.keys()].sort(compareText).join(", ") || "none";
  const name = asked ?? config.currentContext;
  if (name === undefined) {
    throw new UsageError(`kubeconfig ${where}: no current context. Choose one with --context; known: ${known}`);
  }
  const context = config.contexts.get(name)?.value;
  if (context === undefined) throw new UsageError(`kubeconfig ${where}: no context ${name}; known: ${known}`);
  const cluster = config.clusters.get(context.cluster);
  if (cluster === undefined) {
    throw new UsageError(`kubeconfig ${where}: context ${name} names cluster ${context.cluster}, which is not there`);
  }
  const user = context.user ? config.users.get(context.user) : undefined;
  if (context.user && user === undefined) {
    throw new UsageError(`kubeconfig ${where}: context ${name} names user ${context.user}, which is not there`);
  }
  return { name, namespace: context.namespace, cluster, user };
}

/** A path of a kubeconfig entry, absolute: relative ones start at the folder of the file. */
export function resolveIn(folder: string, path: string): string {
  return resolve(folder, path);
}
