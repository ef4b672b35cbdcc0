import type { Stored } from "./object.ts";
import { apiVersion, type ResourceRow } from "./resources.ts";
import { fieldSelector, labelSelector } from "./selectors.ts";
import { badRequest, expired, Refusal } from "./status.ts";
import { type Store, storeKey } from "./store.ts";

/** What a continue token says (`apiserver/pkg/storage/continue.go`): continue after this key, as of this resourceVersion; -1: as of now. */
interface Continue {
  readonly v: string;
  readonly rv: number;
  readonly start: string;
}

/** How many lists can be under way at once before the first expires: objects that are gone must not pile up. */
const keptSnapshots = 100;
const tokenVersion = "meta.k8s.io/v1";

function encode(rv: number, start: string): string {
  return Buffer.from(JSON.stringify({ v: tokenVersion, rv, start } satisfies Continue)).toString("base64url");
}

function decode(token: string): Continue {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    const { v, rv, start } = parsed as Continue;
    if (v === tokenVersion && typeof start === "string" && Number.isInteger(rv)) return { v, rv, start };
  } catch {
    // Refused below, like a token of another version.
  }
  throw badRequest("invalid continue token: continue key is not valid: it was not made by this server");
}

/** Lists, in pages that show one instant however long a client takes to read them. */
export class Lists {
  readonly #store: Store;
  readonly #snapshots = new Map<string, readonly Stored[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Forgets the snapshots behind every continue token, as etcd's compaction does. */
  compact(): void {
    this.#snapshots.clear();
  }

  /** The body of a LIST. `query` as in the URL. Throws a `Refusal`. */
  list(resource: ResourceRow, namespace: string | undefined, query: URLSearchParams): Record<string, unknown> {
    const limit = readLimit(query);
    const selectors = [
      labelSelector(query.get("labelSelector") ?? ""),
      fieldSelector(query.get("fieldSelector") ?? "", resource),
    ];
    const from = query.get("continue") ? decode(query.get("continue") ?? "") : undefined;
    const revision = from && from.rv > 0 ? from.rv : this.#store.revision;
    const all = from && from.rv > 0 ? this.#snapshot(resource, from) : this.#store.all(resource);
    const selected = all.filter(
      (object) =>
        (namespace === undefined || object.metadata.namespace === namespace) &&
        (from === undefined || storeKey(object) > from.start) &&
        selectors.every((holds) => holds(object)),
    );
    const items = limit > 0 ? selected.slice(0, limit) : selected;
    const last = items.at(-1);
    const more = last !== undefined && items.length < selected.length;
    if (more) this.#keep(`${resource.plural} ${revision}`, all);
    const selecting = Boolean(query.get("labelSelector") || query.get("fieldSelector"));
    return {
      kind: `${resource.kind}List`,
      apiVersion: apiVersion(resource),
      metadata: {
        resourceVersion: String(revision),
        ...(more ? { continue: encode(revision, storeKey(last)) } : {}),
        ...(more && !selecting ? { remainingItemCount: selected.length - items.length } : {}),
      },
      items: items.map(({ kind: _, apiVersion: __, ...item }) => item),
    };
  }

  #keep(key: string, objects: readonly Stored[]): void {
    this.#snapshots.set(key, objects);
    const [oldest] = this.#snapshots.keys();
    if (this.#snapshots.size > keptSnapshots && oldest !== undefined) this.#snapshots.delete(oldest);
  }

  #snapshot(resource: ResourceRow, { rv, start }: Continue): readonly Stored[] {
    if (rv > this.#store.revision) {
      const message = `Timeout: Too large resource version: ${rv}, current: ${this.#store.revision}`;
      throw new Refusal(504, "Timeout", message, { retryAfterSeconds: 1 });
    }
    const kept = this.#snapshots.get(`${resource.plural} ${rv}`);
    if (!kept) throw expired(encode(-1, start));
    return kept;
  }
}

/** `resourceVersion=0` reads from the watch cache, which has no pages. */
function readLimit(query: URLSearchParams): number {
  const text = query.get("limit") ?? "0";
  if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return query.get("resourceVersion") === "0" ? 0 : Number(text);
}
