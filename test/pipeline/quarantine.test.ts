import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { renderRun } from "../../src/report/text.ts";
import { plain } from "../commands/support.ts";
import { configMap, deployment, envFrom, secret } from "../support/manifests.ts";
import { minute, type Ran, startKnownWorld, type World } from "../support/world.ts";

const web = "Deployment/shop/web";
const quarter = 15 * minute;

const tls = (content: string) => secret("tls", { "tls.crt": content });
const uses = () => deployment("web", envFrom(["Secret", "tls"], ["ConfigMap", "settings"]));
const start = () => startKnownWorld([tls("A"), configMap("settings"), uses()]);

/** One run after each content, a quarter of an hour apart. */
async function play(world: World, contents: string): Promise<Ran[]> {
  const runs: Ran[] = [];
  for (const content of contents) {
    world.put(tls(content));
    runs.push(await world.run());
    world.time.advance(quarter);
  }
  return runs;
}

suite("a Secret that two writers fight over", () => {
  test("is restarted for until one content has come back three times, and then held back, in report and exit code", async () => {
    await using world = await start();
    const runs = await play(world, "BABABA");
    assert.deepEqual(
      runs.map(({ restarted, exitCode }) => [restarted.length, exitCode]),
      [...Array(5).fill([1, 0]), [0, 6]],
    );
    const last = runs.at(-1) as Ran;
    assert.deepEqual(
      last.pending.map(({ reason, because }) => [reason, because.length]),
      [["quarantined", 1]],
    );
    assert.deepEqual(
      last.quarantines.map(({ source, rule, count, holds }) => [source?.name, rule, count, holds]),
      [["tls", "returns", 3, true]],
    );
    const text = renderRun(last, plain);
    assert.match(text, /Secret\/tls keeps changing back and forth/);
    assert.match(text, /reroll retry Secret\/shop\/tls/);
    assert.match(text, /1 in quarantine/);
  });
});
