type Random = () => number;

const pick = <Item>(random: Random, items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;

/** A text that unfolds into a nest of so many lists. */
const nest = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as unknown;

/** What stands where something else is expected: a new row is a new nuisance. */
const nuisances: readonly ((random: Random) => unknown)[] = [
  () => null,
  () => true,
  () => "",
  () => [],
  () => ({}),
  () => [null],
  () => [[[]]],
  () => ({ name: null }),
  () => -1,
  () => 1.5e308,
  () => Number.MAX_SAFE_INTEGER + 2,
  () => "true",
  () => "\u0000\u001b[2J\u202e",
  () => "\ud800",
  () => "../../etc/passwd",
  () => "__proto__",
  () => "a".repeat(10_000),
  () => "a,".repeat(5_000),
  () => "(a+)+$",
  () => "not-a-date",
  () => "9999999999999999999",
  () => "2999-01-01T00:00:00Z",
  () => nest(1_000),
  () => JSON.parse('{"__proto__": {"name": "x"}, "constructor": {"prototype": 1}}') as unknown,
  () => Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`k${index}`, { name: `n${index}` }])),
  (random) => Math.floor(random() * 1_000),
];

const hostileKeys = ["__proto__", "constructor", "toString", "hasOwnProperty", "", "a/b", "length", "0", "\u0000"];

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

function places(value: unknown, into: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return into;
  const holder = value as Place["holder"];
  const keys = Array.isArray(holder) ? [...holder.keys()] : Object.keys(holder);
  for (const key of keys) {
    into.push({ holder, key });
    places(holder[key as never], into);
  }
  return into;
}

function set(holder: Place["holder"], key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

function once(root: { value: unknown }, random: Random): void {
  // What is deeper in stands more often in the list: a third of the time something near the root is taken.
  const all = places(root);
  const { holder, key } = pick(random, random() < 0.33 ? all.slice(0, 12) : all);
  const value = holder[key as never] as unknown;
  const inner = typeof value === "string" && /^\s*[[{]/.test(value) ? parsed(value) : undefined;
  if (inner !== undefined && random() < 0.9) {
    const text = random() < 0.2 ? String(value).slice(0, random() * String(value).length) : undefined;
    set(holder, key, text ?? JSON.stringify(mutated(inner, random, 1 + Math.floor(random() * 3))));
    return;
  }
  const dice = random();
  if (dice < 0.25 && root.value !== value) remove(holder, key);
  else if (dice < 0.4 && Array.isArray(holder)) holder.push(structuredClone(value));
  else if (dice < 0.5 && typeof value === "object" && value !== null && !Array.isArray(value))
    set(value as Place["holder"], pick(random, hostileKeys), "x");
  else set(holder, key, pick(random, nuisances)(random));
}

function remove(holder: Place["holder"], key: string | number): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value with so many things wrong in it, at any depth, also inside of JSON that stands in a string. */
export function mutated(value: unknown, random: Random, times = 1): unknown {
  const root = { value: structuredClone(value) };
  for (let count = 0; count < times; count++) once(root, random);
  return root.value;
}
