/** Every right that a run needs, taken away once: what is missing is named, the rest goes on, and nothing is lost. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { execute } from "../../src/execute.ts";
import { formatRight, type Right } from "../../src/model/errors.ts";
import { neededRights } from "../../src/model/rights.ts";
import type { RunJson } from "../../src/report/json.ts";
import { asks, cronJob, job } from "../support/jobs.ts";
import { configMap, envFrom, secret, workload } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { type Rule, userKubeconfig } from "./harness/access.ts";
import { openCluster } from "./harness/client.ts";
import type { Named } from "./harness/paths.ts";
import { rolledOut } from "./harness/workloads.ts";
import { serveOperators } from "./support/operators.ts";
import { serveSecretsStore } from "./support/secrets-store.ts";

const workloads = {
  dep: workload("dep", { pod: envFrom(["ConfigMap", "settings"]) }),
  ds: workload("ds", { kind: "DaemonSet", pod: envFrom(["ConfigMap", "settings"]) }),
  sts: workload("sts", { kind: "StatefulSet", pod: envFrom(["Secret", "creds"]) }),
  cj: cronJob("cj", { annotations: asks("patch"), pod: envFrom(["Secret", "creds"]) }),
  job: job("job", { pod: envFrom(["Secret", "creds"]) }),
} as const;

type Name = keyof typeof workloads;
const names = Object.keys(workloads) as Name[];
const sources = (a: string) => [configMap("settings", { a }), secret("creds", { a })];

interface Expected {
  /** Which run goes without the right: the first one there ever was, or one that finds changed sources. */
  readonly run: "first" | "later";
  /** What restarts all the same. */
  readonly restarts: readonly Name[];
  readonly exitCode: 0 | 3;
}

const later = (...restarts: readonly Name[]): Expected => ({ run: "later", restarts, exitCode: 3 });
const first: Expected = { run: "first", restarts: [], exitCode: 3 };
const notNow: Expected = { run: "later", restarts: names, exitCode: 0 };

/** What a run does without a right; a right that is missing here fails the test. */
const expected: Readonly<Record<"watched" | "state", Readonly<Record<string, Expected>>>> = {
  watched: {
    "list configmaps": later("sts", "cj", "job"),
    "get configmaps": later("sts", "cj", "job"),
    "list secrets": later("dep", "ds"),
    "get secrets": later("dep", "ds"),
    "list deployments": later("ds", "sts", "cj", "job"),
    "get deployments": later("ds", "sts", "cj", "job"),
    "patch deployments": later("ds", "sts", "cj", "job"),
    "list statefulsets": later("dep", "ds", "cj", "job"),
    "get statefulsets": later("dep", "ds", "cj", "job"),
    "patch statefulsets": later("dep", "ds", "cj", "job"),
    "list daemonsets": later("dep", "sts", "cj", "job"),
    "get daemonsets": later("dep", "sts", "cj", "job"),
    "patch daemonsets": later("dep", "sts", "cj", "job"),
    "list cronjobs": later("dep", "ds", "sts", "job"),
    "get cronjobs": later("dep", "ds", "sts", "job"),
    "patch cronjobs": later("dep", "ds", "sts", "job"),
    "list jobs": later("dep", "ds", "sts", "cj"),
    "get jobs": later("dep", "ds", "sts", "cj"),
    "patch jobs": later("dep", "ds", "sts", "cj"),
    "get namespaces": later(),
    // The age of pods is no matter of a CronJob.
    "list pods": later("cj"),
    "list replicasets": later("cj"),
    "list controllerrevisions": later("cj"),
    // Served, and nothing of them is there: who cannot list them cannot know that.
    "list secretproviderclasses": later(...names),
    "list rollouts": later(...names),
    "list deploymentconfigs": later(...names),
    "get secretproviderclasses": notNow,
    "list secretproviderclasspodstatuses": notNow,
    "get rollouts": notNow,
    "patch rollouts": notNow,
    "get deploymentconfigs": notNow,
    "patch deploymentconfigs": notNow,
    "list replicationcontrollers": notNow,
  },
  state: {
    "get namespaces": later(),
    "list configmaps": first,
    "get configmaps": later(),
    "create configmaps": first,
    "update configmaps": later(...names),
    "delete configmaps": notNow,
    "create secrets": first,
    "get secrets": later(),
    "create leases": first,
    "get leases": later(),
    "update leases": later(),
  },
};

const policyOf = (namespace: string) => testPolicy({ namespaces: { only: [namespace], ignore: [], selector: "" } });
const rightsOf = (shop: string, home: string) => neededRights(policyOf(shop), home).map(({ right }) => right);

/** One rule per right, so that each is waited for until it is granted. */
function ruleOf({ group, resource, verb, name }: Right): Rule {
  return { apiGroups: [group], resources: [resource], verbs: [verb], ...(name && { resourceNames: [name] }) };
}

