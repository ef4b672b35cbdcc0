import { type Ending, type Failure, type Flags, type Invocation, parseArgv, renderFailure } from "./cli.ts";
import { perform } from "./commands/perform.ts";
import { type Loaded, type LoadResult, noFile, type SettledInputs, settleConfig } from "./config/settle.ts";
import { type Edge, stoppedWith } from "./edge.ts";
import { podNamespace, readNamedFile } from "./io/surroundings.ts";
import { formatRight, PortError, UsageError } from "./model/errors.ts";
import type { ExitCode } from "./model/exit.ts";

/** Runs one command line and returns the exit code. Under `-o json` stdout gets exactly one document, whatever happens. */
export async function execute(argv: readonly string[], edge: Edge): Promise<number> {
  const ending = await end(argv, edge);
  if (ending.stderr) edge.stderr(ending.stderr);
  if (ending.stdout) edge.stdout(ending.stdout);
  return stoppedWith(edge) ?? ending.exitCode;
}

async function end(argv: readonly string[], edge: Edge): Promise<Ending> {
  const parsed = parseArgv(argv, { env: edge.env, isTerminal: edge.stdoutIsTerminal });
  if ("exitCode" in parsed) return parsed;
  const { command, flags } = parsed;
  try {
    const loaded = await configure(command, flags, edge);
    if ("exitCode" in loaded) return loaded;
    return await perform(command, flags, loaded, edge);
  } catch (error) {
    const { failure, exitCode } = explainError(error);
    return renderFailure(failure, stoppedWith(edge) ?? exitCode, flags.output);
  }
}

async function configure(command: Invocation, flags: Flags, edge: Edge): Promise<Loaded | Ending> {
  const namespace = podNamespace(edge.env);
  const inputs: SettledInputs = {
    env: edge.env,
    flags: flags.options,
    facts: { isTerminal: edge.stderrIsTerminal, ...(namespace === undefined ? {} : { inPodNamespace: namespace }) },
    catchUp: "catchUp" in command && command.catchUp,
  };
  const loaded =
    flags.configFile === undefined ? settleConfig(inputs, noFile) : await withFile(inputs, flags.configFile);
  if (!("problems" in loaded)) return loaded;
  const { problems } = loaded;
  const message = `the configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}; nothing was done`;
  return renderFailure({ code: "invalid-configuration", message, problems }, 2, flags.output);
}

async function withFile(inputs: SettledInputs, filePath: string): Promise<LoadResult> {
  const fileText = readNamedFile(filePath);
  const { loadConfig } = await import("./config/load.ts");
  return loadConfig({ ...inputs, fileText, filePath });
}

function explainError(error: unknown): { readonly failure: Failure; readonly exitCode: ExitCode } {
  if (error instanceof UsageError) return { failure: { code: "usage", message: error.message }, exitCode: 2 };
  if (error instanceof PortError) {
    const access = error.code === "forbidden" || error.code === "unauthorized";
    const hint = error.right && access ? { hint: `Missing right: ${formatRight(error.right)}.` } : {};
    return { failure: { code: error.code, message: error.message, ...hint }, exitCode: access ? 3 : 75 };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    failure: { code: "unexpected", message, hint: "This is a defect of reroll; please report it." },
    exitCode: 1,
  };
}
