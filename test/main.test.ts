import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DemoCluster, startDemoCluster } from "../src/demo/cluster.ts";
import { type CommandLine, commandLine, listen, type Running } from "./support/command.ts";
import { configMap, envFrom, workload } from "./support/manifests.ts";

interface Desk {
  readonly cluster: DemoCluster;
  readonly line: CommandLine;
}

/** A workload that reroll knows, with a change whose rollout takes an hour. */
async function withDesk(use: (desk: Desk) => Promise<void>): Promise<void> {
  const cluster = await startDemoCluster();
  try {
    cluster.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "reroll-system" } });
    cluster.api.put(configMap("settings", { a: "1" }));
    cluster.api.put(workload("web", { pod: envFrom(["ConfigMap", "settings"]), spec: { minReadySeconds: 3600 } }));
    using line = commandLine({ cluster });
    assert.equal((await line.here("run")).exitCode, 0);
    cluster.api.put(configMap("settings", { a: "2" }));
    await use({ cluster, line });
  } finally {
    await cluster.close();
  }
}

/** Resolves once the process has said that it asked for a restart. */
function untilActing(child: Running): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.stderr.on("data", (part: Buffer) => part.includes("restart asked for") && resolve());
  child.once("close", (code) => reject(new Error(`it ended with ${code} before it had acted`)));
  return promise;
}

describe("a process that is asked to stop while it watches", () => {
  for (const [signal, exitCode] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    it(`${signal}: ends at once with ${exitCode}, which the one document on stdout says too; the next run goes on`, async () => {
      await withDesk(async ({ cluster, line }) => {
        const child = line.start("run", "-o", "json");
        const said = listen(child);
        await untilActing(child);
        child.kill(signal);
        const { stdout, ...ended } = await said;
        const report = JSON.parse(stdout);
        assert.deepEqual([ended.exitCode, report.exitCode], [exitCode, exitCode]);
        assert.deepEqual(
          report.outcomes.map(({ outcome, reason }: Record<string, unknown>) => [outcome, reason]),
          [["verifying", "Interrupted"]],
        );
        const { unverified, lastRun } = JSON.parse((await line.here("status", "-o", "json")).stdout);
        assert.deepEqual([unverified.length, lastRun.holder], [1, null]);
        assert.equal(cluster.rollouts("Deployment/shop/web"), 1);
      });
    });
  }

  it("says so in the text too", async () => {
    await withDesk(async ({ line }) => {
      const child = line.start("run");
      const said = listen(child);
      await untilActing(child);
      child.kill("SIGTERM");
      const { stdout } = await said;
      assert.match(stdout, /^Exit code 143: ended by SIGTERM; the state is written, the next run goes on\.$/m);
    });
  });
});

describe("a reader that has read enough", () => {
  it("of stdout, as head: no word about it, and the exit code of the work", async () => {
    await withDesk(async ({ line }) => {
      const child = line.start("plan", "-o", "json");
      child.stdout.destroy();
      const { exitCode, stderr } = await listen(child);
      assert.deepEqual([exitCode, stderr], [0, ""]);
    });
  });

  it("of stderr: the exit code stays", async () => {
    await withDesk(async ({ line }) => {
      const child = line.start("plna");
      child.stderr.destroy();
      assert.equal((await listen(child)).exitCode, 2);
    });
  });

  it("of the log, while a run is at work: the run goes on", async () => {
    await withDesk(async ({ cluster, line }) => {
      const child = line.start("run", "--log-level", "debug", "-o", "json");
      const said = listen(child);
      await untilActing(child);
      child.stderr.destroy();
      child.kill("SIGTERM");
      assert.equal(JSON.parse((await said).stdout).exitCode, 143);
      assert.equal(cluster.rollouts("Deployment/shop/web"), 1);
    });
  });
});
