import type { KubeObject } from "./object.ts";
import type { SourceKind } from "./ref.ts";
import type { KeyDigests, WatchedKeys } from "./source.ts";

/**
 * Everything that is computed with the digest keys, as one value: `snapshot/digest.ts` makes it from the keyring, pure
 * stages are given it. The bytes of a key never leave it. Ids are those of the keyring, current one first.
 */
export interface Digester {
  /** Id of the key that new digests and stamps are made with. */
  readonly currentId: string;
  /** Ids of every key that is still known, the current one first. */
  readonly ids: readonly string[];
  /**
   * Digests of one body: id of the key -> key of the source -> 16 hex digits, under every key of the keyring (or those
   * asked for). Throws a `PortError` `bad-answer` that names object and key, never a value, when the body is malformed.
   */
  digestBody(kind: SourceKind, object: KubeObject, ids?: readonly string[]): ReadonlyMap<string, KeyDigests>;
  /** 12 hex digits over the watched keys, those that are not there included as absent. `undefined`: the key is gone. */
  combine(keyId: string, digests: KeyDigests, watched: WatchedKeys): string | undefined;
  /** Which keys are watched, without their names: `*`, or 4 hex digits. `undefined`: the key is gone. */
  shape(keyId: string, watched: WatchedKeys): string | undefined;
}
