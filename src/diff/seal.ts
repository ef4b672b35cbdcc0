import type { EligibleSource } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { equalPlain } from "../model/equal.ts";
import { localName } from "../model/ref.ts";
import { formatEntries, type StampEntry } from "../model/stamp.ts";
import type { RolledOut, WorkloadRecord } from "../model/state.ts";
import type { Base } from "./base.ts";

/**
 * What a stamp that holds one digest over all sources says about today. `changed`: the same sources, all of them seen, have other content, so
 * that a record that says otherwise is not of this template. `different`: other content or other sources. `incomparable`: a source that went
 * into it cannot be looked at now, and no record says what it was. `key-lost`: the key it was made with is gone.
 */
export type Seal = "none" | "equal" | "changed" | "different" | "incomparable" | "key-lost";

/** Compares the seal of a stamp, where that is all there is, with one made of what is there now. Order of `eligible` does not matter. */
export function compareSeal(
  base: Base,
  record: WorkloadRecord | undefined,
  eligible: readonly EligibleSource[],
  digester: Digester,
): Seal {
  const { combined, keyId } = base.combined ?? {};
  if (!combined || keyId === undefined) return "none";
  if (!digester.knows(keyId)) return "key-lost";
  const entries = new Map(
    eligible.map((source): [string, StampEntry] => {
      const name = localName(source.ref);
      return [name, entryNow(source, record?.rolledOut[name], keyId, digester)];
    }),
  );
  const now = digester.seal(keyId, formatEntries(entries));
  if (now?.digest === combined.digest) return "equal";
  const comparable = ({ ref, sight, keys }: EligibleSource) => {
    const [entry, known] = [entries.get(localName(ref)), record?.rolledOut[localName(ref)]];
    const sameKeys = typeof known === "object" && equalPlain(known.keys, keys);
    return sight.is === "present" && typeof entry === "object" && sameKeys;
  };
  if (now?.shape === combined.shape && eligible.every(comparable)) return "changed";
  return !record && eligible.some(({ sight }) => sight.is === "unobserved") ? "incomparable" : "different";
}

/** As the stamp would list it: of a source that is not seen, what the record knew when the stamp was written. */
function entryNow(
  { sight, keys }: EligibleSource,
  known: RolledOut | undefined,
  keyId: string,
  digester: Digester,
): StampEntry {
  if (sight.is === "present") {
    const digests = sight.source.digests.get(keyId);
    const digest = digests && digester.combine(keyId, digests, keys);
    return digest ? { digest, shape: digester.shape(keyId, keys) ?? "" } : "unknown";
  }
  if (typeof known === "object") {
    return known.keyId === keyId ? { digest: known.digest, shape: digester.shape(keyId, known.keys) ?? "" } : "unknown";
  }
  return sight.is === "unobserved" ? (known ?? "unknown") : "absent";
}
