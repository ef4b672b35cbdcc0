/** Reports a test run in few words: failures in full, a line per file, and at last how many passed and failed. */
import { relative, resolve } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";

interface Counts {
  passed: number;
  failed: number;
  milliseconds: number;
}

/** What a finished test tells; node:test hands out more than its types admit. */
interface Finished {
  name: string;
  nesting: number;
  file?: string | undefined;
  skip?: string | boolean | undefined;
  todo?: string | boolean | undefined;
  details: {
    duration_ms: number;
    type?: string | undefined;
    error?: { failureType?: string; cause?: unknown } | undefined;
  };
}

type Result = "passed" | "failed" | "none";

const FILTERS = ["--test-name-pattern", "--test-skip-pattern", "--test-only"];

/** One run: which names are being worked on, which file, what was counted. */
class Run {
  readonly #names: string[] = [];
  readonly #failures: string[] = [];
  readonly #total: Counts = { passed: 0, failed: 0, milliseconds: 0 };
  readonly #filtered: boolean;
  #file: string | undefined;
  #counts: Counts = { passed: 0, failed: 0, milliseconds: 0 };

  constructor(filtered: boolean) {
    this.#filtered = filtered;
  }

  started(name: string, nesting: number): void {
    this.#names.length = nesting;
    this.#names[nesting] = name;
  }

  finished(test: Finished): string {
    const before = this.#enter(test.file);
    const { result, why } = this.#judge(test);
    if (test.nesting === 0) this.#counts.milliseconds += test.details.duration_ms;
    if (result === "none") return before;
    this.#counts[result]++;
    this.#total[result]++;
    if (result === "passed") return before;
    const title = `${[...this.#names.slice(0, test.nesting), test.name].join(" > ")} (${where(test.file)})`;
    this.#failures.push(title);
    return `${before}FAILED ${title}\n${indent(why)}\n`;
  }

  #judge({ name, nesting, file, skip, todo, details }: Finished): { result: Result; why: string } {
    // A skipped suite hides tests, a test that is "todo" may fail unseen: neither says that anything works.
    if (skip || todo) return { result: "failed", why: "skipped tests are not allowed here" };
    const { error } = details;
    const isSuite = details.type === "suite";
    if (error) {
      const parentOnly = error.failureType === "subtestsFailed";
      if (parentOnly && isSuite) return { result: "none", why: "" };
      return { result: "failed", why: parentOnly ? "a test inside of it failed" : describe(error.cause ?? error) };
    }
    // Without any test, the file itself is reported as one that passed.
    const isFile = nesting === 0 && file !== undefined && resolve(name) === file;
    if (isFile && !this.#filtered) return { result: "failed", why: "this file has no tests" };
    return { result: isSuite || isFile ? "none" : "passed", why: "" };
  }

  /** Files are reported one after the other: the first word from another one closes the one before. */
  #enter(file: string | undefined): string {
    if (file === this.#file) return "";
    const line = this.#closeFile();
    this.#file = file;
    return line;
  }

  #closeFile(): string {
    const { passed, failed, milliseconds } = this.#counts;
    this.#counts = { passed: 0, failed: 0, milliseconds: 0 };
    if (passed + failed === 0) return "";
    const verdict = failed > 0 ? `${passed} passed, ${failed} FAILED` : `${passed} passed`;
    return `${where(this.#file)}: ${verdict} (${(milliseconds / 1000).toFixed(1)} s)\n`;
  }

  /** The last lines; a run without a single passed test is no success. */
  end(): { text: string; success: boolean } {
    const { passed, failed } = this.#total;
    const list = this.#failures.map((title) => `FAILED ${title}\n`).join("");
    const none = passed + failed === 0 ? "no tests were run\n" : "";
    const text = `${this.#closeFile()}${list && `\n${list}`}${none}\n${passed} passed, ${failed} failed\n`;
    return { text, success: failed === 0 && passed > 0 };
  }
}

function where(file: string | undefined): string {
  return file ? relative(process.cwd(), file) : "unknown file";
}

/** An assertion says it all in its message; of a stack only the lines outside Node matter. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const isAssertion = "code" in cause && cause.code === "ERR_ASSERTION" && cause.stack !== undefined;
  const text = isAssertion ? String(cause.stack) : inspect(cause, { depth: 6, colors: false });
  return text.replace(/^ +at .*\(?node:.*\n?/gm, "").trimEnd();
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

let ended = false;
// A test that calls process.exit(0) ends the run early, and that is no success. Listened for at once: a run can be over
// before anybody reads the first event.
process.once("exit", () => {
  if (ended) return;
  process.stderr.write("the test run ended before it was done\n");
  process.exitCode = 1;
});

// biome-ignore lint/style/noDefaultExport: node:test takes the default export of a module as its reporter
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const run = new Run(process.execArgv.some((argument) => FILTERS.some((filter) => argument.startsWith(filter))));
  for await (const { type, data } of events) {
    if (type === "test:start") run.started(data.name, data.nesting);
    else if (type === "test:pass" || type === "test:fail") yield run.finished(data as Finished);
    else if (type === "test:stdout" || type === "test:stderr") yield data.message;
    else if (type === "test:diagnostic" && data.level === "error") yield `${data.message}\n`;
  }
  const { text, success } = run.end();
  if (!success) process.exitCode = 1;
  ended = true;
  yield text;
}
