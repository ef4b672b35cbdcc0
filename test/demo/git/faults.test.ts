/** What tests can make the demo's Git server do, as the adapter sees it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fault } from "../../../src/demo/faults.ts";
import { type DemoRepository, demoRepository } from "../../../src/demo/git/repository.ts";
import { type DemoGit, type GitRequest, startDemoGit } from "../../../src/demo/git/server.ts";
import type { GitErrorCode } from "../../../src/model/git.ts";
import { change, failure, openBranch } from "../../contract/git-target.ts";

async function serve(): Promise<DemoGit & { readonly repository: DemoRepository }> {
  const repository = demoRepository();
  await repository.commit({ a: "1", large: "0123456789\n".repeat(5_000) });
  return Object.assign(await startDemoGit(repository), { repository });
}

const troubles: readonly (readonly [name: string, fault: Fault, fetching: GitErrorCode, pushing: GitErrorCode])[] = [
  ["nobody is let in", { answer: 401 }, "unauthorized", "unauthorized"],
  ["nobody is allowed", { answer: 403 }, "forbidden", "forbidden"],
  ["the server is broken", { answer: 500 }, "server-error", "server-error"],
  ["the connection is cut", { reset: true }, "unreachable", "unreachable"],
  ["the answer is cut", { halfBody: true }, "unreachable", "unreachable"],
];

for (const [name, fault, fetching, pushing] of troubles) {
  test(`${name}: the adapter says so, nothing is pushed by half, and the next try goes through`, async () => {
    await using server = await serve();
    await using branch = openBranch({ url: server.url, credential: undefined });
    const before = await branch.fetch();
    for (const step of ["advertise", "call"] as const) {
      const rule = server.faults.push({ step, fault });
      await failure(branch.fetch(), fetching).catch((error) => {
        throw new Error(`${step}: ${error.message}`);
      });
      rule.remove();
    }
    const rule = server.faults.push({ service: "git-receive-pack", step: "advertise", fault });
    await failure(branch.push(before, change({ a: ["1", "2"] })), pushing);
    rule.remove();
    assert.equal(server.repository.tip(), before.id);
    await branch.push(await branch.fetch(), change({ a: ["1", "2"] }));
    assert.equal((await server.repository.texts()).get("a"), "2");
  });
}

test("a server that never answers: the adapter gives up after its timeout", async () => {
  await using server = await serve();
  await using branch = openBranch({ url: server.url, credential: undefined }, "main", { timeout: 500 });
  server.faults.push({ fault: { hang: true } });
  await failure(branch.tip(), "timeout");
});

test("an answer that is lost on its way back leaves a push that was made", async () => {
  await using server = await serve();
  await using branch = openBranch({ url: server.url, credential: undefined });
  server.faults.push({ service: "git-receive-pack", step: "call", times: 1, fault: { dropAnswer: true } });
  await failure(branch.push(await branch.fetch(), change({ a: ["1", "2"] })), "unreachable");
  const after = await branch.fetch();
  assert.equal(String(await after.tree.read("a")), "2");
});

const steps: readonly Omit<GitRequest, "authorization">[] = [
  { service: "git-receive-pack", step: "advertise" },
  { service: "git-receive-pack", step: "call" },
];

for (const { service, step } of steps) {
  test(`somebody who pushes just before the ${step} of ${service} is answered is first`, async () => {
    await using server = await serve();
    await using branch = openBranch({ url: server.url, credential: undefined });
    const base = await branch.fetch();
    server.before = async (request) => {
      if (request.service !== service || request.step !== step) return;
      server.before = undefined;
      await server.repository.commit({ theirs: "1" });
    };
    await failure(branch.push(base, change({ a: ["1", "2"] })), "moved");
    await branch.push(await branch.fetch(), change({ a: ["1", "2"] }));
    assert.equal((await server.repository.log()).length, 3);
  });
}
