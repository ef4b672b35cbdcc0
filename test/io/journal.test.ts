import assert from "node:assert/strict";
import { test } from "node:test";
import { createJournal, type JournalOptions } from "../../src/io/journal.ts";

function journal(options: Partial<JournalOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  return { lines, ...createJournal({ level: "info", format: "json", destination, ...options }) };
}

test("json: one object a line with level, time, message and fields", () => {
  const { lines, info, debug } = journal();
  info("restarted", { workload: "Deployment/web/app", level: "loud" });
  debug("not at this level");
  assert.equal(lines.length, 1);
  const { time, ...rest } = JSON.parse(lines[0] ?? "");
  assert(!Number.isNaN(Date.parse(time)));
  assert.deepEqual(rest, { level: "info", message: "restarted", workload: "Deployment/web/app", level_: "loud" });
});

test("text: one line a message, whatever the message holds", () => {
  const { lines, warn } = journal({ format: "text" });
  warn("first\nsecond\u001b[2J", { workload: "Deployment/web/app", why: "two words", count: 3 });
  assert.match(
    lines.join(""),
    /^\d\d:\d\d:\d\d WARN {2}first second \[2J {2}workload=Deployment\/web\/app {2}why="two words" {2}count=3\n$/,
  );
});

test("silent says nothing", () => {
  const { lines, error } = journal({ level: "silent" });
  error("no");
  assert.deepEqual(lines, []);
});

const planted = "hunter2-planted";
const bytes = Buffer.from(planted);
class Holder {
  readonly token = planted;
}
const circular: Record<string, unknown> = { name: "loop" };
circular.self = circular;

for (const [what, fields] of [
  ["the data of a Secret", { object: { kind: "Secret", metadata: { name: "s" }, data: { password: planted } } }],
  ["stringData and binaryData", { stringData: { a: planted }, list: [{ binaryData: { a: planted } }] }],
  ["bytes", { key: bytes, inner: [new Uint8Array(bytes)], buffer: bytes.buffer }],
  ["a header", { headers: { Authorization: `Bearer ${planted}` } }],
  ["a class with a token", { holder: new Holder() }],
  ["a map", { map: new Map([["token", planted]]) }],
  ["fields of an error", { error: Object.assign(new Error("failed"), { body: planted, response: { data: planted } }) }],
  ["an object with toJSON", { sly: { toJSON: () => ({ data: planted }) } }],
  ["a circle", { circular, token: planted }],
] as const) {
  for (const format of ["json", "text"] as const) {
    test(`${format}: ${what} is withheld`, () => {
      const { lines, error } = journal({ format });
      error("something happened", fields);
      assert.equal(lines.length, 1);
      for (const form of [planted, bytes.toString("base64"), bytes.toString("hex"), [...bytes].join(",")]) {
        assert(!lines.join("").includes(form));
      }
    });
  }
}

test("an error keeps name, code, message and cause", () => {
  const { lines, error } = journal();
  error("failed", { error: Object.assign(new TypeError("outer", { cause: new Error("inner") }), { code: "E1" }) });
  assert.deepEqual(JSON.parse(lines[0] ?? "").error, {
    name: "TypeError",
    code: "E1",
    message: "outer",
    cause: { name: "Error", message: "inner" },
  });
});
