import { compareText } from "../model/ref.ts";

/** A source as an object of Flux was last asked to read it, or was found with: a keyed digest of its content, and its resourceVersion. */
export type RememberedSource = { readonly digest: string; readonly version: string } | "absent";

/** What the annotation on an object of Flux says of the sources that it reads, by `Kind/name`. */
export interface Remembered {
  /** Id of the digest key. */
  readonly keyId: string;
  readonly sources: ReadonlyMap<string, RememberedSource>;
}

const entryPattern = /^(?<name>[A-Za-z]+\/[^=\s]+)=(?:absent|(?<digest>[0-9a-f]{12})@(?<version>[^\s@]+))$/;

/** `<key id> <Kind>/<name>=<digest>@<resourceVersion> ...`, sorted by name. */
export function formatRemembered({ keyId, sources }: Remembered): string {
  const entries = [...sources].sort(([a], [b]) => compareText(a, b));
  const texts = entries.map(([name, each]) => `${name}=${each === "absent" ? each : `${each.digest}@${each.version}`}`);
  return [keyId, ...texts].join(" ");
}

/** Reads the annotation; `undefined` where there is none, or somebody else wrote something into it. */
export function parseRemembered(value: string | undefined): Remembered | undefined {
  const [keyId, ...tokens] = value?.split(" ") ?? [];
  if (!keyId || !/^[0-9a-f]{8}$/.test(keyId)) return undefined;
  const sources = new Map<string, RememberedSource>();
  for (const token of tokens) {
    const { name, digest, version } = entryPattern.exec(token)?.groups ?? {};
    if (!name) return undefined;
    sources.set(name, digest && version ? { digest, version } : "absent");
  }
  return { keyId, sources };
}
