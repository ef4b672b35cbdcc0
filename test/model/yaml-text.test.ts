import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { documentsOf, excess, partsOf, yamlLimits } from "../../src/model/yaml-text.ts";

test("a text is taken apart into the documents that a parser finds, and nothing is lost", () => {
  const rows = [
    ...["a: 1\n", "---\na: 1\n", "# c\n---\na: 1\n", "a: 1\n---\nb: 2\n", "a: 1\n---\n", "---\n---\na: 1\n", "---\n"],
    ...[
      "a: 1\n---\n# c\n---\nb: 2",
      "a: |\n  ---\n  b\n---\nc: 1\n",
      "---\r\na: 1\r\n---\r\nb: 2\r\n",
      "--- a\n--- b\n",
    ],
    ...["a: ---\n", "---a\n", "\n\n---\n\na: 1\n\n---\n\n", "--- # c\na: 1\n--- # d\n", "a: 1\n--- {b: 2}\n"],
  ];
  for (const text of rows) {
    const documents = documentsOf(text);
    assert.equal(documents?.join(""), text);
    const parsed = [...parseAllDocuments(text)];
    const alone = documents?.map((each) => parseAllDocuments(each)[0]?.toJS() ?? null);
    assert.deepEqual(
      alone,
      parsed.map((each) => each.toJS()),
      JSON.stringify(text),
    );
  }
});

test("directives and ends of documents are left to a parser", () => {
  for (const text of ["%YAML 1.2\n---\na: 1\n", "a: 1\n...\n", "a: 1\n...\n---\nb: 2\n"])
    assert.equal(documentsOf(text), undefined);
});

test("what a parser would take long for is told from its text", () => {
  const { brackets, documentParts, documents, fileParts } = yamlLimits;
  const line = "- a\n";
  const document = `---\n${line.repeat(documentParts / 2 - 2)}`;
  const rows: [string, RegExp | undefined][] = [
    ["[".repeat(brackets), undefined],
    ["[".repeat(brackets + 1), /nested too deeply/],
    ["{".repeat(190_000), /nested too deeply/],
    ["[],".repeat(documentParts), /more lines and values/],
    [document, undefined],
    [document + line.repeat(4), /more lines and values/],
    [document.repeat(fileParts / documentParts + 1), /more lines and values/],
    ["---\n".repeat(documents), undefined],
    ["---\n".repeat(documents + 1), /documents/],
    ["a".repeat(1_000_000), undefined],
  ];
  for (const [text, what] of rows) {
    const told = excess(text);
    if (what) assert.match(told ?? "", what);
    else assert.equal(told, undefined);
  }
  assert.deepEqual(partsOf("a: [b, {c: d}]\n- e-f\n"), { parts: 10, brackets: 2 });
});
