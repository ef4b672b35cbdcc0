import type { Ending, Flags, Invocation } from "../cli.ts";
import { compose } from "../compose.ts";
import type { Loaded } from "../config/load.ts";
import { renderConfigJson, renderConfigText } from "../config/render.ts";
import type { Edge } from "../edge.ts";
import type { Policy } from "../model/policy.ts";
import type { Ports } from "../ports.ts";
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
  readonly style: { readonly color: boolean };
  readonly edge: Edge;
  /** Where the API server is. */
  readonly server: string;
}

type ClusterCommand = Exclude<Invocation["name"], "config" | "version" | "demo">;

/** The commands that talk to a cluster. Each loads what it needs when it is called: a run does not pay for the doctor. */
const clusterCommands: Readonly<Record<ClusterCommand, (context: Context, invocation: Invocation) => Promise<Said>>> = {
  async run({ ports, policy, stateName, style, edge }) {
    const [{ run }, { renderRun }, { runJson }] = await Promise.all([
      import("../run.ts"),
      import("../report/text.ts"),
      import("../report/json.ts"),
    ]);
    const onProgress = (line: string) => edge.stderrIsTerminal && edge.stderr(`${line}\n`);
    const report = await run(ports, policy, { stateName, signal: edge.stop, onProgress });
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
};

/** Does what the command line asks for. Fails with a `UsageError` or a `PortError`. */
export async function perform(invocation: Invocation, flags: Flags, loaded: Loaded, edge: Edge): Promise<Ending> {
  const style = { color: flags.color };
  if (invocation.name === "version") return say(versionSaid(edge), flags);
  if (invocation.name === "config") {
    const stdout = flags.output === "json" ? renderConfigJson(loaded) : renderConfigText(loaded);
    return { exitCode: 0, stdout, stderr: "" };
  }
  if (invocation.name === "demo") {
    const { demo } = await import("./demo.ts");
    return say(await demo(edge, style, loaded.policy, flags.output === "json"), flags);
  }
  const { env, pid, hardEnd } = edge;
  const { ports, server, close } = compose(loaded.config, { env, pid, hardEnd });
  try {
    const context = { ports, policy: loaded.policy, stateName: loaded.config["state.name"], style, edge, server };
    return say(await clusterCommands[invocation.name](context, invocation), flags);
  } finally {
    await close();
  }
}

function versionSaid({ versions }: Edge): Said {
  const report = version(versions);
  const text = `reroll ${report.reroll} (Node ${report.node}, tzdata ${report.tzdata})\n`;
  return { text, json: report, exitCode: 0 };
}

function say({ text, json, exitCode }: Said, { output }: Flags): Ending {
  return { exitCode, stdout: output === "json" ? `${JSON.stringify(json, null, 2)}\n` : text, stderr: "" };
}
