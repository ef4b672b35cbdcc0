const numeric = /^\d+$/;

/** Resource versions are decimal numbers that grow (KEP-5504); anything else cannot be ordered, and is never older. */
export function isOlder(version: string, than: string): boolean {
  return numeric.test(version) && numeric.test(than) && BigInt(version) < BigInt(than);
}
