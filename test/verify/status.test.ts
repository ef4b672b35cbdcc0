import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allKinds } from "../../src/config/kinds.ts";
import { isObject } from "../../src/io/kubernetes/objects.ts";
import { findWorkloadKind, type WorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Baseline, OutcomeWord, StatusWord } from "../../src/model/outcome.ts";
import { strategyRow } from "../../src/model/strategies.ts";
import { atDeadline } from "../../src/verify/deadline.ts";
import type { Expected, Look } from "../../src/verify/facts.ts";
import { outcomeOf } from "../../src/verify/outcome.ts";
import { rolloutStatus } from "../../src/verify/status.ts";
import { runs } from "../support/effort.ts";
import { fixtures } from "../support/fixtures.ts";
import { seeded } from "../support/interleave.ts";
import { mutated } from "../support/mutate.ts";

interface Glimpse {
  readonly now: string;
  readonly object?: KubeObject;
  readonly pods?: KubeObject[];
}

interface Rollout extends Glimpse {
  readonly reason: string;
  readonly message?: string;
  readonly needsPods?: boolean;
  /** One of the table of kinds, or one that is only configured, with the health it says. */
  readonly kind: string;
  readonly health?: "kstatus" | "none";
  readonly expected: Expected;
  readonly startedAt: string;
  readonly revisions?: KubeObject[];
  readonly baseline?: Baseline;
  /** The workload's own deadline, milliseconds, is over. */
  readonly deadline?: number;
  /** Looks before this one; what they do not say is as in this one. */
  readonly earlier?: Glimpse[];
}

/** The end of a fixture's name -> what it claims. */
const claims: Readonly<Record<string, [StatusWord, OutcomeWord, final: boolean]>> = {
  "in progress": ["InProgress", "verifying", false],
  "not found": ["NotFound", "superseded", true],
  "needs manual": ["Unknown", "needs-manual", true],
  current: ["Current", "restarted", true],
  failed: ["Failed", "failed", true],
  superseded: ["Unknown", "superseded", true],
  suspended: ["InProgress", "verifying", true],
  terminating: ["Terminating", "superseded", true],
};

const rollouts = fixtures<Rollout>("status");

/** The kind of a fixture, as the configuration makes it where the table has none of that name. */
function kindOf({ kind, health }: Rollout): WorkloadKind | undefined {
  const known = findWorkloadKind(kind, workloadKinds);
  return known ?? allKinds([{ apiVersion: "example.com/v1", kind, ...(health && { health }) }]).at(-1);
}

function lookThrough(fixture: Rollout): Look {
  const kind = kindOf(fixture);
  assert.ok(kind, fixture.kind);
  const { expected, revisions, baseline } = fixture;
  let look: Look | undefined;
  for (const glimpse of [...(fixture.earlier ?? []), fixture]) {
    const { now, object = fixture.object, pods = fixture.pods } = glimpse;
    const times = { startedAt: Date.parse(fixture.startedAt), now: Date.parse(now) };
    look = rolloutStatus({ kind, object, expected, revisions, baseline, pods, trail: look?.trail, ...times });
  }
  assert.ok(look);
  return fixture.deadline === undefined ? look : atDeadline(look, fixture.deadline);
}

for (const { claim, content } of rollouts) {
  test(`status: ${claim}`, () => {
    const end = Object.keys(claims).find((words) => claim.endsWith(` ${words}`));
    assert.ok(end, "the name ends with a verdict");
    assert.equal(claim.split(" ")[0], content.kind.toLowerCase());
    const look = lookThrough(content);
    const { outcome, final } = outcomeOf(look);
    assert.deepEqual(
      [look.status, outcome, final, look.reason],
      [...(claims[end] ?? []), content.reason],
      look.message,
    );
    if (content.message !== undefined) assert.equal(look.message, content.message);
    if (content.needsPods !== undefined) assert.equal(look.needsPods, content.needsPods);
    assert.ok(!(final && look.needsPods), "a verdict asks for nothing more");
    assert.doesNotMatch(look.message, /not a level/, "what a container wrote stays out");
  });
}

/** Those that some strategy restarts in a way that can be watched. */
const watchedKinds = workloadKinds.filter(({ strategies }) => strategies.some((name) => !strategyRow(name).unwatched));

test("status: every kind of the table of kinds has fixtures that come to a verdict", () => {
  const kinds = new Set(rollouts.map(({ content }) => kindOf(content)));
  assert.deepEqual(new Set([...kinds].filter((kind) => kind?.health === undefined)), new Set(watchedKinds));
  const healths = new Set([...kinds].map((kind) => kind?.health));
  assert.deepEqual(healths, new Set([undefined, "kstatus", "none"]));
});

test("status: a kind nobody wrote rules for is said to be unknown, and not waited for", () => {
  const [deployment] = workloadKinds;
  assert.ok(deployment);
  const metadata = { name: "x", uid: "u1", resourceVersion: "1" };
  const object = { metadata, spec: { template: { metadata: { annotations: { stamp: "s" } } } } };
  const expected = { uid: "u1", stampAnnotation: "stamp", stamp: "s" };
  const look = rolloutStatus({ kind: { ...deployment, name: "Widget" }, object, expected, startedAt: 0, now: 0 });
  assert.deepEqual([look.reason, outcomeOf(look).outcome, outcomeOf(look).final], ["UnknownKind", "verifying", true]);
});

test("status: with anything wrong in workload, pods or revisions it is still some status, at once", () => {
  const readable = (objects: readonly KubeObject[]) => objects.filter(isObject);
  fc.assert(
    fc.property(fc.constantFrom(...rollouts), fc.nat(), fc.integer({ min: 1, max: 5 }), ({ content }, seed, times) => {
      const { object, pods, revisions, ...rest } = content;
      const live = { object, pods, revisions };
      const wrong = mutated(live, seeded(seed), times) as Partial<typeof live> | null;
      const some = (value: unknown) => (Array.isArray(value) ? readable(value as KubeObject[]) : []);
      const fixture: Rollout = {
        ...rest,
        ...(isObject(wrong?.object) ? { object: wrong.object } : {}),
        ...(pods ? { pods: some(wrong?.pods) } : {}),
        ...(revisions ? { revisions: some(wrong?.revisions) } : {}),
      };
      const started = process.cpuUsage();
      const look = lookThrough(fixture);
      const { user, system } = process.cpuUsage(started);
      assert.ok(look.status && look.reason && look.message && outcomeOf(look));
      assert.ok(user + system < 1e6, `took ${user + system} microseconds of CPU`);
    }),
    { numRuns: runs(500) },
  );
});
