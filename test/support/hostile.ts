import assert from "node:assert/strict";
import fc from "fast-check";
import { PortError, UsageError } from "../../src/model/errors.ts";
import { exitTable } from "../../src/model/exit.ts";
import type { Journal } from "../../src/ports.ts";
import { type CommandName, commands, type Uttered } from "./commands.ts";
import { testPolicy } from "./policy.ts";
import { type World, withPorts } from "./world.ts";

/** The seed of everything that is drawn against reroll; another one by REROLL_TEST_SEED. */
export const hostileSeed = Number(process.env.REROLL_TEST_SEED ?? 20261123);

/** Values of sources that no output may hold, plain or encoded: two of them for each generation. */
export const planted = (generation: number) => ({
  a: `hunter2-${generation}-planted`,
  b: `4711-${generation}-planted`,
});

const traces = [0, 1].flatMap((generation) =>
  Object.values(planted(generation)).flatMap((value) => {
    const bytes = Buffer.from(value);
    return [value, bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")];
  }),
);
const documented = new Set<number>(exitTable.map(({ code }) => code));

/** Mostly `run`, sometimes another command. */
export const someCommand: fc.Arbitrary<CommandName> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<CommandName>("run") },
  { weight: 2, arbitrary: fc.constantFrom(...(Object.keys(commands) as CommandName[])) },
);

/** Fails where a command takes more CPU than asking again and again for a few objects may ever need, the embedded cluster included. */
async function quickly<T>(work: () => Promise<T>, seconds = 10): Promise<T> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < seconds * 1e6, `took ${(user + system) / 1e6} s of CPU`);
  return done;
}

/**
 * What a command says in a world, log included, or how it fails as the edge tells it. Anything but a documented end with a reason is a defect:
 * an exception of another sort, exit code 1, silence, a value of a source in what is said.
 */
export async function uttered(world: World, command: CommandName, server = world.cluster.url): Promise<Uttered> {
  const log: string[] = [];
  const note = (message: string, fields?: object) => log.push(`${message} ${JSON.stringify(fields)}`);
  const journal: Journal = { debug: note, info: note, warn: note, error: note };
  const work = () => withPorts(world, { server, journal }, (ports) => commands[command](ports, testPolicy()));
  const { said, exitCode } = await quickly(work).catch((error: unknown) => {
    if (!(error instanceof PortError || error instanceof UsageError)) throw error;
    assert.ok(error.message.length > 20, `says nothing: ${error.message}`);
    return { said: error.message, exitCode: error instanceof UsageError ? 2 : 75 };
  });
  assert.ok(documented.has(exitCode) && exitCode !== 1, `exit code ${exitCode}`);
  assert.ok(said.trim() !== "", "says nothing");
  const lower = [said, ...log].join("\n").toLowerCase();
  for (const trace of traces) assert.ok(!lower.includes(trace.toLowerCase()), `a value in: ${lower}`);
  return { said, exitCode };
}
