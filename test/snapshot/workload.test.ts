import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { isObject } from "../../src/io/kubernetes/objects.ts";
import { PortError } from "../../src/model/errors.ts";
import { findWorkloadKind, type WorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Workload } from "../../src/model/workload.ts";
import { readSelector } from "../../src/snapshot/selector.ts";
import { createSharing } from "../../src/snapshot/sharing.ts";
import { readWorkload } from "../../src/snapshot/workload.ts";
import { runs } from "../support/effort.ts";
import { seeded } from "../support/interleave.ts";
import { deployment, envFrom, envKeys } from "../support/manifests.ts";
import { mutated } from "../support/mutate.ts";
import { testPolicy } from "../support/policy.ts";

type Fields = Record<string, unknown>;

const formatSelector = (selector: unknown) =>
  readSelector({ spec: { selector } } as unknown as KubeObject, [{ path: ["spec", "selector"], form: "labels" }]);

function row(name: string): WorkloadKind {
  const found = findWorkloadKind(name, workloadKinds);
  assert.ok(found);
  return found;
}

function read(
  kind: string,
  spec: Fields = {},
  more: { metadata?: Fields; template?: Fields; status?: Fields } = {},
): Workload {
  const object = {
    metadata: { name: "web", namespace: "shop", uid: "u1", resourceVersion: "7", generation: 3, ...more.metadata },
    spec: { selector: { matchLabels: { app: "web" } }, template: more.template ?? { spec: {} }, ...spec },
    status: more.status ?? {},
  };
  return readWorkload(object as unknown as KubeObject, row(kind), testPolicy());
}

