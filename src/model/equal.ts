/** Whether two values of plain data say the same: the order of keys does not matter, and a key that holds `undefined` is not there. */
export function equalPlain(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((entry, index) => equalPlain(entry, b[index]));
  }
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const own = (of: Record<string, unknown>, key: string) => (Object.hasOwn(of, key) ? of[key] : undefined);
  return (
    Object.keys(left).every((key) => equalPlain(left[key], own(right, key))) &&
    Object.keys(right).every((key) => right[key] === undefined || own(left, key) !== undefined)
  );
}
