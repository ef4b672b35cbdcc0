import fc from "fast-check";

/** What a document of a test says. */
export type Tree = null | string | readonly Tree[] | { readonly [key: string]: Tree };

const keys = ["spec", "metadata", "annotations", "on", "0775", "a.b/c", "with space", "key: x", "é"];
const texts = [
  ...[
    "plain",
    "yes",
    "0775",
    "a: b",
    "#no comment",
    "- dash",
    "",
    " padded ",
    "it's",
    '"said"',
    "snow ☃ and 😀",
    "{x}",
  ],
  ...["line\nline\n", "line\nline", "kept\n\n\n", "in\n  dented\n\nend\n"],
];

/** Trees of maps and lists, a map at the root. */
export const trees: fc.Arbitrary<{ readonly [key: string]: Tree }> = fc.letrec<{
  tree: Tree;
  map: { [key: string]: Tree };
}>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<Tree>(null, ...texts),
    tie("map"),
    fc.array(tie("tree"), { maxLength: 3 }),
  ),
  map: fc.dictionary(fc.constantFrom(...keys), tie("tree"), { maxKeys: 4, noNullPrototype: true }),
})).map;

/** Chooses among `sides`; every choice of a test comes from one list of numbers, so that a failing test can be made smaller. */
export type Dice = (sides: number) => number;

/** Dice that throw the numbers over and over. */
export function dice(numbers: readonly number[]): Dice {
  let next = 0;
  return (sides) => (numbers[next++ % numbers.length] ?? 0) % sides;
}

/** A stream of documents as people write it: in block and in braces, with comments, blank lines, odd indents, quotes, line ends of both kinds. */
export function write(documents: readonly Tree[], roll: Dice): string {
  const parts = documents.map((document, index) => {
    const marker =
      index === 0 && roll(2) === 0 ? "" : `${["", "# between\n", "...\n"][index === 0 ? 0 : roll(3)]}---\n`;
    return `${marker}${comment(0, roll)}${[...node(document, 0, roll), ""].join("\n")}${comment(0, roll)}`;
  });
  const whole = parts.join("");
  const ended = roll(4) === 0 && !whole.includes("|+") ? whole.replace(/\n$/, "") : whole;
  const ends = roll(4);
  const lines = ended.replace(/\n/g, () => (ends === 0 || (ends === 1 && roll(2) === 0) ? "\r\n" : "\n"));
  return roll(6) === 0 ? `\ufeff${lines}` : lines;
}

/** The lines of a map or a list at a column; of anything else, one line. */
function node(tree: Tree, column: number, roll: Dice, inBlock = false): string[] {
  const margin = " ".repeat(column);
  if (tree === null || typeof tree === "string" || isEmpty(tree) || (!inBlock && roll(6) === 0))
    return [margin + braces(tree, roll(3), roll)];
  if (isList(tree)) {
    const gap = 1 + roll(3);
    return tree.flatMap((item) => {
      const [first = "", ...rest] = node(item, column + 1 + gap, roll);
      return [`${margin}-${" ".repeat(gap)}${first.trimStart()}`, ...rest];
    });
  }
  const entries = Object.entries(tree);
  return entries.flatMap(([key, value]) => {
    const above = roll(8) === 0 ? [`${margin}# about the next`] : [];
    const [head = "", ...below] = valueLines(value, column, roll);
    return [...above, `${margin}${keyText(key, roll)}:${head}`, ...below];
  });
}

/** What stands after a colon, and the lines below it. */
function valueLines(value: Tree, column: number, roll: Dice): string[] {
  if (value === null) return [["", " ~", " null", " # nothing"][roll(4)] ?? ""];
  if (typeof value === "string" && /^\S/.test(value) && value.includes("\n") && roll(3) > 0) {
    const chomp = value.endsWith("\n\n") ? "+" : value.endsWith("\n") ? "" : "-";
    const margin = " ".repeat(column + 1 + roll(3));
    return [
      ` |${chomp}`,
      ...value
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => (line === "" ? "" : margin + line)),
    ];
  }
  if (typeof value === "string" || isEmpty(value) || roll(6) === 0) {
    return [` ${braces(value, roll(3), roll)}${roll(5) === 0 ? "  # why" : ""}`];
  }
  const step = isList(value) ? roll(3) * 2 : 1 + roll(4);
  return [roll(6) === 0 ? " # below" : "", ...node(value, column + step, roll, step === 0)];
}

/** On one line, or with a line for each entry where `form` is 1; 2: JSON. */
function braces(tree: Tree, form: number, roll: Dice): string {
  if (tree === null) return "null";
  if (typeof tree === "string") return form === 2 ? JSON.stringify(tree) : scalar(tree, roll);
  const list = isList(tree);
  const inner = list
    ? tree.map((item) => braces(item, form, roll))
    : Object.entries(tree).map(
        ([key, value]) => `${form === 2 ? JSON.stringify(key) : keyText(key, roll)}: ${braces(value, form, roll)}`,
      );
  const [open, close] = list ? ["[", "]"] : ["{", "}"];
  const pad = roll(2) === 0 ? "" : " ";
  return `${open}${pad}${inner.join(roll(2) === 0 || form === 2 ? ", " : " , ")}${inner.length > 0 && form === 1 ? "," : ""}${pad}${close}`;
}

function scalar(text: string, roll: Dice): string {
  if (/^[a-z]+$/.test(text) && text !== "yes" && roll(2) === 0) return text;
  return /\n/.test(text) || roll(2) === 0 ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}

function keyText(key: string, roll: Dice): string {
  return /^[a-z./]+$/.test(key) && roll(4) > 0 ? key : scalar(key, roll);
}

function comment(column: number, roll: Dice): string {
  return roll(6) === 0 ? `${" ".repeat(column)}# a comment\n\n` : "";
}

function isEmpty(tree: Tree): boolean {
  return typeof tree === "object" && tree !== null && Object.keys(tree).length === 0;
}

function isList(tree: Tree): tree is readonly Tree[] {
  return Array.isArray(tree);
}
