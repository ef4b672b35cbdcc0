import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parsedYaml } from "../../src/locate/parsed-yaml.ts";
import { plainDocument } from "../../src/locate/plain-yaml.ts";
import { documentsOf } from "../../src/model/yaml-text.ts";
import { dice, trees, write } from "../edit/written.ts";

const most = 10_000;
const root = fileURLToPath(new URL("../../fixtures", import.meta.url));

/** Every document of every fixture of `repo` and `edit`. */
const written: readonly string[] = ["repo", "edit"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name) && !name.includes("symbolic-link"))
    .flatMap((name) => documentsOf(readFileSync(join(root, folder, name), "utf8")) ?? []),
);

/** Fails where the quick reader says something that the parser does not. Tells whether it said anything. */
function compare(text: string): boolean {
  const quick = plainDocument(text, most);
  if (!quick) return false;
  const parsed = parsedYaml(text, most, 0);
  assert.ok("values" in parsed, `${JSON.stringify(text)} is no YAML: ${JSON.stringify(parsed)}`);
  assert.deepEqual(parsed.values, [quick.value], JSON.stringify(text));
  return true;
}

test("documents that are written as usual are read without the parser, and as the parser reads them", () => {
  const rows = [
    "a: 1\nb: \"two\"\nc: 'it''s'\nd: plain text, with commas # comment\n",
    "---\n# comment\na:\n  - b\n  - c: d\n    e: f\n  -\n    g: h\n- i\n".replace("- i\n", ""),
    "a:\n- b\n- c\nd: |\n  text: of\n\n    lines\ne: |-\n  x\n",
    "name: &app web\nlabels: {app: web, tier: [front, 'x', \"y\"]}\nprobes: &p\n  port: 80\nready: *p\n",
    "a: ~\nb:\nc: null\nd: true\ne: 1.5\nf: -3\ng: 1.2.3\nh: 10m\ni: info\nj: --flag=x:y\nk: []\nl: {}\n",
    "- - a\n  - b\n-   c:   d\n    e: f\n",
    "---\n",
  ];
  for (const text of rows) assert.ok(compare(text), text);
});

test("what is less usual is left to the parser", () => {
  const rows = [
    ...["a: 0775\n", "a: 1e3\n", "a: .inf\n", "a: 0x1f\n", "a: 1_000\n", "a: >\n  b\n", "a: b\n  c\n", 'a: "\\n"\n'],
    ...["a: 'b\n  c'\n", "a: !t b\n", "<<: {a: 1}\n", "? a\n: b\n", "a: *x\n", "a: 1\na: 2\n", "a: b: c\n", "a:\tb\n"],
    ...[
      "a: @b\n",
      "a: `b\n",
      "a: {b\n",
      "a: [b]c\n",
      "a: |2\n   b\n",
      "a: |+\n  b\n\n",
      "a: |\n  b",
      "__proto__: 1\n",
      "",
    ],
    ...[
      "true: 1\n",
      "1: 2\n",
      "a: &x b: c\n",
      "a:\n  b: 1\n c: 2\n",
      "a: 1\n  b: 2\n",
      "--- a\n",
      "---# a\n",
      "a: {b: 1, b: 2}\n",
    ],
  ];
  for (const text of rows) assert.equal(plainDocument(text, most), undefined, text);
});

test("aliases count as often as they repeat what they stand for", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 12; level++) lines.push(`a${level}: &a${level}`, ...Array(10).fill(`  - *a${level - 1}`));
  const few = `${lines.slice(0, 12).join("\n")}\n`;
  assert.ok(compare(few));
  assert.equal(plainDocument(`${lines.join("\n")}\n`, 1_000_000), undefined);
  assert.equal(plainDocument("a: [b, c]\n", 3), undefined);
});

test("no document of a fixture is read otherwise than by the parser", () => {
  const read = written.filter((text) => text.trim() !== "" && compare(text));
  assert.ok(read.length > written.length / 2, `${read.length} of ${written.length}`);
});

const pieces = [
  ...[
    " ",
    "  ",
    "-",
    "- ",
    ":",
    ": ",
    "#",
    " #",
    "'",
    '"',
    "|",
    "|-\n",
    ">-",
    "&a ",
    "*a",
    "{",
    "}",
    "[",
    "]",
    ",",
    ", ",
  ],
  ...[
    "?",
    "? ",
    "!",
    "\t",
    "~",
    "0",
    "07",
    "1e3",
    ".5",
    "null",
    "true",
    "\n",
    "\n\n",
    "\n  ",
    "<<: ",
    "---",
    "\n---\n",
  ],
  ...[
    "%",
    "@",
    "`",
    "\\",
    "$",
    "_",
    "+1",
    "\u00e9",
    "\u{1f600}",
    "  k: v\n",
    "- a\n",
    "# c\n",
    "\r\n",
    "...",
    "=",
    "-1",
  ],
];
const cut = fc.record({ at: fc.nat(), length: fc.nat(5), put: fc.constantFrom("", ...pieces) });

test("damaged documents are read as the parser reads them, or not at all", () => {
  let read = 0;
  fc.assert(
    fc.property(fc.constantFrom(...written), fc.array(cut, { minLength: 1, maxLength: 3 }), (document, cuts) => {
      const text = cuts.reduce((left, { at, length, put }) => {
        const from = at % (left.length + 1);
        return left.slice(0, from) + put + left.slice(from + length);
      }, document);
      if (compare(text)) read++;
    }),
    { numRuns: 3000 },
  );
  assert.ok(read > 300, `${read} were read`);
});

test("documents of any form are read as the parser reads them, or not at all", () => {
  const numbers = fc.array(fc.nat(59), { minLength: 40, maxLength: 120 });
  fc.assert(
    fc.property(trees, numbers, (tree, drawn) => {
      for (const text of documentsOf(write([tree], dice(drawn))) ?? []) compare(text);
    }),
    { numRuns: 300 },
  );
});
