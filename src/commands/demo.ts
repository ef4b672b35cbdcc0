import { type DemoCluster, startDemoCluster } from "../demo/cluster.ts";
import { demoManifests } from "../demo/fixtures.ts";
import type { Edge } from "../edge.ts";
import { systemClock } from "../io/clock.ts";
import { noGitServers } from "../io/git/lazy.ts";
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
  /** Commands of others that stand for what happens. */
  readonly shown?: readonly string[];
  /** The command shown, and run. */
  readonly command: "plan" | "run";
}

const write = (kind: string, name: string, data: Record<string, string>) => (cluster: DemoCluster) => {
  cluster.api.patch(kind, "shop", name, kind === "Secret" ? { stringData: data } : { data });
};

const story: readonly Step[] = [
  {
    title: "The first run has nothing to compare with: it takes today as the baseline.",
    happens: (cluster) => {
      cluster.api.put({ kind: "Namespace", apiVersion: "v1", metadata: { name: stateNamespace } });
    },
    shown: ["kubectl create namespace reroll-system"],
    command: "run",
  },
  {
    title: "Two sources change: one key of a ConfigMap, and a Secret. A third changes in a key that no pod reads.",
    happens: (cluster) => {
      write("ConfigMap", "web-config", { LOG_LEVEL: "debug" })(cluster);
      write("Secret", "mailer-smtp", { "smtp-url": "smtps://mailer:another@smtp.example.com" })(cluster);
      write("ConfigMap", "orders-db-config", { "notes.md": "Nobody mounts this." })(cluster);
    },
    command: "plan",
  },
  { title: "The run restarts just those workloads, each once, and waits until they are healthy.", command: "run" },
  { title: "Run again: everything is known, nothing is done.", command: "run" },
  {
    title: "A change is noticed…",
    happens: write("ConfigMap", "mailer-templates", { "welcome.txt": "Welcome back!" }),
    command: "plan",
  },
  {
    title: "…and taken back before a run acted on it: it cancels itself.",
    happens: write("ConfigMap", "mailer-templates", { "welcome.txt": "Welcome to the shop!" }),
    command: "run",
  },
  {
    title: "A change breaks the pods that start with it. The run notices, says why, and ends with exit code 5.",
    happens: write("ConfigMap", "mailer-templates", { crash: "true" }),
    command: "run",
  },
];

/** Tells the story on a small cluster in this process. Text is written while it happens; the answer is what a program gets. */
export async function demo(edge: Edge, style: Style, policy: Policy, json: boolean) {
  const cluster = await startDemoCluster({ rolloutDelay: 1200 });
  const kubernetes = createKubernetesPorts(connectionTo(cluster), stateNamespace, { signal: edge.hardEnd });
  const { cluster: api, states, keys, lock } = kubernetes;
  const journal = createJournal({ level: "silent", format: "json" });
  const ports: Ports = {
    cluster: api,
    states,
    keys,
    lock,
    git: noGitServers,
    clock: systemClock,
    journal,
    identity: `demo-${edge.pid}`,
  };
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
    if (!edge.stop.aborted) tell(closing);
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
  const counts = kinds.map((kind) => `${cluster.api.list(kind).length} ${kind}`).join(", ");
  return `A small Kubernetes API runs in this process, filled from fixtures/demo:\n${counts}.\nEverything below is reroll's own output.\n`;
}

const closing = `\nThat was all of it. On your cluster, begin with:\n  reroll plan\n`;

async function play({ cluster, ports, policy, style, edge, tell }: Stage, step: Step, number: number) {
  tell(`\n${style.color ? "\u001b[1m" : ""}${number}. ${step.title}${style.color ? "\u001b[0m" : ""}\n`);
  step.happens?.(cluster);
  for (const shown of [...(step.shown ?? []), `reroll ${step.command}`]) tell(`$ ${shown}\n`);
  if (step.command === "plan") {
    tell(indent(renderPlan(await plan(ports, policy, stateName), style)));
    return undefined;
  }
  const report = await run(ports, policy, { stateName, signal: edge.stop, onProgress: () => {} });
  tell(indent(renderRun(report, style)));
  return report;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
