import type { Digester } from "../../src/model/digest.ts";
import type { DigestKey } from "../../src/ports.ts";
import { createDigester } from "../../src/snapshot/digest.ts";

const hex = (number: number) => number.toString(16).padStart(8, "0");
const digesters = new Map<string, Digester>();

/** The Secret with the digest keys: the current one first, retired ones after it. */
export class Keys {
  private readonly all: number[] = [0];
  private made = 0;

  /** A new key; the ones before stay in the Secret. */
  rotate(): void {
    this.all.unshift(++this.made);
  }

  /** Somebody takes the retired keys out. */
  forget(): void {
    this.all.splice(1);
  }

  /** The Secret is gone, and the next run makes a new one. */
  lose(): void {
    this.all.splice(0, this.all.length, ++this.made);
  }

  digester(): Digester {
    const id = this.all.join();
    const known = digesters.get(id);
    if (known) return known;
    const [current, ...retired] = this.all.map(
      (number): DigestKey => ({ id: hex(number), bytes: new Uint8Array(32).fill(number) }),
    );
    const made = createDigester([current as DigestKey, ...retired]);
    digesters.set(id, made);
    return made;
  }
}
