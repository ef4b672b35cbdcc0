import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { suggestion } from "./config/misspelt.ts";
import { envName, type OptionPath, optionPaths, optionRow } from "./config/schema.ts";
import { exitTable } from "./model/exit.ts";
import { printableLines } from "./model/printable.ts";
import type { WorkloadRef } from "./model/ref.ts";
import type { TypedName } from "./model/report-retry.ts";

/** What is to be done, with its arguments read. */
export type Invocation =
  | { readonly name: "run" | "plan"; readonly catchUp: boolean }
  | { readonly name: "explain"; readonly workload: WorkloadRef }
  | { readonly name: "history"; readonly workload: WorkloadRef | undefined }
  | { readonly name: "retry"; readonly names: readonly TypedName[]; readonly all: boolean }
  | { readonly name: "status" | "adopt" | "doctor" | "config" | "demo" | "version" };

/** The global options. */
export interface Flags {
  /** Options of the table in the text people typed, repetitions joined by commas; for `loadConfig`. */
  readonly options: Readonly<Partial<Record<OptionPath, string>>>;
  readonly configFile: string | undefined;
  readonly output: Output;
  readonly color: boolean;
}

/** Form of stdout. Under `json` it is exactly one document, whatever happens. */
export type Output = "text" | "json";

/** What the process must write before it ends with `exitCode`. */
export interface Ending {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command line is read against. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether stdout is a terminal. */
  readonly isTerminal: boolean;
}

/** A usage error for people and for programs. `code` is kebab-case and stable. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** What to do next, one line. */
  readonly hint?: string;
  readonly problems?: readonly { readonly code: string; readonly path: string; readonly message: string }[];
}

interface CommandRow {
  readonly doc: string;
  readonly workload?: "needed" | "optional";
  readonly catchUp?: boolean;
  readonly names?: boolean;
}

/** Every command: a new row is a new command. */
const commands: Readonly<Record<Invocation["name"], CommandRow>> = {
  run: { doc: "restart what uses a changed ConfigMap or Secret, and watch it", catchUp: true },
  plan: { doc: "show what a run would do now and why; writes nothing", catchUp: true },
  explain: { doc: "show which sources a workload uses and what is decided for each", workload: "needed" },
  status: { doc: "show what is owed, watched and remembered" },
  history: { doc: "show past restarts, of everything or of one workload", workload: "optional" },
  retry: { doc: "let go what is held back by quarantine or after a failed commit; restarts nothing", names: true },
  adopt: { doc: "take today as the baseline; restarts nothing" },
  doctor: { doc: "check connection, rights, state, clock and annotations" },
  config: { doc: "show every option in force and where it came from" },
  demo: { doc: "show what reroll does, on a small cluster inside this process" },
  version: { doc: "show the version" },
};

const examples = [
  ["reroll demo", "see it work, without a cluster"],
  ["reroll plan", "what a run would do now"],
  ["reroll run", "do it"],
  ["reroll explain Deployment/web/api", "why, or why not"],
  ["reroll plan -n web -o json", "one namespace, for programs"],
] as const;