const cluster = openCluster();
after(() => cluster.close());

/** Resolves when the pods of a workload are there. A CronJob has none. */
async function isUp(target: Named): Promise<void> {
  if (target.kind === "CronJob") return;
  if (target.kind !== "Job") return rolledOut(cluster, target);
  const ready = async () => ((await cluster.get<{ status?: { ready?: number } }>(target)).status?.ready ?? 0) > 0;
  await cluster.waitFor(ready, { what: "the pods of the Job" });
}

/** Two namespaces with the workloads, and a user who may do everything a run needs but one thing. */
class Case {
  readonly #generations = new Map<Name, number>();
  shop = "";
  home = "";
  #limited = "";
  /** How the right is named; where the call is about one object, with its name. */
  missing = /./;

  async open(index: number): Promise<void> {
    [this.shop, this.home] = await Promise.all([cluster.createNamespace("rights"), cluster.createNamespace("home")]);
    const rights = rightsOf(this.shop, this.home);
    const left = rights.filter((_, each) => each !== index);
    const { name: _, ...right } = rights[index] as Right;
    this.missing = new RegExp(formatRight(right).replace(" in namespace", "( [-a-z0-9]+)? in namespace"));
    for (const namespace of [this.shop, this.home]) {
      const rules = left.filter((right) => (right.namespace ?? this.home) === namespace).map(ruleOf);
      const options = { namespace: this.home, within: [namespace], name: "limited" };
      this.#limited = await userKubeconfig(cluster, rules, options);
    }
    await this.put("1");
    const targets = names.map((name) => this.#here(workloads[name]));
    await Promise.all(targets.map((target) => cluster.apply(target)));
    await Promise.all(targets.map((target) => isUp(target)));
  }

  #here(object: object): Named {
    const { metadata, ...rest } = object as Named;
    return { ...rest, metadata: { ...metadata, namespace: this.shop } };
  }

  async put(a: string): Promise<void> {
    await Promise.all(sources(a).map((source) => cluster.apply(this.#here(source))));
  }

  /** Names of the workloads whose template changed since the last call. */
  async restarted(): Promise<Name[]> {
    const moved = names.map(async (name) => {
      const { metadata } = await cluster.get(this.#here(workloads[name]));
      const before = this.#generations.get(name);
      this.#generations.set(name, metadata.generation ?? 0);
      return before !== undefined && before !== metadata.generation ? [name] : [];
    });
    return (await Promise.all(moved)).flat();
  }

  async run(who: "limited" | "admin"): Promise<{ exitCode: number; text: string; report: RunJson }> {
    const kubeconfig = who === "admin" ? process.env.REROLL_TEST_KUBECONFIG : this.#limited;
    let text = "";
    const say = (part: string) => {
      text += part;
    };
    const never = new AbortController().signal;
    const exitCode = await execute(["run", "-n", this.shop, "-o", "json", "--log-level", "error"], {
      env: { KUBECONFIG: kubeconfig, REROLL_STATE_NAMESPACE: this.home, POD_NAME: `${this.shop}-${who}` },
      pid: 1,
      versions: process.versions,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      stdout: say,
      stderr: say,
      stop: never,
      hardEnd: never,
    });
    return { exitCode, text, report: JSON.parse(text) as RunJson };
  }
}

describe("without one right", { concurrency: 6 }, () => {
  rightsOf("SHOP", "HOME").forEach((right, index) => {
    const where = right.namespace === "SHOP" ? "watched" : "state";
    const what = `${right.verb} ${right.resource}`;
    it(`${what} (${where})`, async () => {
      const row = expected[where][what];
      assert.ok(row, `what is expected without the right to ${what}?`);
      const scene = new Case();
      await scene.open(index);
      await scene.restarted();
      if (row.run === "later") {
        assert.equal((await scene.run("admin")).exitCode, 0);
        await scene.put("2");
      }
      const ran = await scene.run("limited");
      assert.equal(ran.exitCode, row.exitCode, ran.text);
      if (row.exitCode === 3) assert.match(ran.text, scene.missing);
      assert.deepEqual(await scene.restarted(), row.restarts, "what goes on without it");

      const rest = row.run === "later" ? names.filter((name) => !row.restarts.includes(name)) : [];
      const healed = await scene.run("admin");
      assert.equal(healed.exitCode, 0, healed.text);
      assert.deepEqual(await scene.restarted(), rest, "what the next run does with all rights");
      const idle = await scene.run("admin");
      assert.deepEqual([idle.report.actions, idle.report.pending, idle.report.outcomes], [[], [], []]);
      assert.deepEqual(await scene.restarted(), []);
    });
  });

  before(async () => {
    assert.ok(rightsOf("SHOP", "HOME").length > 20);
    await Promise.all([serveOperators(cluster), serveSecretsStore(cluster)]);
  });
});
