import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { namedWorkload } from "../../src/commands/named-workload.ts";
import { UsageError } from "../../src/model/errors.ts";
import { workloadKinds } from "../../src/model/kinds.ts";

const named = (kind: string) => namedWorkload({ kind, namespace: "web", name: "api" }, workloadKinds).kind;

suite("the kind of a workload may be typed as for kubectl", () => {
  for (const [typed, kind] of [
    ["Deployment", "Deployment"],
    ["deployments", "Deployment"],
    ["deploy", "Deployment"],
    ["STS", "StatefulSet"],
    ["ds", "DaemonSet"],
    ["deployments.apps", "Deployment"],
  ] as const)
    test(typed, () => assert.equal(named(typed), kind));
});

test("a kind that nobody knows is answered with the nearest one and with all that are known", () => {
  assert.throws(
    () => named("Deploymnt"),
    (error) =>
      error instanceof UsageError &&
      /no such kind of workload: Deploymnt; did you mean Deployment\? Known are Deployment, /.test(error.message),
  );
  for (const far of ["Widget", "Foo", "Pod"]) {
    assert.throws(() => named(far), new RegExp(`no such kind of workload: ${far}\\. Known are`));
  }
});
