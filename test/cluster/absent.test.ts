/** Kinds whose API is not served, and whose right nobody granted: nothing is wrong until the API is there. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { allKinds } from "../../src/config/kinds.ts";
import { resources, sourceResources } from "../../src/model/kinds.ts";
import { neededRights } from "../../src/model/rights.ts";
import { configMap, deployment, envFrom } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { userKubeconfig } from "./harness/access.ts";
import { serveOperators } from "./support/operators.ts";
import { isServed, permissiveCrd, servePermissive } from "./support/permissive-crd.ts";
import { serveSecretsStore } from "./support/secrets-store.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

describe("without the right for kinds that are not served", () => {
  let stage: Stage;
  /** Plurals that nobody served in the beginning; the first is always among them. */
  let absent: string[];
  /** Those of them that a neighbour served while the first runs were at work. */
  let appeared: string[];
  let ran: { readonly before: Ended; readonly changed: Ended; readonly served: Ended; readonly idle: Ended };

  before(async () => {
    stage = await openStage("absent");
    const { cluster, namespace, home } = stage;
    const group = `${namespace}.example.com`;
    const widget = { ...{ group, version: "v1", kind: "Widget", plural: "widgets" }, status: true };
    const policy = testPolicy({
      namespaces: { only: [namespace], ignore: [], selector: "" },
      kinds: allKinds([{ apiVersion: `${group}/v1`, kind: "Widget" }]),
    });
    const optional = [
      ...[...policy.kinds].filter((kind) => kind.optional).reverse(),
      ...[sourceResources.SecretProviderClass, resources.secretProviderClassPodStatus],
    ];
    const servedNow = async () => {
      const all = await Promise.all(optional.map((resource) => isServed(cluster, resource)));
      return optional.filter((_, index) => all[index]).map(({ plural }) => plural);
    };
    const served = await servedNow();
    absent = optional.map(({ plural }) => plural).filter((plural) => !served.includes(plural));
    const granted = neededRights(policy, home).filter(({ right }) => !absent.includes(right.resource));
    let user = "";
    for (const within of [namespace, home]) {
      const rules = granted
        .filter(({ right }) => (right.namespace ?? home) === within)
        .map(({ right: { group: apiGroup, resource, verb, name } }) => ({
          ...{ apiGroups: [apiGroup], resources: [resource], verbs: [verb] },
          ...(name && { resourceNames: [name] }),
        }));
      user = await userKubeconfig(cluster, rules, { namespace: home, within: [within], name: "limited" });
    }
    const env = {
      KUBECONFIG: user,
      REROLL_CONFIG: await stage.file("kinds.yaml", `kinds: ["${group}/v1 Widget"]`),
    };
    await stage.put(configMap("settings"));
    await stage.apply(deployment("web", envFrom(["ConfigMap", "settings"])));
    const first = await stage.run(["run"], env);
    await stage.put(configMap("settings", { a: "2" }));
    const changed = await stage.run(["run"], env);
    const later = await servedNow();
    appeared = absent.filter((plural) => later.includes(plural));

    cluster.onClose(() => cluster.remove(permissiveCrd(widget), { wait: false }));
    await Promise.all([servePermissive(cluster, [widget]), serveOperators(cluster), serveSecretsStore(cluster)]);
    await stage.put(configMap("settings", { a: "3" }));
    ran = { before: first, changed, served: await stage.run(["run"], env), idle: await stage.run(["run"], env) };
  });
  after(() => stage.close());

  it("a run says nothing of them, and does its work", () => {
    for (const { exitCode, report, stderr } of [ran.before, ran.changed]) {
      const issues = report.issues.filter(({ message }) => !appeared.some((plural) => message.includes(plural)));
      assert.deepEqual(issues, []);
      if (appeared.length === 0) assert.deepEqual([exitCode, stderr], [0, ""]);
    }
    assert.deepEqual([absent[0], outcomes(ran.changed)], ["widgets", { web: "restarted" }]);
  });

  it("once they are served the missing rights are named, each of them; the rest goes on", () => {
    assert.deepEqual([ran.served.exitCode, ran.idle.exitCode], [3, 3]);
    const issues = ran.served.report.issues.map(({ message }) => message);
    // Where the classes cannot be read, what pods have mounted of them is not asked for.
    const named = absent.filter((plural) => plural !== resources.secretProviderClassPodStatus.plural);
    for (const plural of named) {
      assert.ok(
        issues.some((message) => message.includes(`list ${plural}`)),
        `${plural}: ${issues.join("; ")}`,
      );
    }
    assert.equal(issues.length, named.length);
    assert.deepEqual([outcomes(ran.served), outcomes(ran.idle)], [{ web: "restarted" }, {}]);
  });
});
