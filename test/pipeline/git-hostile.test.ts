import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fleetSources, startGitFleet, verdicts } from "../support/git-fleet.ts";
import type { GitWorld } from "../support/git-world.ts";
import { testPolicy } from "../support/policy.ts";

const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
for (const [name, before] of ["ba", "cb", "dc", "ed", "fe", "gf", "hg"].map((pair) => [...pair])) {
  bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(", ")}]`);
}
const resource = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\n`;

/** What somebody put beside the definitions: by what is it told, where Flux cannot build it. */
const hostile = {
  "a YAML bomb": [
    { "apps/evil.yaml": `${resource("evil")}spec:\n  ${bomb.join("\n  ")}\n` },
    "evil.yaml",
    /evil\.yaml .*aliases/,
  ],
  "50 MB of YAML": [
    { "apps/evil.yaml": `${resource("evil")}data: "${"x".repeat(50_000_000)}"\n` },
    "evil.yaml",
    /evil\.yaml .*larger/,
  ],
  "a path that leaves the repository": [{}, "../../../etc/passwd.yaml", /passwd\.yaml, which is outside/],
} as const;

async function worldWith(given: keyof typeof hostile): Promise<GitWorld> {
  const world = await startGitFleet();
  const [files, entry] = hostile[given];
  const kustomization = `resources:\n  - api.yaml\n  - web.yaml\n  - ${entry}\n`;
  await world.repository.commit({ ...files, "apps/kustomization.yaml": kustomization });
  world.world.put(...fleetSources("blue"));
  return world;
}

for (const given of Object.keys(hostile) as (keyof typeof hostile)[]) {
  describe(`a repository with ${given}`, () => {
    it("that Flux says it can build is committed to, and nothing else in it is touched", async () => {
      await using world = await worldWith(given);
      world.flux = "asleep";
      const before = await world.repository.tip();
      const ran = await world.run({ policy: { git: { ...testPolicy().git, await: 0 } } });
      assert.deepEqual([verdicts(ran), ran.exitCode], [["committed Committed", "committed Committed"], 0]);
      const names = await world.repository.git("diff", "--name-only", `${before}`, world.repository.branch);
      assert.deepEqual(names.trim().split("\n"), ["apps/api.yaml", "apps/web.yaml"]);
      await world.repository.fsck();
    });
  });
}

for (const given of ["a YAML bomb", "a path that leaves the repository"] as const) {
  describe(`a repository with ${given}, which Flux cannot build`, () => {
    it("gets no commit; what is due stays owed, and says which file is to blame", async () => {
      await using world = await worldWith(given);
      const failed = { type: "Ready", status: "False", reason: "BuildFailed", message: "kustomize build failed" };
      world.world.cluster.api.patchStatus("Kustomization", "flux-system", "apps", { conditions: [failed] });
      const tip = await world.repository.tip();
      const ran = await world.run();
      assert.deepEqual([ran.restarted, verdicts(ran), ran.exitCode], [[], [], 0]);
      assert.equal(await world.repository.tip(), tip);
      assert.equal(ran.pending.length, 2);
      for (const { message } of ran.pending) assert.match(message, hostile[given][2]);
    });
  });
}
