import assert from "node:assert/strict";
import { test } from "node:test";
import { findWorkloadKind, type WorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { KubeObject } from "../../src/model/object.ts";
import { currentRevision, deploymentRevisionAnnotation } from "../../src/model/revision.ts";

function row(name: string): WorkloadKind {
  const kind = findWorkloadKind(name, workloadKinds);
  assert.ok(kind);
  return kind;
}

function revision(
  hash: string,
  more: { owner?: string; controller?: boolean; annotation?: string; revision?: number } = {},
): KubeObject {
  const { owner = "u1", controller = true, annotation } = more;
  return {
    metadata: {
      name: `x-${hash}`,
      uid: `uid-${hash}`,
      resourceVersion: "1",
      labels: { "pod-template-hash": hash, "controller-revision-hash": hash },
      annotations: annotation === undefined ? {} : { [deploymentRevisionAnnotation]: annotation },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Any", name: "x", uid: owner, controller }],
    },
    ...(more.revision === undefined ? {} : { revision: more.revision }),
  };
}

test("a Deployment's current ReplicaSet is the owned one with the Deployment's revision", () => {
  const sets = [
    revision("aaa", { annotation: "1" }),
    revision("foreign", { annotation: "2", owner: "u2" }),
    revision("adopted", { annotation: "2", controller: false }),
    revision("bbb", { annotation: "2" }),
  ];
  assert.equal(currentRevision(row("Deployment"), { uid: "u1", revision: "2" }, sets), "bbb");
  assert.equal(currentRevision(row("Deployment"), { uid: "u1", revision: "3" }, sets), undefined);
  assert.equal(currentRevision(row("Deployment"), { uid: "u1" }, [revision("ccc")]), undefined);
});

test("a StatefulSet's pods carry status.updateRevision itself", () => {
  assert.equal(currentRevision(row("StatefulSet"), { uid: "u1", revision: "db-6c8" }, []), "db-6c8");
  assert.equal(currentRevision(row("StatefulSet"), { uid: "u1", revision: "" }, []), undefined);
});

test("a DaemonSet's newest revision is the highest number, also after an undo raised an older one", () => {
  const undone = [revision("old", { revision: 3 }), revision("bad", { revision: 2 })];
  assert.equal(currentRevision(row("DaemonSet"), { uid: "u1" }, undone), "old");
  assert.equal(currentRevision(row("DaemonSet"), { uid: "u1" }, undone.toReversed()), "old");
  const others = [revision("mine", { revision: 9 }), revision("theirs", { revision: 10, owner: "u2" })];
  assert.equal(currentRevision(row("DaemonSet"), { uid: "u1" }, others), "mine");
});

test("ControllerRevisions without their number (metadata only) tell nothing", () => {
  assert.equal(currentRevision(row("DaemonSet"), { uid: "u1" }, [revision("a"), revision("b")]), undefined);
});
