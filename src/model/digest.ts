import type { KubeObject } from "./object.ts";
import type { SourceKind } from "./ref.ts";
import type { KeyDigests, WatchedKeys } from "./source.ts";

/** Keyed digests, handed to the pure stages as a value. A key that is gone makes its digests incomparable: the answer is `undefined`. */
export interface Digester {
  /** Id of the key that new digests are made with. */
  readonly currentId: string;
  /** Whether digests of that key can still be made and compared. */
  knows(keyId: string): boolean;
  /** Digests of every key of a body, under the key of that id. The items of a list do not say their kind. Fails with `bad-answer` on a malformed body. */
  body(keyId: string, kind: SourceKind, object: KubeObject): KeyDigests;
  /** 12 hex digits over the watched keys and their digests; a watched key that is missing counts as missing, not as empty. */
  combine(keyId: string, digests: KeyDigests, keys: WatchedKeys): string | undefined;
  /** `*` for all keys, otherwise 4 hex digits that tell which keys those are. */
  shape(keyId: string, keys: WatchedKeys): string | undefined;
  /** For a stamp too long to list its sources: 12 hex digits over the listed entries, 4 over their names. */
  seal(keyId: string, entries: readonly string[]): { readonly digest: string; readonly shape: string } | undefined;
  /** 8 hex digits that tell one stamp from another. Not keyed: a stamp holds nothing but keyed digests. */
  fingerprint(stamp: string): string;
}
