import assert from "node:assert/strict";
import { it } from "node:test";
import type { LoggedCommit } from "../../support/git-repository.ts";
import { credentials, fleet, settings, stampsOf } from "./git-fleet.ts";
import { changedLines, compareBuilds } from "./git-judge.ts";
import type { GitStage } from "./git-stage.ts";
import { type Ended, outcomes } from "./stage.ts";

const BASE = "apps/base/web/deployments.yaml";
const RELEASE = "releases/shop/helmrelease.yaml";

/** Commits of reroll after that one, oldest first. */
export async function commitsSince({ repository }: GitStage, commit = ""): Promise<LoggedCommit[]> {
  return (await repository.log(`${commit}..${repository.branch}`)).reverse();
}

const all = (word: string) => Object.fromEntries([...fleet].sort().map((app) => [app, word]));
const sorted = (record: Record<string, string>) => Object.fromEntries(Object.entries(record).sort());
/** Nothing was done, nothing is owed. */
export const quiet = ({ report, exitCode }: Ended) =>
  assert.deepEqual([report.actions, report.pending, exitCode], [[], [], 0]);

/** A change of everything the fleet reads, as one commit that Flux applies. Wants a stage that nothing was changed on yet. */
export function restartsByOneCommit(opened: () => GitStage): void {
  it("plan shows the commit and makes none", async () => {
    const stage = opened();
    const tip = await stage.repository.tip();
    await stage.put(settings("2"), credentials("hunter2"));
    const { report, stdout } = await stage.run(["plan"]);
    assert.equal(report.actions.length, fleet.length, stdout);
    for (const file of [BASE, RELEASE]) assert.match(stdout, new RegExp(file));
    assert.equal(await stage.repository.tip(), tip);
    assert.deepEqual(Object.values(await stampsOf(stage)), [undefined, undefined, undefined]);
  });

  it("a run makes one commit, Flux applies it, every pod is new, and the run saw it", async () => {
    const stage = opened();
    const tip = (await stage.repository.tip()) ?? "";
    const old = await Promise.all(fleet.map(stage.pods));
    const ended = await stage.run();
    assert.equal(ended.exitCode, 0, ended.stdout + ended.stderr);
    assert.deepEqual(sorted(outcomes(ended)), all("restarted"));
    for (const [index, app] of fleet.entries()) await stage.replaced(app, old[index] ?? []);
    const [commit, ...more] = await commitsSince(stage, tip);
    assert.deepEqual([commit?.parents, more], [[tip], []]);
    const changed = await changedLines(stage.repository);
    assert.deepEqual(Object.keys(changed).sort(), [BASE, RELEASE]);
    assert.doesNotMatch(await stage.repository.diff(), /hunter/);
    assert.deepEqual(await compareBuilds(stage.repository, "apps/production", [tip, commit?.id ?? ""]), {
      stamped: ["Deployment/web", "Deployment/worker"],
      others: [],
    });
    assert.equal(stage.helm.upgrades("shop"), 2);
    await stage.repository.fsck();
  });

  it("the next run commits nothing", async () => {
    const stage = opened();
    const tip = await stage.repository.tip();
    quiet(await stage.run());
    assert.equal(await stage.repository.tip(), tip);
  });
}
