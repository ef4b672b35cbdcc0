/** An API server that is gone before a run, or goes away in the middle of one. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { type ControlPlane, startControlPlane } from "./harness/control-plane.ts";
import { openStage, outcomes, type Stage } from "./support/stage.ts";

describe("outage", () => {
  let controlPlane: ControlPlane;
  let stage: Stage;
  const state = async () => {
    const { metadata } = await stage.cluster.get(`/api/v1/namespaces/${stage.home}/configmaps/reroll-state`);
    return metadata.resourceVersion;
  };

  before(async () => {
    controlPlane = await startControlPlane({ nodes: 1 });
    stage = await openStage("outage", controlPlane.kubeconfig);
    await stage.put(configMap("settings", { a: "1" }));
    const template = { annotations: { "lab/ready-after": "4s" } };
    await stage.apply(deployment("web", envFrom(["ConfigMap", "settings"]), { template }));
    await stage.run();
  });
  after(async () => {
    await stage.close();
    await controlPlane.stop();
  });

  it("before the run: exit code 75 and where nobody answers, nothing is written, and the next run restarts once", async () => {
    await stage.put(configMap("settings", { a: "2" }));
    const [written, from] = [await state(), await stage.generation("Deployment", "web")];
    await controlPlane.stopApiServer("SIGKILL");
    for (const ended of await Promise.all([stage.run(["run"]), stage.run(["plan"])])) {
      assert.equal(ended.exitCode, 75, ended.stdout);
      assert.match(ended.stdout, new RegExp(`cannot reach ${new URL(controlPlane.server).host} \\(ECONNREFUSED\\)`));
    }
    await controlPlane.startApiServer();
    assert.deepEqual([await state(), await stage.generation("Deployment", "web")], [written, from]);
    const next = await stage.run();
    assert.deepEqual([outcomes(next), next.exitCode], [{ web: "restarted" }, 0]);
    assert.equal(await stage.generation("Deployment", "web"), from + 1);
  });

  it("while it watches: it goes on when the API server is back, and writes down what it saw", async () => {
    await stage.put(configMap("settings", { a: "3" }));
    const from = await stage.generation("Deployment", "web");
    const working = stage.start();
    await stage.cluster.waitFor(async () => (await stage.generation("Deployment", "web")) > from, {
      what: "the restart",
    });
    await controlPlane.stopApiServer("SIGKILL");
    await controlPlane.startApiServer();
    const ended = await working.ended;
    assert.deepEqual([outcomes(ended), ended.exitCode], [{ web: "restarted" }, 0], ended.stderr);
    const idle = await stage.run();
    assert.deepEqual([idle.report.actions, idle.report.outcomes], [[], []]);
    assert.equal(await stage.generation("Deployment", "web"), from + 1);
  });
});
