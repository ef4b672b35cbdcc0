import { createDigester } from "../../src/snapshot/digest.ts";

/** Two keys, the first current. */
export const testKeys = [
  { id: "c0000001", bytes: new Uint8Array(32).fill(1) },
  { id: "c0000002", bytes: new Uint8Array(32).fill(2) },
] as const;

export const testDigester = createDigester([...testKeys]);
