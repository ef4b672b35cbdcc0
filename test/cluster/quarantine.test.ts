/** Writers that fight over TLS Secrets, as two cert-manager Certificates with one secretName do, or a Certificate and a Secret kept in Git. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Quarantined } from "../../src/model/quarantined.ts";
import type { retryJson } from "../../src/report/retry.ts";
import { deployment, envFrom } from "../support/manifests.ts";
import { type Ended, openStage, type Stage } from "./support/stage.ts";

/** `settles`: the writers come to terms in the end. `retried`: somebody lets it go. `reissued`: each writer brings a new certificate every time. */
const apps = ["settles", "retried", "reissued"] as const;
const settle = 15_000;
const env = {
  REROLL_LOOP_BREAKER_SETTLE: `${settle}ms`,
  REROLL_LOOP_BREAKER_RESTARTS: "6",
};

interface Writer {
  readonly manager: string;
  readonly annotation: string;
}
const certManager: Writer = {
  manager: "cert-manager-certificates-issuing",
  annotation: "cert-manager.io/certificate-name",
};
const git: Writer = { manager: "argocd-controller", annotation: "argocd.argoproj.io/tracking-id" };

describe("quarantine", () => {
  let stage: Stage;
  const runs: Ended[] = [];
  const atFirst: Record<string, number> = {};
  const generation = (name: string) => stage.generation("Deployment", name);

  const write = (name: string, content: string, { manager, annotation }: Writer) => {
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    const data = { "tls.crt": base64(`certificate ${content}`), "tls.key": base64(`key ${content}`) };
    const metadata = { name: `${name}-tls`, namespace: stage.namespace, annotations: { [annotation]: name } };
    return stage.cluster.apply(
      { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata, data },
      manager,
    );
  };
  /** Both writers had their turn since the last run; the one that was last shows. */
  const round = async (index: number, names: readonly string[] = apps) => {
    const writer = index % 2 === 0 ? certManager : git;
    for (const name of names) {
      await write(name, name === "reissued" ? `of round ${index}` : writer.manager, writer);
    }
    const ran = await stage.run(["run"], env);
    runs.push(ran);
    return ran;
  };
  const quarantines = ({ report }: Ended): readonly Quarantined[] =>
    (report as unknown as { quarantines: readonly Quarantined[] }).quarantines;
  const restarts = async () =>
    Object.fromEntries(
      await Promise.all(apps.map(async (name) => [name, (await generation(name)) - (atFirst[name] ?? 0)] as const)),
    );

  before(async () => {
    stage = await openStage("quarantine");
    for (const name of apps) await write(name, certManager.manager, certManager);
    await stage.apply(...apps.map((name) => deployment(name, envFrom(["Secret", `${name}-tls`]))));
    await stage.run(["run"], env);
    for (const name of apps) atFirst[name] = await generation(name);
    for (let index = 1; index <= 6; index++) await round(index);
  });
  after(() => stage.close());

  it("restarts for each change until a content has come back three times, then holds back, in report and exit code", async () => {
    assert.deepEqual(
      runs.map(({ exitCode }) => exitCode),
      [0, 0, 0, 0, 0, 6],
    );
    assert.deepEqual(await restarts(), { settles: 5, retried: 5, reissued: 6 });
    const last = runs.at(-1) as Ended;
    assert.deepEqual(
      quarantines(last).map(({ workload, source, count, holds }) => [workload.name, source?.name, count, holds]),
      [
        ["retried", "retried-tls", 3, true],
        ["settles", "settles-tls", 3, true],
      ],
    );
  });

  it("names who writes, and what to do", async () => {
    const seventh = await round(7);
    const issues = seventh.report.issues.filter(({ code }) => code === "quarantined");
    const settles = issues.find(({ path }) => path.endsWith("/settles-tls"))?.message ?? "";
    for (const word of [certManager.manager, git.manager, "two Certificates", "reroll retry Secret/"]) {
      assert.ok(settles.includes(word), `${word} in ${settles}`);
    }
  });

  it("holds a workload back that was restarted too often, although no certificate ever came back", async () => {
    assert.deepEqual(
      quarantines(runs.at(-1) as Ended)
        .filter(({ rule }) => rule === "restarts")
        .map(({ workload, source, count }) => [workload.name, source, count]),
      [["reissued", null, 6]],
    );
    assert.equal((await restarts()).reissued, 6);
  });

  it("lets go by reroll retry, which restarts nothing itself; the next run restarts once", async () => {
    await round(8, ["settles", "retried"]);
    const before = await restarts();
    const { exitCode, stdout } = await stage.run(["retry", `secret/${stage.namespace}/retried-tls`], env);
    const report = JSON.parse(stdout) as ReturnType<typeof retryJson>;
    assert.deepEqual([exitCode, report.released.map(({ workload }) => workload.name)], [0, ["retried"]]);
    assert.deepEqual(await restarts(), before);
    await stage.run(["run"], env);
    assert.equal((await restarts()).retried, 6);
  });

  it("restarts each once when nothing changes any more, with what is there then; and the exit code is 0", async () => {
    await sleep(settle);
    const { exitCode, report } = await stage.run(["run"], env);
    assert.deepEqual([exitCode, report.pending], [0, []]);
    assert.deepEqual(await restarts(), { settles: 6, retried: 6, reissued: 7 });
    const again = await stage.run(["run"], env);
    assert.deepEqual([again.exitCode, quarantines(again)], [0, []]);
    assert.deepEqual(await restarts(), { settles: 6, retried: 6, reissued: 7 });
  });
});
