import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Ending, type Flags, type Invocation, parseArgv, renderFailure } from "../src/cli.ts";
import { envName, flagName, optionPaths } from "../src/config/schema.ts";
import { exitTable } from "../src/model/exit.ts";
import { runs } from "./support/effort.ts";

const terminal = { env: {}, isTerminal: true };
const words = (line: string): string[] => line.split(" ").filter((word) => word !== "");

function parsed(line: string, where = terminal): { command: Invocation; flags: Flags } {
  const result = parseArgv(words(line), where);
  if ("exitCode" in result) assert.fail(`${line}: ${result.stderr}${result.stdout}`);
  return result;
}

function ended(line: string): Ending {
  const result = parseArgv(words(line), terminal);
  if (!("exitCode" in result)) assert.fail(`${line} was taken`);
  return result;
}

const api = { kind: "Deployment", namespace: "web", name: "api" };
const commands: readonly (readonly [string, Invocation])[] = [
  ["run", { name: "run", catchUp: false }],
  ["run --catch-up", { name: "run", catchUp: true }],
  ["plan --catch-up", { name: "plan", catchUp: true }],
  ["explain Deployment/web/api", { name: "explain", workload: api }],
  ["explain deploy/web/api", { name: "explain", workload: { ...api, kind: "deploy" } }],
  ["history", { name: "history", workload: undefined }],
  ["history deployment/web/api", { name: "history", workload: { ...api, kind: "deployment" } }],
  ["status", { name: "status" }],
  ["adopt", { name: "adopt" }],
  ["doctor", { name: "doctor" }],
  ["config", { name: "config" }],
  ["demo", { name: "demo" }],
  ["version", { name: "version" }],
  ["--version", { name: "version" }],
];

for (const [line, command] of commands) {
  test(`reroll ${line}`, () => assert.deepEqual(parsed(line).command, command));
}

test("global options stand before or after the command", () => {
  const options =
    "--kubeconfig k --context c --config f -n a -n b,c -o json --log-level debug --log-format text --no-color";
  const after = parsed(`plan ${options}`);
  assert.deepEqual(parsed(`${options} plan`), after);
  assert.deepEqual(after.flags, {
    options: { kubeconfig: "k", context: "c", namespaces: "a,b,c", "log.level": "debug", "log.format": "text" },
    configFile: "f",
    output: "json",
    color: false,
  });
});

test("every flag of the option table reaches its option", () => {
  for (const path of optionPaths) {
    const flag = flagName(path);
    if (flag !== undefined) assert.deepEqual(parsed(`plan ${flag} value`).flags.options, { [path]: "value" });
  }
});

test("the configuration file is named by flag, else by REROLL_CONFIG", () => {
  const where = { env: { REROLL_CONFIG: "from-env" }, isTerminal: true };
  assert.equal(parsed("plan --config from-flag", where).flags.configFile, "from-flag");
  assert.equal(parsed("plan", where).flags.configFile, "from-env");
  assert.equal(parsed("plan", { env: { REROLL_CONFIG: "" }, isTerminal: true }).flags.configFile, undefined);
});

test("colour only on a terminal that has it and where nobody objects", () => {
  const color = (line: string, env: Record<string, string>, isTerminal: boolean): boolean =>
    parsed(line, { env, isTerminal }).flags.color;
  assert.equal(color("plan", {}, true), true);
  assert.equal(color("plan", {}, false), false);
  assert.equal(color("plan --no-color", {}, true), false);
  assert.equal(color("plan", { NO_COLOR: "1" }, true), false);
  assert.equal(color("plan", { TERM: "dumb" }, true), false);
});

const mistakes: readonly (readonly [string, string, string])[] = [
  ["pln", "unknown-command", "unknown command 'pln' (Did you mean plan?)"],
  ["plan --contxt x", "unknown-option", "unknown option '--contxt' (Did you mean --context?)"],
  ["status --catch-up", "unknown-option", "unknown option '--catch-up'"],
  ["plan -n", "option-missing-argument", "option '-n, --namespace <name>' argument missing"],
  ["help pln", "unknown-command", "unknown command 'pln'; did you mean plan?"],
  ["plan extra", "excess-arguments", "too many arguments for 'plan'. Expected 0 arguments but got 1: extra."],
  ["explain", "missing-argument", "missing required argument 'kind/namespace/name'"],
  [
    "explain web/api",
    "invalid-argument",
    "command-argument value 'web/api' is invalid for argument 'kind/namespace/name'. Expected KIND/NAMESPACE/NAME, such as Deployment/web/api.",
  ],
  [
    "plan -o yaml",
    "invalid-argument",
    "option '-o, --output <form>' argument 'yaml' is invalid. Allowed choices are text, json.",
  ],
];

