/** Whatever the API server, or something that answers in its place, says: a command ends as documented, and says why. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { PortError, UsageError } from "../../src/model/errors.ts";
import { exitTable } from "../../src/model/exit.ts";
import type { Journal } from "../../src/ports.ts";
import { type CommandName, commands, type Uttered } from "../support/commands.ts";
import { runs } from "../support/effort.ts";
import { seeded } from "../support/interleave.ts";
import { configMap, deployment, envFrom, envKeys, secret, workload } from "../support/manifests.ts";
import { type Hit, type Meddling, meddlings, startMeddler } from "../support/meddler.ts";
import { testPolicy } from "../support/policy.ts";
import { minute, startWorld, type World, withPorts } from "../support/world.ts";

const seed = Number(process.env.REROLL_TEST_SEED ?? 20261123);
/** Values no output may hold, plain or encoded. */
const values = (generation: number) => ({ a: `hunter2-${generation}-planted`, b: `4711-${generation}-planted` });
const traces = [0, 1].flatMap((generation) =>
  Object.values(values(generation)).flatMap((value) => {
    const bytes = Buffer.from(value);
    return [value, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")];
  }),
);
const documented = new Set<number>(exitTable.map(({ code }) => code));

const sources = (generation: number) => [
  secret("creds", values(generation)),
  configMap("settings", values(generation)),
];
const workloads = [
  deployment("web", envFrom(["Secret", "creds"], ["ConfigMap", "settings"])),
  workload("db", { kind: "StatefulSet", pod: envKeys("Secret", "creds", ["a"]) }),
  workload("agent", { kind: "DaemonSet", pod: envFrom(["ConfigMap", "settings"]) }),
  deployment("silent", envFrom(["Secret", "creds"]), { annotations: {} }),
];
const apps = ["web", "db", "agent"];

/** A world that has seen a run, and whose sources have changed since. */
async function changedWorld(): Promise<World> {
  const world = await startWorld([sources(0), workloads], { nodes: 1 });
  await world.run();
  world.time.advance(minute);
  world.put(...sources(1));
  return world;
}

interface Case {
  readonly command: CommandName;
  readonly known: boolean;
  readonly hits: readonly Hit[];
  readonly seed: number;
}

/** Plays a command against wrong answers: what it said, or a failure as the edge tells it. Anything else is a defect, and thrown. */
async function uttered(world: World, { command, hits, seed: own }: Case): Promise<Uttered> {
  await using meddler = await startMeddler(world.cluster.url, hits, seeded(own));
  const log: string[] = [];
  const note = (message: string, fields?: object) => log.push(`${message} ${JSON.stringify(fields)}`);
  const journal: Journal = { debug: note, info: note, warn: note, error: note };
  const work = withPorts(world, { server: meddler.url, journal }, (ports) => commands[command](ports, testPolicy()));
  const { said, exitCode } = await work.catch((error: unknown) => {
    if (!(error instanceof PortError || error instanceof UsageError)) throw error;
    assert.ok(error.message.length > 20, `says nothing: ${error.message}`);
    return { said: error.message, exitCode: error instanceof UsageError ? 2 : 75 };
  });
  return { said: `${said}\n${log.join("\n")}`, exitCode };
}

async function play(one: Case): Promise<void> {
  await using world = one.known ? await changedWorld() : await startWorld([sources(1), workloads], { nodes: 1 });
  const [cpu, before] = [process.cpuUsage(), world.rollouts()];
  const { said, exitCode } = await uttered(world, one);
  const { user, system } = process.cpuUsage(cpu);
  assert.ok(user + system < 5_000_000, `took ${(user + system) / 1e6} s of CPU`);
  assert.ok(documented.has(exitCode) && exitCode !== 1, `exit code ${exitCode}`);
  assert.ok(said.trim() !== "", "says nothing");
  const lower = said.toLowerCase();
  for (const trace of traces) assert.ok(!lower.includes(trace.toLowerCase()), `a value in: ${said}`);
  // Lies may bring about anything; what cannot be read at all must neither lose a change nor do anything twice.
  if (one.hits.some(({ meddling }) => meddling === "wrong in its fields")) return;
  if (!one.known || one.command === "adopt") return;
  world.time.advance(2 * minute);
  await world.run({ identity: "healing" });
  for (const app of apps) for (const view of world.views(app)) assert.deepEqual(stale(view), [], `${app} was missed`);
  for (const [ref, times] of world.rollouts())
    assert.ok(times - (before.get(ref) ?? 0) <= (ref.endsWith("/silent") ? 0 : 1), `${ref} restarted too often`);
}

function stale(view: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  return Object.values(view).flatMap((held) => Object.values(held).filter((value) => !value.includes("-1-planted")));
}

const names = Object.keys(meddlings) as Meddling[];
const hit = (meddling: fc.Arbitrary<Meddling>): fc.Arbitrary<Hit> =>
  fc.record({ meddling, nth: fc.integer({ min: 1, max: 45 }), every: fc.boolean() });
const someCommand = fc.oneof(
  { weight: 3, arbitrary: fc.constant<CommandName>("run") },
  { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(commands) as CommandName[])) },
);
const aCase = (meddling: fc.Arbitrary<Meddling>, most: number): fc.Arbitrary<Case> =>
  fc.record({
    command: someCommand,
    known: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    hits: fc.array(hit(meddling), { minLength: 1, maxLength: most }),
    seed: fc.nat(),
  });

describe(`wrong answers (REROLL_TEST_SEED=${seed})`, () => {
  it("of every sort, to every command", () =>
    fc.assert(fc.asyncProperty(aCase(fc.constantFrom(...names), 2), play), { numRuns: runs(25), seed }));

  it("that are wrong somewhere in their fields", () =>
    fc.assert(fc.asyncProperty(aCase(fc.constant<Meddling>("wrong in its fields"), 4), play), {
      numRuns: runs(25),
      seed,
    }));
});
