import type { Ending, Flags, Invocation } from "../cli.ts";
import { compose } from "../compose.ts";
import { renderConfigJson, renderConfigText } from "../config/render.ts";
import type { Loaded } from "../config/settle.ts";
import { type Edge, stoppedWith } from "../edge.ts";
import type { WorkloadKind } from "../model/kinds.ts";
import type { Policy } from "../model/policy.ts";
import { printable } from "../model/printable.ts";
import type { Ports } from "../ports.ts";
import type { Style } from "../report/style.ts";
import { namedWorkload } from "./named-workload.ts";
import { version } from "./version.ts";

/** What a command has to say, in both forms. */
interface Said {
  readonly text: string;
  readonly json: unknown;
  readonly exitCode: number;
}

interface Context {
  readonly ports: Ports;
  readonly policy: Policy;
  readonly stateName: string;
  readonly style: Style;
  readonly edge: Edge;
  /** Where the API server is. */
  readonly server: string;
}

type ClusterCommand = Exclude<Invocation["name"], "config" | "version" | "demo">;

/** The invocations whose name may be that one: several commands without arguments share a shape. */
type Called<Name> = Invocation extends infer Each
  ? Each extends { readonly name: infer Known }
    ? Name extends Known
      ? Each
      : never
    : never
  : never;

type Work<Name extends ClusterCommand> = (context: Context, invocation: Called<Name>) => Promise<Said>;

/** The commands that talk to a cluster. Each loads what it needs when it is called: a run does not pay for the doctor. */
const clusterCommands: { readonly [Name in ClusterCommand]: Work<Name> } = {
  async run({ ports, policy, stateName, style, edge }) {
    const [{ run }, { renderRun }, { runJson }] = await Promise.all([
      import("../run.ts"),
      import("../report/text.ts"),
      import("../report/json.ts"),
    ]);
    const onProgress = (line: string) => edge.stderrIsTerminal && edge.stderr(`${printable(line)}\n`);
    const done = await run(ports, policy, { stateName, signal: edge.stop, onProgress });
    const report = { ...done, exitCode: stoppedWith(edge) ?? done.exitCode };
    return { text: renderRun(report, style), json: runJson(report), exitCode: report.exitCode };
  },
  async plan({ ports, policy, stateName, style }) {
    const [{ plan }, { renderPlan }, { planJson }] = await Promise.all([
      import("./plan.ts"),
      import("../report/text.ts"),
      import("../report/json.ts"),
    ]);
    const report = await plan(ports, policy, stateName);
    return { text: renderPlan(report, style), json: planJson(report), exitCode: report.exitCode };
  },
  async explain({ ports, policy, stateName, style }, { workload }) {
    const [{ explain }, { renderExplain }, { explainJson }] = await Promise.all([
      import("./explain.ts"),
      import("../report/explain.ts"),
      import("../report/explain-json.ts"),
    ]);
    const report = await explain(ports, policy, stateName, workload);
    return { text: renderExplain(report, style), json: explainJson(report), exitCode: report.exitCode };
  },
  async status({ ports, policy, stateName, style }) {
    const [{ status }, { renderStatus, statusJson }] = await Promise.all([
      import("./status.ts"),
      import("../report/status.ts"),
    ]);
    const report = await status(ports, policy, stateName);
    return { text: renderStatus(report, style), json: statusJson(report), exitCode: report.exitCode };
  },
  async history({ ports, policy, stateName, style }, { workload }) {
    const [{ history }, { renderHistory, historyJson }] = await Promise.all([
      import("./history.ts"),
      import("../report/history.ts"),
    ]);
    const report = await history(ports, policy, stateName, workload);
    return { text: renderHistory(report, style), json: historyJson(report), exitCode: report.exitCode };
  },
  async adopt({ ports, policy, stateName, style }) {
    const [{ adopt }, { renderAdopt, adoptJson }] = await Promise.all([
      import("./adopt.ts"),
      import("../report/adopt.ts"),
    ]);
    const report = await adopt(ports, policy, stateName);
    return { text: renderAdopt(report, style), json: adoptJson(report), exitCode: report.exitCode };
  },
  async retry({ ports, policy, stateName, style }, { names, all }) {
    const [{ retry }, { renderRetry, retryJson }] = await Promise.all([
      import("./retry.ts"),
      import("../report/retry.ts"),
    ]);
    const report = await retry(ports, policy, stateName, names, all);
    return { text: renderRetry(report, style), json: retryJson(report), exitCode: report.exitCode };
  },
  async doctor({ ports, policy, stateName, style, server }) {
    const [{ doctor }, { renderDoctor, doctorJson }] = await Promise.all([
      import("./doctor.ts"),
      import("../report/doctor.ts"),
    ]);
    const report = await doctor(ports, policy, stateName, server);
    return { text: renderDoctor(report, style), json: doctorJson(report), exitCode: report.exitCode };
  },
};

/** Does what the command line asks for. Fails with a `UsageError` or a `PortError`. */
export async function perform(invocation: Invocation, flags: Flags, loaded: Loaded, edge: Edge): Promise<Ending> {
  const { stdoutColumns: width } = edge;
  const style = { color: flags.color, ...(width === undefined ? {} : { width }) };
  if (invocation.name === "version") return say(versionSaid(edge), flags);
  if (invocation.name === "config") {
    const stdout = flags.output === "json" ? renderConfigJson(loaded) : renderConfigText(loaded);
    return { exitCode: 0, stdout, stderr: "" };
  }
  if (invocation.name === "demo") {
    const { demo } = await import("./demo.ts");
    return say(await demo(edge, style, loaded.policy, flags.output === "json"), flags);
  }
  const asked = withKind(invocation, loaded.policy.kinds);
  const { env, pid, hardEnd } = edge;
  const { ports, server, close } = await compose(loaded.config, { env, pid, hardEnd });
  try {
    const work = clusterCommands[invocation.name] as (context: Context, invocation: Invocation) => Promise<Said>;
    const context = { ports, policy: loaded.policy, stateName: loaded.config["state.name"], style, edge, server };
    return say(await work(context, asked), flags);
  } finally {
    await close();
  }
}

/** The same with the kind of its workload as the table of kinds names it. */
function withKind(invocation: Invocation, kinds: readonly WorkloadKind[]): Invocation {
  if (!("workload" in invocation) || invocation.workload === undefined) return invocation;
  return { ...invocation, workload: namedWorkload(invocation.workload, kinds) };
}

function versionSaid({ versions }: Edge): Said {
  const report = version(versions);
  const text = `reroll ${report.reroll} (Node ${report.node}, tzdata ${report.tzdata})\n`;
  return { text, json: report, exitCode: 0 };
}

function say({ text, json, exitCode }: Said, { output }: Flags): Ending {
  return { exitCode, stdout: output === "json" ? `${JSON.stringify(json, null, 2)}\n` : text, stderr: "" };
}
