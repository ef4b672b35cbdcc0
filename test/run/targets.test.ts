import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flux } from "../../src/flux/live.ts";
import type { Action } from "../../src/model/plan.ts";
import type { Cluster } from "../../src/ports.ts";
import { seekTargets } from "../../src/run/commit/targets.ts";
import { testPolicy } from "../support/policy.ts";

/** Nobody may be asked about it. */
const untouched = new Proxy({}, { get: (_, name) => assert.fail(`${String(name)} was asked for`) });

const nightly: Action = {
  ...{ workload: { kind: "CronJob", namespace: "shop", name: "nightly" }, because: [], wave: 0 },
  ...{ mode: "git", strategy: "trigger", stamp: "a", directStamp: "a" },
  guard: untouched as Action["guard"],
  ...{ restartedAt: false, manual: undefined },
};

test("what no pod template restarts is refused before anything is looked at", async () => {
  const [found] = await seekTargets(untouched as Cluster, testPolicy(), untouched as Flux, [nightly]);
  assert.ok(found?.is === "refused");
  assert.equal(found.refusal.code, "STRATEGY");
  assert.match(found.refusal.message, /CronJob\/shop\/nightly .* strategy trigger.*mode: direct/);
});
