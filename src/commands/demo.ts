import { type DemoCluster, startDemoCluster } from "../demo/cluster.ts";
import { demoManifests } from "../demo/fixtures.ts";
import { type DemoFleet, startDemoFleet } from "../demo/fleet.ts";
import type { Edge } from "../edge.ts";
import { systemClock } from "../io/clock.ts";
import { lazyGitServers } from "../io/git/lazy.ts";
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
import { type Act, type Step, story } from "./demo-story.ts";
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

/** Tells the story on a small cluster in this process. Text is written while it happens; the answer is what a program gets. */
export async function demo(edge: Edge, style: Style, policy: Policy, json: boolean) {
  const cluster = await startDemoCluster({ rolloutDelay: 1200 });
  const kubernetes = createKubernetesPorts(connectionTo(cluster), stateNamespace, { signal: edge.hardEnd });
  const { cluster: api, states, keys, lock } = kubernetes;
  const ports: Ports = {
    cluster: api,
    states,
    keys,
    lock,
    git: lazyGitServers({ timeout: 30_000, signal: edge.hardEnd }),
    clock: systemClock,
    journal: createJournal({ level: "silent", format: "json" }),
    identity: `demo-${edge.pid}`,
  };
  const tell = (text: string) => (json ? undefined : edge.stdout(text));
  const stage: Stage = { cluster, ports, policy, style, edge, tell };
  try {
    await cluster.load(demoManifests());
    await cluster.settle();
    const runs: RunReport[] = [];
    let told = 0;
    for (const act of story) {
      runs.push(...(await playAct(stage, act, told)));
      told += act.steps.length;
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

function census(cluster: DemoCluster): string {
  const kinds = ["Deployment", "StatefulSet", "DaemonSet", "ConfigMap", "Secret"];
  return kinds.map((kind) => `${cluster.api.list(kind).length} ${kind}`).join(", ");
}

const closing = `\nThat was all of it. On your cluster, begin with:\n  reroll plan\n`;

/** Plays an act whose steps are numbered from after `told`; nothing of it where the demo was asked to stop. */
async function playAct(stage: Stage, act: Act, told: number): Promise<RunReport[]> {
  const { cluster, edge, tell } = stage;
  if (edge.stop.aborted) return [];
  await using fleet = act.fleet ? await startDemoFleet(cluster) : undefined;
  const runs: RunReport[] = [];
  tell(act.opening(census(cluster)));
  for (const [index, step] of act.steps.entries()) {
    if (edge.stop.aborted) break;
    const report = await play(stage, act, step, told + index + 1);
    if (report) runs.push(report);
    if (fleet && step.log) tell(await shownLog(fleet, step.log));
  }
  return runs;
}

async function play({ cluster, ports, policy, style, edge, tell }: Stage, act: Act, step: Step, number: number) {
  tell(`\n${style.color ? "\u001b[1m" : ""}${number}. ${step.title}${style.color ? "\u001b[0m" : ""}\n`);
  step.happens?.(cluster);
  const { namespace } = act;
  const narrowed: Policy =
    namespace === undefined ? policy : { ...policy, namespaces: { ...policy.namespaces, only: [namespace] } };
  const command = namespace === undefined ? step.command : `${step.command} -n ${namespace}`;
  for (const shown of [...(step.shown ?? []), `reroll ${command}`]) tell(`$ ${shown}\n`);
  if (step.command === "plan") {
    tell(indent(renderPlan(await plan(ports, narrowed, stateName), style)));
    return undefined;
  }
  const report = await run(ports, narrowed, { stateName, signal: edge.stop, onProgress: () => {} });
  tell(indent(renderRun(report, style)));
  return report;
}

/** As `git log` would show it. */
async function shownLog({ repository }: DemoFleet, which: "newest" | "all"): Promise<string> {
  const commits = await repository.log();
  if (which === "all") {
    const lines = commits.map(({ id, message }) => `${id.slice(0, 7)} ${message.split("\n")[0]}\n`);
    return `$ git log --oneline\n${indent(lines.join(""))}`;
  }
  const shown = commits.slice(0, 1).map(({ id, author, message }) => {
    return `commit ${id}\nAuthor: ${author}\n\n${message.trimEnd().replace(/^(?=.)/gm, "    ")}\n`;
  });
  return `$ git log -1\n${indent(shown.join(""))}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}
