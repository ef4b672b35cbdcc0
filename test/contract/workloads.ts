import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answered, assertRefused, type Client, type Target, workload } from "./target.ts";

export function workloads(_target: () => Target, client: () => Client): void {
  const observed = ({ metadata, status }: Answered) => status?.observedGeneration === metadata.generation;
  const kinds = ["deployments", "statefulsets", "daemonsets"];

  for (const kind of kinds) {
    test(`${kind}: generation starts at 1 and rises with the template, not with labels or the same value`, async () => {
      const made = await client().create(kind, workload("generation"));
      assert.equal(made.metadata.generation, 1);
      await client().until(kind, "generation", observed);
      const labelled = await client().change(
        kind,
        "generation",
        { metadata: { labels: { x: "1" } } },
        { type: "merge" },
      );
      assert.equal(labelled.metadata.generation, 1);
      const stamp = [
        { op: "test", path: "/metadata/uid", value: made.metadata.uid },
        { op: "test", path: "/metadata/generation", value: 1 },
        { op: "test", path: "/spec/template/metadata/annotations", value: null },
        { op: "add", path: "/spec/template/metadata/annotations", value: { "example.com/stamp": "1" } },
      ];
      const stamped = await client().change(kind, "generation", stamp, { manager: "stamper" });
      assert.equal(stamped.metadata.generation, 2);
      assertRefused(await client().patch(kind, "generation", stamp, { manager: "stamper" }), 422, "Invalid");
      const again = [{ op: "replace", path: "/spec/template/metadata/annotations/example.com~1stamp", value: "1" }];
      assert.equal((await client().change(kind, "generation", again)).metadata.generation, 2);
      const done = await client().until(kind, "generation", observed);
      assert.equal(done.metadata.generation, 2, "the controller's own writes do not count");
    });

    test(`${kind}: who owns something in the template can be read`, async () => {
      await client().create(kind, workload("owners"), "creator");
      const annotations = { "example.com/stamp": "1" };
      const operations = [{ op: "add", path: "/spec/template/metadata/annotations", value: annotations }];
      const { metadata } = await client().change(kind, "owners", operations, { manager: "stamper" });
      const owned = Object.fromEntries(
        (metadata.managedFields ?? []).map((entry) => [entry.manager, entry.fieldsV1["f:spec"]?.["f:template"]]),
      );
      assert.deepEqual(owned.stamper, {
        "f:metadata": { "f:annotations": { ".": {}, "f:example.com/stamp": {} } },
      });
      const container = owned.creator["f:spec"]["f:containers"]['k:{"name":"app"}'];
      assert.deepEqual(Object.keys(container).sort(), [
        ".",
        "f:image",
        "f:imagePullPolicy",
        "f:name",
        "f:resources",
        "f:terminationMessagePath",
        "f:terminationMessagePolicy",
      ]);
    });

    test(`${kind}: a selector that does not fit the template is a 422`, async () => {
      const odd = workload("odd", { selector: { matchLabels: { app: "else" } } });
      const message = /spec\.template\.metadata\.labels: Invalid value: .*`selector` does not match template `labels`/;
      assertRefused(await client().post(kind, odd), 422, "Invalid", message);
    });
  }

  test("a Deployment's own annotations raise its generation, a StatefulSet's and a DaemonSet's do not", async () => {
    for (const [kind, wanted] of [
      ["deployments", 2],
      ["statefulsets", 1],
      ["daemonsets", 1],
    ] as const) {
      await client().create(kind, workload("annotated"));
      const patch = { metadata: { annotations: { "example.com/x": "1" } } };
      const { metadata } = await client().change(kind, "annotated", patch, { type: "merge" });
      assert.equal(metadata.generation, wanted, kind);
    }
  });

  test("what is left out is filled in", async () => {
    const deployment = await client().create("deployments", workload("filled"));
    const { template, selector, ...spec } = deployment.spec;
    assert.deepEqual(spec, {
      replicas: 1,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    assert.deepEqual(selector, { matchLabels: { app: "filled" } });
    assert.deepEqual(template.spec, {
      containers: [
        {
          name: "app",
          image: "example.com/app:1",
          resources: {},
          terminationMessagePath: "/dev/termination-log",
          terminationMessagePolicy: "File",
          imagePullPolicy: "IfNotPresent",
        },
      ],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 0,
      dnsPolicy: "ClusterFirst",
      securityContext: {},
      schedulerName: "default-scheduler",
    });
    const set = await client().create("statefulsets", workload("filled"));
    assert.deepEqual(set.spec.updateStrategy, { type: "RollingUpdate", rollingUpdate: { partition: 0 } });
    assert.deepEqual([set.spec.replicas, set.spec.podManagementPolicy], [1, "OrderedReady"]);
    const agents = await client().create("daemonsets", workload("filled"));
    const rollingUpdate = { maxUnavailable: 1, maxSurge: 0 };
    assert.deepEqual(agents.spec.updateStrategy, { type: "RollingUpdate", rollingUpdate });
  });

  test("a write to the object leaves its status alone, and a write to its status the rest", async () => {
    const made = await client().create("deployments", workload("halves", { replicas: 0 }));
    await client().until("deployments", "halves", observed);
    const spoof = { status: { observedGeneration: 99 } };
    const body = await client().change("deployments", "halves", spoof, { type: "merge" });
    assert.notEqual(body.status.observedGeneration, 99);
    const at = `/apis/apps/v1/namespaces/${made.metadata.namespace}/deployments/halves/status`;
    const both = { spec: { replicas: 5 }, status: { collisionCount: 7 } };
    const reply = await _target().request("PATCH", at, both, { "content-type": "application/merge-patch+json" });
    assert.deepEqual([reply.body.spec.replicas, reply.body.status.collisionCount], [0, 7]);
    assert.equal(reply.body.metadata.generation, made.metadata.generation);
  });

  test("what cannot change in a workload is a 422", async () => {
    await client().create("statefulsets", workload("stuck", { serviceName: "a" }));
    const name = await client().patch("statefulsets", "stuck", { spec: { serviceName: "b" } }, { type: "merge" });
    assertRefused(name, 422, "Invalid", /spec: Forbidden: updates to statefulset spec for fields other than/);
    await client().create("daemonsets", workload("stuck"));
    const selector = { spec: { selector: { matchLabels: { app: "other" } } } };
    const other = await client().patch("daemonsets", "stuck", selector, { type: "merge" });
    assertRefused(other, 422, "Invalid", /spec\.selector: Invalid value: .*: field is immutable/);
  });
}
