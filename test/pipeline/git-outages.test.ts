import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { describe, it } from "node:test";
import { createGitServers } from "../../src/io/git/servers.ts";
import type { Journal } from "../../src/ports.ts";
import { runJson } from "../../src/report/json.ts";
import { renderRun } from "../../src/report/text.ts";
import type { Interfere } from "../support/git/http-backend.ts";
import { assertGitAtRest, assertRuns, fleetSources, startGitFleet, verdicts } from "../support/git-fleet.ts";
import type { GitWorld } from "../support/git-world.ts";
import { secret } from "../support/manifests.ts";
import { testPolicy } from "../support/policy.ts";
import { minute, type Ran } from "../support/world.ts";

const password = "hunter2-Pässwörd/+=?&of-the-deploy-token";
const basic = `robot:${password}`;
const policy = { git: { ...testPolicy().git, secret: { namespace: "reroll-system", name: "reroll-git" } } };

/** Two workloads are due, in a repository that wants a password. */
async function lockedFleet(): Promise<GitWorld> {
  const world = await startGitFleet({ basic });
  world.world.put(secret("reroll-git", { username: "robot", password }, { namespace: "reroll-system" }));
  world.world.put(...fleetSources("blue"));
  return world;
}

const answers =
  (status: number, pattern: RegExp, words: (authorization: string) => string): Interfere =>
  ({ method, path, authorization = "" }, response) => {
    if (!pattern.test(`${method} ${path}`)) return false;
    response.writeHead(status, { "content-type": "text/plain" });
    response.end(words(authorization));
    return true;
  };

/** A server that tells everybody what it was told. */
const gossip = (authorization: string) =>
  `no: ${authorization} ${Buffer.from(authorization.slice(6), "base64").toString()} ${encodeURIComponent(password)}`;

const trickles: Interfere = (_, response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/x-git-upload-pack-advertisement" });
  const chunk = Buffer.alloc(1 << 20, "x");
  const pour = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", pour);
  pour();
  return true;
};

const push = /POST .*receive/;
const cases: readonly {
  readonly claim: string;
  readonly interfere: Interfere;
  readonly cutAfter?: number;
  readonly timeout?: number;
  readonly says: RegExp;
  readonly exitCode: 3 | 5 | 75;
}[] = [
  { claim: "answers 401", interfere: answers(401, /./, gossip), says: /401/, exitCode: 3 },
  { claim: "answers 403", interfere: answers(403, /./, gossip), says: /403/, exitCode: 3 },
  { claim: "answers 404", interfere: answers(404, /./, gossip), says: /404|not found/i, exitCode: 3 },
  { claim: "answers 500", interfere: answers(500, /./, gossip), says: /500/, exitCode: 75 },
  { claim: "answers the push with 403", interfere: answers(403, push, gossip), says: /403/, exitCode: 3 },
  { claim: "answers the push with 413", interfere: answers(413, push, gossip), says: /413|too large/i, exitCode: 5 },
  { claim: "answers the push with 500", interfere: answers(500, push, gossip), says: /500/, exitCode: 75 },
  { claim: "says nothing", interfere: () => true, timeout: 300, says: /time/i, exitCode: 75 },
  {
    claim: "cuts the pack",
    interfere: () => false,
    cutAfter: 100,
    says: /cut|closed|ended|incomplete|early/i,
    exitCode: 75,
  },
  { claim: "never stops talking", interfere: trickles, says: /large|more than|limit|bytes/i, exitCode: 5 },
];

describe("a Git server that", () => {
  for (const { claim, interfere, cutAfter, timeout = 10_000, says, exitCode } of cases) {
    it(`${claim}: it is said and owed, nothing is pushed, no secret is shown; the next run does it`, async () => {
      await using world = await lockedFleet();
      const tip = await world.repository.tip();
      Object.assign(world.server, { interfere, cutAfter });
      const { journal, lines } = listen();
      const ran = await world.run({ policy, journal, git: createGitServers({ timeout }) });
      assert.deepEqual([ran.restarted, ran.exitCode], [[], exitCode]);
      assert.equal(await world.repository.tip(), tip);
      const said = messages(ran);
      assert.ok(said.length >= 2, "nothing is said");
      for (const message of said) assert.match(message, says);
      assertHidden({ ran, lines, state: world.world.cluster.api.get("ConfigMap", "reroll-system", "reroll-state") });
      Object.assign(world.server, { interfere: undefined, cutAfter: undefined });
      world.world.time.advance(minute);
      assert.deepEqual(verdicts(await world.run({ policy })), ["restarted RolledOut", "restarted RolledOut"]);
      assertRuns(world, "blue");
      assert.equal((await world.commits()).length, 1);
      await world.repository.fsck();
      await assertGitAtRest(world);
    });
  }

  it("says that the deploy key may only read: it is told by its code, with what to do", async () => {
    await using world = await lockedFleet();
    const words = () => "ERROR: The key you are authenticating with has been marked as read only.";
    Object.assign(world.server, { interfere: answers(403, push, words) });
    const ran = await world.run({ policy });
    assert.deepEqual([verdicts(ran), ran.exitCode], [["failed READ_ONLY_KEY", "failed READ_ONLY_KEY"], 3]);
    assert.match(messages(ran)[0] ?? "", /read only.*flux bootstrap --read-write-key.*git\.secretRef/);
  });

  it("declines by a hook that quotes the password: its words come through, without it", async () => {
    await using world = await lockedFleet();
    await world.repository.decline(`not today, ${password}`);
    const { journal, lines } = listen();
    const ran = await world.run({ policy, journal });
    assert.deepEqual([verdicts(ran), ran.exitCode], [["failed PushDeclined", "failed PushDeclined"], 5]);
    assert.match(messages(ran)[0] ?? "", /not today, \[hidden\]/);
    assertHidden({ ran, lines });
  });
});

const messages = ({ outcomes, pending }: Ran): string[] =>
  [...outcomes, ...pending].map(({ message }) => message ?? "").filter((message) => message !== "");

function listen(): { readonly journal: Journal; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (...said: unknown[]) => lines.push(JSON.stringify(said));
  return { lines, journal: { debug: keep, info: keep, warn: keep, error: keep } };
}

/** Fails where the password is anywhere in what a run leaves behind, however it is written. */
function assertHidden({
  ran,
  ...rest
}: {
  readonly ran: Ran;
  readonly lines: string[];
  readonly state?: unknown;
}): void {
  const { requests: _, restarted: __, ...report } = ran;
  const all = [JSON.stringify(runJson(report)), renderRun(report, { color: false }), JSON.stringify(rest)].join("\n");
  for (const form of [password, basic].flatMap((text) => [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString("base64"),
    Buffer.from(text).toString("base64url"),
    JSON.stringify(text).slice(1, -1),
  ])) {
    assert.ok(!all.includes(form), `shows ${form}`);
  }
}
