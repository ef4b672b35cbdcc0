/** Holds once what many objects of a cluster say alike, so that memory grows with what differs between them. */
export interface Sharing {
  /** The same text, as the one string that is kept of it. */
  readonly text: (value: string) => string;
  readonly texts: (values: readonly string[]) => readonly string[];
  /** What was made under that key before, or else is made now. Callers keep their keys apart by a first word. */
  readonly once: <Value>(key: string, make: () => Value) => Value;
}

/** A memory that lasts as long as one observation; forgetting it costs space only. */
export function createSharing(): Sharing {
  const strings = new Map<string, string>();
  const values = new Map<string, unknown>();
  const once = <Value>(key: string, make: () => Value): Value => {
    if (!values.has(key)) values.set(key, make());
    return values.get(key) as Value;
  };
  const text = (value: string): string => {
    const known = strings.get(value);
    if (known !== undefined) return known;
    strings.set(value, value);
    return value;
  };
  return { text, once, texts: (list) => once(`texts ${JSON.stringify(list)}`, () => list) };
}
