import { PortError } from "../model/errors.ts";
import type { Keyring, KeyStore } from "../ports.ts";
import { keyId } from "../snapshot/digest.ts";

/** The digest keys of this run, and whether the cluster had any. */
export interface OpenKeyring {
  readonly keyring: Keyring;
  /** `stored`: from the Secret. `created`: made just now, because there was none. `ephemeral`: nothing is written in this run. */
  readonly from: "stored" | "created" | "ephemeral";
}

/** Reads the keyring, or makes one: stored where `write` allows it, otherwise for this process only. */
export async function openKeyring(keys: KeyStore, write: boolean): Promise<OpenKeyring> {
  const stored = await keys.read();
  if (stored) return { keyring: toKeyring(stored), from: "stored" };
  if (!write) return { keyring: toKeyring([keys.generate()]), from: "ephemeral" };
  try {
    return { keyring: toKeyring(await keys.create()), from: "created" };
  } catch (error) {
    if (!(error instanceof PortError && error.code === "already-exists")) throw error;
    const winner = await keys.read();
    if (!winner) throw error;
    return { keyring: toKeyring(winner), from: "stored" };
  }
}

function toKeyring(all: readonly Uint8Array[]): Keyring {
  const [current, ...retired] = all.map((bytes) => ({ id: keyId(bytes), bytes }));
  if (!current) throw new PortError("bad-answer", "the key store answered without any key");
  return [current, ...retired];
}