const moreHelp = "Run 'reroll --help' for commands, options and exit codes.";

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`).join("\n");
}

/** Whether there is such a kind is known once the configuration is: it may add some. */
function readName(text: string): TypedName {
  const [kind, namespace, name, ...rest] = text.split("/");
  if (!kind || !namespace || !name || rest.length > 0)
    throw new InvalidArgumentError("Expected KIND/NAMESPACE/NAME, such as Deployment/web/api.");
  return { kind, namespace, name };
}

/** An empty name, as from an unset shell variable, must not come to mean everything. */
function joined(text: string, previous: string | undefined): string {
  if (text.trim() === "") throw new InvalidArgumentError("Expected a name.");
  return previous === undefined ? text : `${previous},${text}`;
}

/** The options of the table that have a flag, under the attribute commander keeps their value in. */
function tableFlags(): { path: OptionPath; flag: Option }[] {
  return optionPaths.flatMap((path) => {
    const row = optionRow(path);
    if (row.flag === undefined) return [];
    const flag = new Option(row.flag, `${row.doc} [${envName(path)}]`);
    return [{ path, flag: Array.isArray(row.default) ? flag.argParser(joined) : flag }];
  });
}

function program(print: (text: string) => void, done: (invocation: Invocation) => void): Command {
  const root = new Command("reroll")
    .description("Restarts Kubernetes workloads when the ConfigMaps and Secrets they use have changed.")
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => {}, getOutHelpWidth: () => 120, getOutHasColors: () => false })
    .configureHelp({ showGlobalOptions: true })
    .version("", "--version", commands.version.doc)
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command");
  for (const { flag } of tableFlags()) root.addOption(flag);
  root
    .option("--config <file>", "Configuration file [REROLL_CONFIG]")
    .addOption(new Option("-o, --output <form>", "Form of stdout").choices(["text", "json"]).default("text"))
    .option("--no-color", "No colours, also on a terminal [NO_COLOR]")
    .addHelpText(
      "after",
      () =>
        `\nExamples:\n${aligned(examples)}\n\nExit codes, the strongest first:\n${aligned(exitTable.map(({ code, meaning }) => [String(code), meaning]))}`,
    );
  for (const [name, row] of Object.entries(commands)) {
    const command = root.command(name).description(row.doc);
    if (row.workload) {
      const shape = row.workload === "needed" ? "<kind/namespace/name>" : "[kind/namespace/name]";
      command.addArgument(new Argument(shape, "the workload").argParser(readName));
    }
    if (row.names) {
      const parse = (text: string, before: TypedName[] = []) => [...before, readName(text)];
      command.addArgument(new Argument("[kind/namespace/name...]", "workloads or sources").argParser(parse));
      command.option("--all", "everything that is in quarantine, in the namespaces looked at");
    }
    if (row.catchUp)
      command.option("--catch-up", "act also on workloads never seen before, where their pods are older than a source");
    command.action(() => {
      const [first] = command.processedArgs;
      const { catchUp = false, all = false } = command.opts();
      const names = row.names && { names: first ?? [], all };
      done({ name, ...(row.workload && { workload: first }), ...names, ...(row.catchUp && { catchUp }) } as Invocation);
    });
  }
  return root;
}

/** Whether `-o json` was asked for, also where the rest of the line cannot be read. */
function wantsJson(argv: readonly string[]): boolean {
  const asked = argv.map((word, index) =>
    word === "-o" || word === "--output" ? argv[index + 1] : /^(?:-o|--output=)(.+)$/.exec(word)?.[1],
  );
  return asked.filter((form) => form !== undefined).at(-1) === "json";
}

function colorAllowed({ env, isTerminal }: Terminal): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== "dumb";
}

/** What a failure looks like before the process ends: one JSON document on stdout, or lines on stderr. */
export function renderFailure(failure: Failure, exitCode: number, output: Output): Ending {
  if (output === "json")
    return { exitCode, stdout: `${JSON.stringify({ error: failure, exitCode }, null, 2)}\n`, stderr: "" };
  const problems = (failure.problems ?? []).map(({ path, message }) => `  ${path}: ${message}\n`).join("");
  const hint = failure.hint === undefined ? "" : `${failure.hint}\n`;
  return { exitCode, stdout: "", stderr: printableLines(`reroll: ${failure.message}\n${problems}${hint}`) };
}

/**
 * Reads a command line (without interpreter and script) and touches nothing else. Wrong usage, help and an empty line are
 * endings: text to write and the exit code.
 */
export function parseArgv(
  argv: readonly string[],
  terminal: Terminal,
): { readonly command: Invocation; readonly flags: Flags } | Ending {
  const json: Output = wantsJson(argv) ? "json" : "text";
  let printed = "";
  let command: Invocation | undefined;
  const root = program(
    (text) => {
      printed += text;
    },
    (invocation) => {
      command = invocation;
    },
  );
  if (argv.length === 0)
    return { exitCode: 2, stdout: "", stderr: `${root.helpInformation()}\nreroll: no command given. ${moreHelp}\n` };
  try {
    root.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.version")
      return {
        command: { name: "version" },
        flags: { options: {}, configFile: undefined, output: json, color: colorAllowed(terminal) },
      };
    if (error.exitCode === 0)
      return {
        exitCode: 0,
        stdout: json === "json" ? `${JSON.stringify({ help: printed }, null, 2)}\n` : printed,
        stderr: "",
      };
    return renderFailure(usageFailure(error, root.args), 2, json);
  }
  if (command === undefined)
    return renderFailure({ code: "no-command", message: "no command given", hint: moreHelp }, 2, json);
  return { command, flags: readFlags(root, terminal) };
}

function usageFailure(error: CommanderError, [word, topic]: readonly string[]): Failure {
  if (error.code === "commander.help" && word === "help" && topic !== undefined) {
    const message = `unknown command '${topic}'${suggestion(topic, Object.keys(commands))}`;
    return { code: "unknown-command", message, hint: moreHelp };
  }
  if (error.code === "commander.help") return { code: "no-command", message: "no command given", hint: moreHelp };
  const code = error.code.replace("commander.", "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return { code, message: error.message.replace(/^error: /, "").replaceAll("\n", " "), hint: moreHelp };
}

function readFlags(root: Command, terminal: Terminal): Flags {
  const given = root.opts();
  const options: Partial<Record<OptionPath, string>> = {};
  for (const { path, flag } of tableFlags()) {
    const text: unknown = given[flag.attributeName()];
    if (typeof text === "string") options[path] = text;
  }
  return {
    options,
    configFile: given.config ?? (terminal.env.REROLL_CONFIG || undefined),
    output: given.output === "json" ? "json" : "text",
    color: given.color !== false && colorAllowed(terminal),
  };
}
