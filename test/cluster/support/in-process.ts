import { systemClock } from "../../../src/io/clock.ts";
import { noGitServers } from "../../../src/io/git/lazy.ts";
import { loadConnection } from "../../../src/io/kubernetes/config.ts";
import { createKubernetesPorts } from "../../../src/io/kubernetes/ports.ts";
import type { RunReport } from "../../../src/model/report.ts";
import type { Ports } from "../../../src/ports.ts";
import { run } from "../../../src/run.ts";
import { testPolicy } from "../../support/policy.ts";
import { noJournal, stateName } from "../../support/world.ts";
import type { Stage } from "./stage.ts";

/** A run over real ports in this process, for tests that step in between reroll and the API server. */
export async function runThrough(
  { namespace, home }: Pick<Stage, "namespace" | "home">,
  through: (ports: Ports) => Ports,
): Promise<RunReport> {
  const connection = await loadConnection({ kubeconfig: process.env.REROLL_TEST_KUBECONFIG, environment: {} });
  const { close, ...kubernetes } = createKubernetesPorts(connection, home);
  const ports = { ...kubernetes, git: noGitServers, clock: systemClock, journal: noJournal, identity: "in-process" };
  const policy = testPolicy({ namespaces: { only: [namespace], ignore: [], selector: "" }, concurrency: 10 });
  try {
    return await run(through(ports), policy, { stateName, signal: new AbortController().signal, onProgress: () => {} });
  } finally {
    await close();
  }
}
