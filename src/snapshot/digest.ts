import type { Digester } from "../model/digest.ts";
import type { KubeObject } from "../model/object.ts";
import { compareText, type SourceKind } from "../model/ref.ts";
import type { KeyDigests, WatchedKeys } from "../model/source.ts";
import type { DigestKey, Keyring } from "../ports.ts";
import { readBody } from "./digest-body.ts";
import { hmacHex, sha256Hex } from "./hmac.ts";

/** Lengths in hex digits. */
const sizes = { id: 8, entry: 16, combined: 12, shape: 4, fingerprint: 8 } as const;

/**
 * HMAC-SHA-256 over the canonical encoding, as hex, cut to `length` digits.
 *
 * The canonical encoding of a list of fields is, field by field, the length in bytes as four bytes (big-endian) and then
 * the bytes; text is UTF-8. The first field names the purpose, so that no two purposes ever hash the same bytes. No
 * content of a field can be mistaken for the border between two.
 */
function mac(key: DigestKey, length: number, fields: readonly (string | Uint8Array)[]): string {
  return hmacHex(key.bytes, fields, length, true);
}

/** Id of a digest key: the first 8 hex digits of HMAC-SHA-256(key, "id"). Says which key a digest was made with, and nothing else. */
export function keyId(bytes: Uint8Array): string {
  return hmacHex(bytes, ["id"], sizes.id, false);
}

/**
 * Digests of every key of a ConfigMap's or Secret's body: fields `entry`, name of the key, bytes.
 * Throws a `PortError` `bad-answer` on a malformed body.
 */
function digestBody(key: DigestKey, kind: SourceKind, object: KubeObject): KeyDigests {
  const digests: Record<string, string> = Object.create(null);
  for (const [name, bytes] of readBody(kind, object)) digests[name] = mac(key, sizes.entry, ["entry", name, bytes]);
  return digests;
}

function sortedKeys(digests: KeyDigests, watched: WatchedKeys): readonly string[] {
  return watched === "*" ? Object.keys(digests).sort(compareText) : [...new Set(watched)].sort(compareText);
}

/** Fields `combined` and, per watched key in order: its name, then `present` and the digest, or `absent` and nothing. */
function combine(key: DigestKey, digests: KeyDigests, watched: WatchedKeys): string {
  const fields = sortedKeys(digests, watched).flatMap((name) => {
    const digest = Object.hasOwn(digests, name) ? digests[name] : undefined;
    return digest === undefined ? [name, "absent", ""] : [name, "present", digest];
  });
  return mac(key, sizes.combined, ["combined", ...fields]);
}

/** `*`, or the fields `shape` and the names in order. */
function shape(key: DigestKey, watched: WatchedKeys): string {
  return watched === "*" ? "*" : mac(key, sizes.shape, ["shape", ...sortedKeys({}, watched)]);
}

/** The digesting half of a keyring. Ids are taken as the keyring gives them. */
export function createDigester(keyring: Keyring): Digester {
  const byId = new Map(keyring.map((key) => [key.id, key]));
  /** Many sources are watched for the same keys. */
  const shapes = new Map<string, string>();
  /** The same is asked for to compare a source and to remember it. */
  const combined = new WeakMap<KeyDigests, { id: string; watched: WatchedKeys; made: string | undefined }>();
  const under = <T>(id: string, make: (key: DigestKey) => T): T | undefined => {
    const key = byId.get(id);
    return key && make(key);
  };
  return {
    currentId: keyring[0].id,
    knows: (id) => byId.has(id),
    body: (id, kind, object) => {
      const digests = under(id, (key) => digestBody(key, kind, object));
      if (!digests) throw new Error(`there is no digest key ${id}: ask knows() first`);
      return digests;
    },
    combine: (id, digests, watched) => {
      const last = combined.get(digests);
      if (last?.id === id && last.watched === watched) return last.made;
      const made = under(id, (key) => combine(key, digests, watched));
      combined.set(digests, { id, watched, made });
      return made;
    },
    shape: (id, watched) => {
      if (watched === "*") return under(id, () => "*");
      const known = shapes.get(`${id} ${JSON.stringify(watched)}`);
      if (known !== undefined) return known;
      const made = under(id, (key) => shape(key, watched));
      if (made !== undefined) shapes.set(`${id} ${JSON.stringify(watched)}`, made);
      return made;
    },
    seal: (id, entries) =>
      under(id, (key) => {
        const sorted = [...entries].sort(compareText);
        const names = sorted.map((entry) => entry.slice(0, (entry.indexOf("=") + 1 || entry.length + 1) - 1));
        return {
          digest: mac(key, sizes.combined, ["seal", ...sorted]),
          shape: mac(key, sizes.shape, ["seal-shape", ...names]),
        };
      }),
    fingerprint: (stamp) => sha256Hex(stamp, sizes.fingerprint),
  };
}
