import { adopt } from "../../src/commands/adopt.ts";
import { doctor } from "../../src/commands/doctor.ts";
import { explain } from "../../src/commands/explain.ts";
import { history } from "../../src/commands/history.ts";
import { plan } from "../../src/commands/plan.ts";
import { status } from "../../src/commands/status.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Ports } from "../../src/ports.ts";
import { adoptJson, renderAdopt } from "../../src/report/adopt.ts";
import { doctorJson, renderDoctor } from "../../src/report/doctor.ts";
import { renderExplain } from "../../src/report/explain.ts";
import { explainJson } from "../../src/report/explain-json.ts";
import { historyJson, renderHistory } from "../../src/report/history.ts";
import { planJson, runJson } from "../../src/report/json.ts";
import { renderStatus, statusJson } from "../../src/report/status.ts";
import { renderPlan, renderRun } from "../../src/report/text.ts";
import { run } from "../../src/run.ts";
import { stateName } from "./world.ts";

/** What a command says, in both forms, and its exit code. */
export interface Uttered {
  readonly said: string;
  readonly exitCode: number;
}

type Command = (ports: Ports, policy: Policy) => Promise<Uttered>;

const workload = { kind: "Deployment", namespace: "shop", name: "web" };

/** One line for each command that talks to a cluster. */
function command<Report extends { readonly exitCode: number }>(
  work: (ports: Ports, policy: Policy) => Promise<Report>,
  text: (report: Report, style: { readonly color: boolean; readonly width: number }) => string,
  json: (report: Report) => unknown,
): Command {
  return async (ports, policy) => {
    const report = await work(ports, policy);
    const said = `${text(report, { color: false, width: 100 })}\n${JSON.stringify(json(report))}`;
    return { said, exitCode: report.exitCode };
  };
}

const signal = new AbortController().signal;

/** Every command that talks to a cluster, over ports that a test has made. */
export const commands = {
  run: command((ports, policy) => run(ports, policy, { stateName, signal, onProgress: () => {} }), renderRun, runJson),
  plan: command((ports, policy) => plan(ports, policy, stateName), renderPlan, planJson),
  explain: command((ports, policy) => explain(ports, policy, stateName, workload), renderExplain, explainJson),
  status: command((ports, policy) => status(ports, policy, stateName), renderStatus, statusJson),
  history: command((ports, policy) => history(ports, policy, stateName, undefined), renderHistory, historyJson),
  adopt: command((ports, policy) => adopt(ports, policy, stateName), renderAdopt, adoptJson),
  doctor: command((ports, policy) => doctor(ports, policy, stateName, "https://test"), renderDoctor, doctorJson),
} as const;

export type CommandName = keyof typeof commands;
