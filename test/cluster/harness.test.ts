import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openCluster } from "./harness/client.ts";
import { startControlPlane } from "./harness/control-plane.ts";
import { reapLeftovers } from "./harness/leftovers.ts";
import { note } from "./harness/liveness.ts";
import { rolledOut, workload } from "./harness/workloads.ts";

describe("a control plane of a test's own", () => {
  it("survives the loss of its API server, and is gone after stop", async () => {
    const controlPlane = await startControlPlane({ nodes: 1 });
    after(() => controlPlane.stop());
    const cluster = openCluster(controlPlane.kubeconfig);
    const namespace = await cluster.createNamespace("faults");
    const target = workload("Deployment", namespace, "web");
    await cluster.apply(target);
    await rolledOut(cluster, target);

    for (const signal of ["SIGKILL", "SIGTERM"] as const) {
      await controlPlane.stopApiServer(signal);
      await assert.rejects(cluster.get(target));
      await controlPlane.startApiServer();
      await cluster.patch(target, { spec: { template: { metadata: { annotations: { "lab/after": signal } } } } });
      // The controllers come back in their own time: they wait longer after each attempt that failed.
      await rolledOut(cluster, target, 120_000);
    }

    await cluster.close();
    await controlPlane.stop();
    assert.equal(existsSync(controlPlane.directory), false);
    await assert.rejects(fetch(controlPlane.server));
  });
});

describe("leftovers", () => {
  it("are ended once their test run is gone, and not before", async () => {
    const cache = await mkdtemp(join(tmpdir(), "reroll-cache-"));
    after(() => rm(cache, { recursive: true, force: true }));
    const directory = await mkdtemp(join(tmpdir(), "reroll-left-"));
    const harness = new URL("./harness/leftovers.ts", import.meta.url).href;
    // A test run of its own, which starts a program, says its id, and then waits to be killed.
    const script = `
      import { spawn } from "node:child_process";
      const { register } = await import(${JSON.stringify(harness)});
      const child = spawn("sleep", ["600"], { stdio: "ignore" });
      register(${JSON.stringify(cache)}, ${JSON.stringify(directory)}).add(child.pid);
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const run = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => run.stdout.once("data", (chunk) => resolve(Number(chunk))));
    assert.equal(reapLeftovers(cache), 0);
    assert.ok(note(pid), "the program of a living run is left alone");

    const ended = new Promise((resolve) => run.once("exit", resolve));
    run.kill("SIGKILL");
    await ended;
    assert.ok(note(pid), "the program has outlived its run");
    assert.equal(reapLeftovers(cache), 1);
    assert.equal(existsSync(directory), false);
    assert.equal(reapLeftovers(cache), 0);
  });

  it("are no other process that got the same id", async () => {
    const cache = await mkdtemp(join(tmpdir(), "reroll-cache-"));
    after(() => rm(cache, { recursive: true, force: true }));
    await mkdir(join(cache, "running"));
    // Taken for the one written down, this very process would be killed.
    const another = { pid: process.pid, started: "long ago" };
    const entry = { owner: another, children: [another], directory: join(cache, "data") };
    await writeFile(join(cache, "running", "one.json"), JSON.stringify(entry));
    assert.equal(reapLeftovers(cache), 0);
    assert.deepEqual(await readdir(join(cache, "running")), []);
  });
});
