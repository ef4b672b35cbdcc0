/** Takes the bytes of an answer as they arrive, and makes a value of them. */
export interface BodyReader {
  push(chunk: Buffer): void;
  /** The JSON object that arrived; `undefined` where it is none. Throws what making something of it threw. */
  end(): Readonly<Record<string, unknown>> | undefined;
}

const code = { quote: 0x22, comma: 0x2c, backslash: 0x5c, open: 0x5b, close: 0x5d, left: 0x7b, right: 0x7d } as const;

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps everything until the end. */
export function wholeBody(): BodyReader {
  const chunks: Buffer[] = [];
  return {
    push: (chunk) => chunks.push(chunk),
    end: () => parseObject(join(chunks)),
  };
}

function join(pieces: readonly Buffer[]): string {
  const [only] = pieces;
  return (pieces.length === 1 && only ? only : Buffer.concat(pieces)).toString("utf8");
}

/**
 * Reads a list item by item: each element of the outermost `items` is parsed as soon as it is complete, and only what `take` makes of it
 * is kept, so that a page of large objects never stands in memory, as bytes or parsed. The answer of `end` has the rest of the list, and
 * as `items` what was taken; an `items` that is no list comes as it is. Of objects under the key `shallow`, wherever they stand in an
 * item, the objects inside come empty, unless a border between two pieces happens to go through the key.
 */
export function listBody(take: (item: unknown) => unknown, shallow?: string): BodyReader {
  const shallowKey = shallow === undefined ? undefined : Buffer.from(shallow);
  const items: unknown[] = [];
  /** Everything outside of `items`, and the bytes of the item that is under way. */
  const rest: Buffer[] = [];
  let item: Buffer[] = [];
  let depth = 0;
  let inString = false;
  let escaped = false;
  let inItems = false;
  let streamed = false;
  let broken = false;
  let failure: { readonly error: unknown } | undefined;
  /** The last string at depth 1: the key, when a list begins there. */
  let key: Buffer[] = [];
  let isKey = false;
  /** The last string is the key of a shallow object; how deep such an object stands, and one inside of it that is passed over. 0: none. */
  let isShallow = false;
  let within = 0;
  let passing = 0;

  const finish = (): void => {
    const text = join(item);
    item = [];
    if (text.trim() === "") return;
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      broken = true;
      return;
    }
    try {
      items.push(take(parsed));
    } catch (error) {
      failure ??= { error };
    }
  };

  return {
    push(chunk) {
      let from = 0;
      const cut = (to: number): void => {
        if (to > from && passing === 0) (inItems ? item : rest).push(chunk.subarray(from, to));
        from = to;
      };
      let stringFrom = 0;
      let whole = !inString;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at];
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === code.backslash) escaped = true;
          else if (byte === code.quote) {
            inString = false;
            if (isKey) key.push(chunk.subarray(stringFrom, at));
            isKey = false;
            isShallow =
              whole &&
              shallowKey !== undefined &&
              at - stringFrom === shallowKey.length &&
              chunk.compare(shallowKey, 0, shallowKey.length, stringFrom, at) === 0;
          }
        } else if (byte === code.quote) {
          inString = true;
          isKey = depth === 1;
          if (isKey) key = [];
          stringFrom = at + 1;
          whole = true;
        } else if (byte === code.left || byte === code.open) {
          depth++;
          if (isShallow && inItems && within === 0 && byte === code.left) within = depth;
          else if (within > 0 && depth === within + 1 && byte === code.left) {
            cut(at + 1);
            passing = depth;
          }
          isShallow = false;
          if (byte === code.open && depth === 2 && join(key) === "items") {
            cut(at + 1);
            inItems = true;
            streamed = true;
          }
        } else if (byte === code.right || byte === code.close) {
          if (passing === depth) {
            passing = 0;
            from = at;
          } else if (within === depth) within = 0;
          depth--;
          if (inItems && depth === 1) {
            cut(at);
            finish();
            inItems = false;
          }
        } else if (byte === code.comma) {
          isShallow = false;
          if (!inItems || depth !== 2) continue;
          cut(at);
          finish();
          from = at + 1;
        }
      }
      cut(chunk.length);
      if (isKey) key.push(chunk.subarray(stringFrom));
    },
    end() {
      if (failure) throw failure.error;
      const list = broken ? undefined : parseObject(join(rest));
      return list && (Array.isArray(list.items) ? { ...list, items: streamed ? items : list.items.map(take) } : list);
    },
  };
}