suite("reading a workload", () => {
  test("what it is, what it uses and what it asks for", () => {
    const workload = read(
      "Deployment",
      {},
      {
        metadata: { annotations: { "reloader.stakater.com/auto": "true", "deployment.kubernetes.io/revision": "5" } },
        template: {
          metadata: { annotations: { "reroll.dev/stamp": "s1", "reroll.dev/git-stamp": "s2" } },
          spec: { containers: [{ name: "app", envFrom: [{ configMapRef: { name: "web" } }] }] },
        },
        status: { observedGeneration: 2 },
      },
    );
    assert.deepEqual(workload.ref, { kind: "Deployment", namespace: "shop", name: "web" });
    assert.deepEqual([workload.uid, workload.generation, workload.observedGeneration], ["u1", 3, 2]);
    assert.deepEqual(workload.stamps, { direct: "s1", git: "s2" });
    assert.equal(workload.hasTemplateAnnotations, true);
    assert.deepEqual(
      workload.uses.map(({ name }) => name),
      ["web"],
    );
    assert.equal(workload.directives.byKind.ConfigMap.auto, true);
    assert.equal(workload.podSelector, "app=web");
    assert.equal(workload.revision, "5");
  });

  test("a template without annotations has no stamps and no map to write into", () => {
    const workload = read("Deployment", {}, { template: { metadata: { annotations: null }, spec: {} } });
    assert.deepEqual(workload.stamps, { direct: undefined, git: undefined });
    assert.equal(workload.hasTemplateAnnotations, false);
    assert.equal(read("Deployment", {}, { template: { metadata: { annotations: {} } } }).hasTemplateAnnotations, true);
  });

  test("a misspelt annotation is a problem, on the workload and on its pod template", () => {
    const annotations = { "reloader.stakater.com/atuo": "true" };
    const template = { metadata: { annotations: { "reloader.stakater.com/serach": "true" } } };
    const { problems } = read("Deployment", {}, { metadata: { annotations }, template }).directives;
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["reloader.stakater.com/atuo", "reloader.stakater.com/serach"],
    );
  });

  test("a paused Deployment", () => {
    assert.equal(read("Deployment", { paused: true }).paused, true);
    assert.equal(read("Deployment").paused, false);
  });

  test("the revision of a StatefulSet is that of its status; a DaemonSet has none", () => {
    assert.equal(read("StatefulSet", {}, { status: { updateRevision: "web-6f" } }).revision, "web-6f");
    assert.equal(read("DaemonSet", {}, { status: { updateRevision: "web-6f" } }).revision, undefined);
  });

  const rolling = (partition: number): Fields => ({
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition } },
  });
  for (const [claim, kind, spec, expected] of [
    ["OnDelete of a StatefulSet needs a person", "StatefulSet", { updateStrategy: { type: "OnDelete" } }, "OnDelete"],
    ["OnDelete of a DaemonSet needs a person", "DaemonSet", { updateStrategy: { type: "OnDelete" } }, "OnDelete"],
    [
      "a partition that covers every replica needs a person",
      "StatefulSet",
      { replicas: 3, ...rolling(3) },
      "Partition",
    ],
    ["a partition of one covers the one replica by default", "StatefulSet", rolling(1), "Partition"],
    ["a partition that leaves a replica does not", "StatefulSet", { replicas: 3, ...rolling(2) }, undefined],
    ["nothing is covered at zero replicas", "StatefulSet", { replicas: 0, ...rolling(3) }, undefined],
    ["no partition", "StatefulSet", { replicas: 3, ...rolling(0) }, undefined],
    ["Recreate of a Deployment restarts by itself", "Deployment", { strategy: { type: "Recreate" } }, undefined],
  ] as const) {
    test(claim, () => assert.equal(read(kind, spec).manual, expected));
  }

  test("managers of the template are listed once, sorted, without ourselves and those of other fields", () => {
    const owns = (manager: string, fieldsV1: unknown): Fields => ({ manager, operation: "Apply", fieldsV1 });
    const template = { "f:spec": { "f:template": { "f:spec": {} } } };
    const managedFields = [
      owns("kustomize-controller", template),
      owns("helm", template),
      owns("helm", template),
      owns("reroll", template),
      owns("kube-controller-manager", { "f:status": {} }),
      owns("kubectl", { "f:spec": { "f:replicas": {} } }),
      null,
    ];
    const workload = read("Deployment", {}, { metadata: { managedFields } });
    assert.deepEqual(workload.templateManagers, ["helm", "kustomize-controller"]);
  });

  for (const [claim, spec, metadata, lacks] of [
    ["a uid", {}, { uid: undefined }, /Deployment\/shop\/web came without a uid/],
    ["a name", {}, { name: undefined }, /without a name/],
    ["a template", { template: null }, {}, /Deployment\/shop\/web came without a pod template/],
    ["a selector", { selector: undefined }, {}, /without a selector/],
    ["labels in its selector, which would select every pod", { selector: {} }, {}, /without a selector/],
  ] as const) {
    test(`without ${claim} it is a bad answer`, () => {
      assert.throws(
        () => read("Deployment", spec, { metadata }),
        (error) => error instanceof PortError && error.code === "bad-answer" && lacks.test(error.message),
      );
    });
  }

  test("whatever the server sends, it is a workload or a bad answer", () => {
    const broken = fc.constantFrom(...workloadKinds);
    const json = fc.jsonValue();
    const spec = fc.record({ selector: json, template: json, replicas: json, updateStrategy: json, paused: json });
    const metadata = fc.record({ name: json, uid: json, annotations: json, managedFields: json, generation: json });
    fc.assert(
      fc.property(fc.oneof(json, fc.record({ metadata, spec, status: json })), broken, (object, kind) => {
        try {
          readWorkload(object as unknown as KubeObject, kind, testPolicy());
        } catch (error) {
          assert.ok(error instanceof PortError, String(error));
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test("a workload as people write it, with anything wrong in it, is a workload or a bad answer, at once", () => {
    const whole = {
      metadata: {
        ...{ name: "web", namespace: "shop", uid: "u1", resourceVersion: "7", generation: 3 },
        annotations: { "reloader.stakater.com/auto": "true", "secret.reloader.stakater.com/reload": "creds,tls.*" },
        managedFields: [
          { manager: "helm", operation: "Update", time: "2026-11-23T02:00:00Z", fieldsV1: { "f:spec": {} } },
        ],
      },
      ...(deployment("web", {
        ...envFrom(["ConfigMap", "settings"], ["Secret", "creds"]),
        ...envKeys("Secret", "creds", ["a", "b"]),
        volumes: [
          { name: "v", projected: { sources: [{ secret: { name: "tls", items: [{ key: "a", path: "a" }] } }] } },
        ],
        volumeMounts: [{ name: "v", mountPath: "/v", subPathExpr: "$(HOME)" }],
        initContainers: [{ name: "init", env: [] }],
      }) as unknown as Fields),
      status: { observedGeneration: 3, currentRevision: "web-1" },
    };
    fc.assert(
      fc.property(fc.constantFrom(...workloadKinds), fc.nat(), fc.integer({ min: 1, max: 6 }), (kind, seed, times) => {
        const object = mutated(whole, seeded(seed), times);
        if (!isObject(object)) return;
        const started = process.cpuUsage();
        try {
          for (const use of readWorkload(object, kind, testPolicy()).uses) assert.ok(use.name && use.where.length > 0);
        } catch (error) {
          assert.ok(error instanceof PortError, String(error));
        }
        const { user, system } = process.cpuUsage(started);
        assert.ok(user + system < 1e6, `took ${user + system} microseconds of CPU`);
      }),
      { numRuns: runs(500) },
    );
  });
});

suite("selectors", () => {
  test("labels and expressions in the form of a query, sorted", () => {
    const selector = {
      matchLabels: { tier: "web", app: "shop" },
      matchExpressions: [
        { key: "env", operator: "In", values: ["prod", "dev"] },
        { key: "track", operator: "NotIn", values: ["canary"] },
        { key: "live", operator: "Exists" },
        { key: "old", operator: "DoesNotExist" },
      ],
    };
    assert.equal(formatSelector(selector), "!old,app=shop,env in (dev,prod),live,tier=web,track notin (canary)");
  });
  test("a label without a value", () => assert.equal(formatSelector({ matchLabels: { app: "" } }), "app="));
  for (const expression of [{ key: "a", operator: "Near" }, { key: "a", operator: "In" }, { operator: "Exists" }]) {
    test(`an expression that cannot be read (${JSON.stringify(expression)}) is no half selector`, () => {
      assert.equal(formatSelector({ matchLabels: { app: "x" }, matchExpressions: [expression] }), undefined);
    });
  }
});

suite("workloads read together", () => {
  const random = fc.record({
    own: fc.dictionary(
      fc.constantFrom("reroll.dev/auto", "reloader.stakater.com/auto", "reroll.dev/aut", "team"),
      fc.constantFrom("true", "false", "x"),
    ),
    template: fc.dictionary(
      fc.constantFrom("reroll.dev/stamp", "reroll.dev/search", "team"),
      fc.constantFrom("true", "a b"),
    ),
    key: fc.constantFrom("a", "b"),
  });
  const objectOf = ({ own, template, key }: { own: Fields; template: Fields; key: string }) =>
    ({
      metadata: { name: "web", namespace: "shop", uid: "u1", resourceVersion: "7", annotations: own },
      spec: {
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { annotations: template },
          spec: { containers: [{ name: key, env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key } } }] }] },
        },
      },
    }) as unknown as KubeObject;

  test("share what they have in common, and are what each is when read alone", () => {
    fc.assert(
      fc.property(fc.array(random, { minLength: 1, maxLength: 6 }), (several) => {
        const sharing = createSharing();
        const [kind, policy] = [row("Deployment"), testPolicy()];
        const together = several.map((each) => readWorkload(objectOf(each), kind, policy, sharing));
        assert.deepEqual(
          together,
          several.map((each) => readWorkload(objectOf(each), kind, policy)),
        );
      }),
      { numRuns: runs(100) },
    );
    const sharing = createSharing();
    const twins = ["1", "2"].map((uid) => {
      const object = objectOf({ own: { "reroll.dev/auto": "true" }, template: { "reroll.dev/stamp": uid }, key: "a" });
      return readWorkload(object, row("Deployment"), testPolicy(), sharing);
    });
    assert.equal(twins[0]?.directives, twins[1]?.directives);
  });
});
