import { type DemoCluster, startDemoCluster } from "../demo/cluster.ts";
import { demoManifests } from "../demo/fixtures.ts";
import type { Edge } from "../edge.ts";
import { systemClock } from "../io/clock.ts";
import { createJournal } from "../io/journal.ts";
import { anonymous, type Connection } from "../io/kubernetes/connection.ts";
import { createKubernetesPorts } from "../io/kubernetes/ports.ts";
import type { Policy } from "../model/policy.ts";
import type { RunReport } from "../model/report.ts";
import type { Ports } from "../ports.ts";
import { runJson } from "../report/json.ts";
import type { Style } from "../report/style.ts";
import { renderPlan, renderRun } from "../report/text.ts";
import { run } from "../run.ts";
import { plan } from "./plan.ts";

const stateNamespace = "reroll-system";
const stateName = "reroll-state";

interface Stage {
  readonly cluster: DemoCluster;
  readonly ports: Ports;
  readonly policy: Policy;
  readonly style: Style;
  readonly edge: Edge;
  /** Writes to people as it happens. */
  readonly tell: (text: string) => void;
}

/** One step of the story: what is said, what happens, and what reroll makes of it. */
interface Step {
  readonly title: string;
  readonly happens?: (cluster: DemoCluster) => void;
  /** The command shown, and run. */
  readonly command: "plan" | "run";
}

const write = (kind: string, name: string, data: Record<string, string>) => (cluster: DemoCluster) => {
  cluster.api.patch(kind, "shop", name, kind === "Secret" ? { stringData: data } : { data });
};

const story: readonly Step[] = [
  { title: "The first run has nothing to compare with: it takes today as the baseline.", command: "run" },
  {
    title: "Somebody changes a ConfigMap and a Secret.",
    happens: (cluster) => {
      write("ConfigMap", "web-config", { LOG_LEVEL: "debug" })(cluster);
      write("Secret", "web-credentials", { PASSWORD: "a new one" })(cluster);
    },
    command: "plan",
  },
  { title: "The run restarts just those, each once, and waits until they are healthy.", command: "run" },
  { title: "Run again: everything is known, nothing is done.", command: "run" },
  {
    title: "A change is noticed …",
    happens: write("ConfigMap", "mailer-config", { SENDER: "shop@example.org" }),
    command: "plan",
  },
  {
    title: "… and taken back before a run acts on it: it cancels itself.",
    happens: write("ConfigMap", "mailer-config", { SENDER: "hello@example.org" }),
    command: "run",
  },
  {
    title: "A change breaks the pods that start with it: the run sees that they crash, says so, and ends with exit code 5.",
    happens: write("ConfigMap", "mailer-config", { crash: "true" }),
    command: "run",
  },
];

/** Tells the story on a small cluster in this process. Text is written while it happens; the answer is what a program gets. */
export async function demo(edge: Edge, style: Style, policy: Policy, json: boolean) {
  const cluster = await startDemoCluster({ rolloutDelay: 1200 });
  const kubernetes = createKubernetesPorts(connectionTo(cluster), stateNamespace, { signal: edge.hardEnd });
  const { cluster: api, states, keys, lock } = kubernetes;
  const journal = createJournal({ level: "silent", format: "json" });
  const ports: Ports = { cluster: api, states, keys, lock, clock: systemClock, journal, identity: `demo-${edge.pid}` };
  const tell = (text: string) => (json ? undefined : edge.stdout(text));
  const stage: Stage = { cluster, ports, policy, style, edge, tell };
  try {
    await cluster.load(demoManifests());
    await cluster.settle();
    tell(opening(cluster));
    const runs: RunReport[] = [];
    for (const [index, step] of story.entries()) {
      if (edge.stop.aborted) break;
      const report = await play(stage, step, index + 1);
      if (report) runs.push(report);
    }
    tell(closing);
    return { text: "", json: { runs: runs.map(runJson) }, exitCode: 0 };
  } finally {
    await kubernetes.close();
    await cluster.close();
  }
}

function connectionTo({ url }: DemoCluster): Connection {
  return {
    server: url,
    trust: { ca: undefined, serverName: undefined, insecure: true },
    credentials: anonymous,
    headers: {},
    proxy: undefined,
    namespace: undefined,
    inCluster: false,
    origin: "the demo",
  };
}

function opening(cluster: DemoCluster): string {
  const kinds = ["Deployment", "StatefulSet", "DaemonSet", "ConfigMap", "Secret"];
  const counts = kinds.map((kind) => `${cluster.api.list(kind).length} ${kind}s`).join(", ");
  return `A small Kubernetes API runs in this process, filled from fixtures/demo: ${counts}.\nEverything below is reroll's own output.\n`;
}

const closing = `\nThat was all of it. On your cluster, begin with:\n  reroll plan\n`;

async function play({ cluster, ports, policy, style, edge, tell }: Stage, step: Step, number: number) {
  tell(`\n${style.color ? "\u001b[1m" : ""}${number}. ${step.title}${style.color ? "\u001b[0m" : ""}\n`);
  step.happens?.(cluster);
  tell(`$ reroll ${step.command}\n`);
  if (step.command === "plan") {
    tell(indent(renderPlan(await plan(ports, policy, stateName), style)));
    return undefined;
  }
  const report = await run(ports, policy, { stateName, signal: edge.stop, onProgress: () => {} });
  tell(indent(renderRun(report, style)));
  tell(indent(`exit code ${report.exitCode}\n`));
  return report;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
