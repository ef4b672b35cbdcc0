/** What annotations of Namespaces set and pause, on a real API server; and who may not read them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { execute } from "../../src/execute.ts";
import { neededRights } from "../../src/model/rights.ts";
import type { RunJson } from "../../src/report/json.ts";
import { type Annotations, configMap, deployment, envFrom } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { userKubeconfig } from "./harness/access.ts";
import { type Ended, openStage, type Stage } from "./support/stage.ts";

const settings = (a: string, annotations: Annotations = {}) =>
  configMap("settings", { a }, { annotations, labels: { "test/only": "namespaces" } });
const app = (name: string, annotations: Annotations) =>
  deployment(name, envFrom(["ConfigMap", "settings"]), { annotations });
const asks = { "reroll.dev/auto": "true" };
const pause = { "reroll.dev/paused": "true" };

/** Sets the annotations of the stage's namespace; `null` takes one away. */
async function annotate({ cluster, namespace }: Stage, annotations: Readonly<Record<string, string | null>>) {
  await cluster.patch(`/api/v1/namespaces/${namespace}`, { metadata: { annotations } });
}

const owed = ({ report }: Ended) => report.pending.map(({ workload, reason }) => `${workload.name} ${reason}`).sort();
const restarted = ({ report }: Ended) =>
  report.outcomes
    .filter(({ outcome }) => outcome === "restarted")
    .map(({ workload }) => workload.name)
    .sort();

describe("annotations of a Namespace on a real API server", () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage("tenant");
  });
  after(() => stage.close());

  it("set defaults for those that say nothing, and pause; what is owed is done once they are taken away", async () => {
    await annotate(stage, { "reroll.dev/auto": "true" });
    await stage.put(settings("1"));
    await stage.apply(app("silent", {}), app("off", { "reroll.dev/auto": "false" }), app("asks", asks));
    assert.equal((await stage.run()).exitCode, 0);

    await annotate(stage, pause);
    await stage.put(settings("2"));
    const paused = await stage.run();
    assert.deepEqual(
      [owed(paused), restarted(paused), paused.exitCode],
      [["asks paused-by-annotation", "silent paused-by-annotation"], [], 0],
    );

    await annotate(stage, { "reroll.dev/paused": null });
    await stage.put(app("silent", pause));
    const half = await stage.run();
    assert.deepEqual([owed(half), restarted(half)], [["silent paused-by-annotation"], ["asks"]]);

    await stage.put(app("silent", {}), settings("3", pause));
    const source = await stage.run();
    assert.deepEqual(
      [owed(source), restarted(source)],
      [["asks paused-by-annotation", "silent paused-by-annotation"], []],
    );
    await stage.put(settings("3"));
    assert.deepEqual(restarted(await stage.run()), ["asks", "silent"]);
    const idle = await stage.run();
    assert.deepEqual([owed(idle), idle.report.outcomes, await stage.generation("Deployment", "off")], [[], [], 1]);
  });

  it("a value nobody understands pauses, and a key of Stakater's is said to have no effect there", async () => {
    await annotate(stage, { "reroll.dev/paused": "until monday", "reloader.stakater.com/auto": "true" });
    await stage.put(settings("4"));
    const ran = await stage.run();
    assert.deepEqual(owed(ran), ["asks paused-by-annotation", "silent paused-by-annotation"]);
    const said = ran.report.issues.filter(({ path }) => path.startsWith(`Namespace/${stage.namespace}`));
    assert.deepEqual(said.map(({ code }) => code).sort(), ["annotation-invalid-value", "annotation-misplaced"]);
    await annotate(stage, { "reroll.dev/paused": null, "reloader.stakater.com/auto": null });
    assert.deepEqual(restarted(await stage.run()), ["asks", "silent"]);
  });

  describe("a user who may do everything in the whole cluster, but not list namespaces", () => {
    let kubeconfig = "";
    before(async () => {
      const rights = neededRights(testPolicy(), stage.home).map(({ right }) => right);
      const left = rights.filter(({ resource, verb }) => !(resource === "namespaces" && verb === "list"));
      const rules = left.map(({ group, resource, verb }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs: [verb],
      }));
      kubeconfig = await userKubeconfig(stage.cluster, rules, { namespace: stage.home });
    });

    /** Without -n: the namespaces of all other tests are there too, but none of their sources has the label. */
    async function run(more: Readonly<Record<string, string>> = {}): Promise<Ended["report"] & { code: number }> {
      let text = "";
      const say = (part: string) => {
        text += part;
      };
      const never = new AbortController().signal;
      const code = await execute(["run", "-o", "json", "--log-level", "error"], {
        env: {
          KUBECONFIG: kubeconfig,
          REROLL_STATE_NAMESPACE: stage.home,
          REROLL_SELECTOR: "test/only=namespaces",
          POD_NAME: "no-list",
          ...more,
        },
        pid: 1,
        versions: process.versions,
        stdoutIsTerminal: false,
        stderrIsTerminal: false,
        stdout: say,
        stderr: say,
        stop: never,
        hardEnd: never,
      });
      return { ...(JSON.parse(text) as RunJson), code };
    }

    it("restarts nothing, keeps what it knows, names the right and the option, and ends with 3; the option alone lets it go on", async () => {
      await stage.put(settings("5"));
      const before = await stage.generation("Deployment", "asks");
      const held = await run();
      assert.deepEqual([held.code, held.actions, held.outcomes], [3, [], []]);
      const [issue] = held.issues.filter(({ path }) => path === "Namespace");
      assert.match(issue?.message ?? "", /list namespaces at cluster scope.*namespaceAnnotations: false/s);
      assert.equal(await stage.generation("Deployment", "asks"), before);

      const free = await run({ REROLL_NAMESPACE_ANNOTATIONS: "false" });
      assert.equal(free.code, 0);
      const mine = free.outcomes.filter(({ workload }) => workload.namespace === stage.namespace);
      assert.deepEqual(
        mine.map(({ workload, outcome }) => `${workload.name} ${outcome}`),
        ["asks restarted"],
        "the namespace's auto counts no more, so the one that says nothing is left alone",
      );
    });
  });
});