for (const [line, code, message] of mistakes) {
  test(`reroll ${line} is refused: ${code}`, () => {
    const hint = "Run 'reroll --help' for commands, options and exit codes.";
    assert.deepEqual(ended(line), { exitCode: 2, stdout: "", stderr: `reroll: ${message}\n${hint}\n` });
    if (line.includes("yaml")) return;
    for (const asked of [`-o json ${line}`, `--output=json ${line}`, `-ojson ${line}`]) {
      const { exitCode, stdout, stderr } = ended(asked);
      assert.deepEqual([exitCode, stderr], [2, ""]);
      assert.deepEqual(JSON.parse(stdout), { error: { code, message, hint }, exitCode: 2 });
    }
  });
}

test("an empty namespace, as from an unset shell variable, never means all", () => {
  const result = parseArgv(["run", "-n", ""], terminal);
  assert.ok("exitCode" in result && result.exitCode === 2);
});

test("without a command there is help on stderr and exit code 2", () => {
  const { exitCode, stdout, stderr } = ended("");
  assert.deepEqual([exitCode, stdout], [2, ""]);
  assert.match(stderr, /Usage: reroll/);
  assert.equal(JSON.parse(ended("-o json").stdout).error.code, "no-command");
});

test("help names every command, global option, environment variable and exit code, in columns", () => {
  const { exitCode, stdout, stderr } = ended("--help");
  assert.deepEqual([exitCode, stderr], [0, ""]);
  for (const [line] of commands) assert.ok(stdout.includes(`\n  ${words(line)[0]}`), line);
  for (const path of optionPaths) {
    const flag = flagName(path);
    if (flag !== undefined) assert.ok(stdout.includes(flag) && stdout.includes(envName(path)), flag);
  }
  for (const { code, meaning } of exitTable)
    assert.ok(stdout.includes(`  ${String(code).padEnd(3)}  ${meaning}\n`), meaning);
  assert.ok(stdout.split("\n").every((line) => line.length <= 120));
});

test("help of a command has its own and the global options; under -o json it is one document", () => {
  for (const line of ["plan --help", "help plan", "plan -h"])
    assert.match(ended(line).stdout, /--catch-up[\s\S]*--kubeconfig/);
  const { exitCode, stdout } = ended("plan --help -o json");
  assert.equal(exitCode, 0);
  assert.match(JSON.parse(stdout).help, /^Usage: reroll plan/);
});

test("every example in the help can be run", () => {
  const examples = ended("--help").stdout.match(/^ {2}reroll .*?(?= {2})/gm) ?? [];
  assert.ok(examples.length >= 4);
  for (const example of examples) parsed(example.trim().replace("reroll ", ""));
});

test("a failure with problems says where and what, in text and in JSON", () => {
  const failure = {
    code: "invalid-configuration",
    message: "the configuration cannot be used",
    problems: [{ code: "unknown-option", path: "reroll.yaml:2", message: "nope is no option" }],
  };
  const text = renderFailure(failure, 2, "text");
  assert.equal(text.stderr, "reroll: the configuration cannot be used\n  reroll.yaml:2: nope is no option\n");
  assert.deepEqual(JSON.parse(renderFailure(failure, 2, "json").stdout), { error: failure, exitCode: 2 });
});

const word = fc.oneof(
  fc.constantFrom("run", "plan", "explain", "help", "-o", "json", "--output=json", "-n", "--", "-h", "--version", "-"),
  fc.string(),
);

test("no command line makes it throw, and under -o json every ending is one document", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), (argv) => {
      const result = parseArgv([...argv, "-o", "json"], terminal);
      if ("exitCode" in result && !argv.includes("--")) {
        assert.equal(typeof JSON.parse(result.stdout), "object");
        assert.equal(result.stderr, "");
      }
    }),
    { numRuns: runs(500) },
  );
});
