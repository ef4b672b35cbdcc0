import type { EligibleSource } from "../model/comparison.ts";
import type { Digester } from "../model/digest.ts";
import { localName } from "../model/ref.ts";
import { formatEntries, type StampEntry } from "../model/stamp.ts";
import type { RolledOut, WorkloadRecord } from "../model/state.ts";
import type { Base } from "./base.ts";

/**
 * What a stamp that holds one digest over all sources says about today. `incomparable`: a source that went into it cannot be looked at now, and
 * no record says what it was. `key-lost`: the key it was made with is gone.
 */
export type Seal = "none" | "equal" | "different" | "incomparable" | "key-lost";

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
  if (digester.seal(keyId, formatEntries(entries))?.digest === combined.digest) return "equal";
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
