/** SIGKILL of the real command around its push, judged by the repository and by what the API server says: one commit, one restart. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { credentials, deploymentOf, fleet, openFleet, settings } from "./support/git-fleet.ts";
import { commitsSince, quiet } from "./support/git-journey.ts";
import type { GitStage } from "./support/git-stage.ts";
import { expireLease } from "./support/lease.ts";
import { type Asked, type CuttingProxy, startProxy } from "./support/proxy.ts";
import { outcomes, type Running } from "./support/stage.ts";

/** Where a run ends for ever, and how many commits it leaves. */
interface Death {
  readonly when: string;
  readonly commits: 0 | 1;
  readonly arm: (scene: Scene, kill: () => void) => void | Promise<void>;
}

interface Scene {
  readonly stage: GitStage;
  readonly proxy: CuttingProxy;
  readonly running: () => Running | undefined;
}

const isPush = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === "POST" && path.endsWith("/git-receive-pack");
const isRecord = ({ method, path }: Asked, { home }: GitStage) =>
  ["PUT", "POST"].includes(method) && path.includes(`/namespaces/${home}/configmaps`);

function atRecord(cut: "before" | "after"): Death["arm"] {
  return ({ stage, proxy }, kill) => {
    const pushes = () => stage.git.http?.requests.filter(isPush).length ?? 0;
    const earlier = pushes();
    proxy.meddle((asked) => (pushes() > earlier && isRecord(asked, stage) ? { cut, act: kill } : undefined));
  };
}

const deaths: readonly Death[] = [
  {
    when: "as its push arrives",
    commits: 0,
    arm: ({ stage }, kill) => {
      const http = stage.git.http;
      assert.ok(http);
      http.interfere = (request, response) => {
        if (!isPush(request)) return false;
        kill();
        response.destroy();
        return true;
      };
    },
  },
  {
    when: "as the branch has moved, before it hears of it",
    commits: 1,
    // The hook waits for the death, and nobody is left to read the answer.
    arm: async ({ stage, running }) => {
      const file = await stage.file("pid", String(running()?.pid));
      await stage.repository.hook("post-receive", `kill -9 "$(cat '${file}')"`);
    },
  },
  { when: "between push and record", commits: 1, arm: atRecord("before") },
  { when: "with the commit recorded, before it has asked Flux", commits: 1, arm: atRecord("after") },
];

describe("a run in git mode is killed", { concurrency: 1 }, () => {
  let stage: GitStage;
  let proxy: CuttingProxy;
  let kubeconfig = "";
  let content = 1;

  before(async () => {
    stage = await openFleet("gitkilled");
    proxy = await startProxy(process.env.REROLL_TEST_KUBECONFIG ?? "");
    kubeconfig = await stage.file("kubeconfig", proxy.kubeconfig);
  });
  after(async () => {
    await proxy?.close();
    await stage?.close();
  });
  const generations = async () =>
    Promise.all(fleet.map(async (app) => (await stage.cluster.get(deploymentOf(stage, app))).metadata.generation ?? 0));

  for (const { when, commits, arm } of deaths) {
    it(`${when}: the next run makes up for it, with one commit and one restart in all`, async () => {
      const { repository } = stage;
      const [tip, old, upgrades] = [await repository.tip(), await generations(), stage.helm.upgrades("shop")];
      const pods = await Promise.all(fleet.map(stage.pods));
      content++;
      await stage.put(settings(String(content)), credentials(`hunter${content}`));
      const running = stage.start(["run"], { KUBECONFIG: kubeconfig });
      await arm({ stage, proxy, running: () => running }, () => running.kill("SIGKILL"));
      const { signal } = await running.ended;
      assert.equal(signal, "SIGKILL");
      assert.equal((await commitsSince(stage, tip)).length, commits);
      assert.deepEqual(await generations(), old, "Flux has not been asked");
      proxy.meddle(() => undefined);
      if (stage.git.http) stage.git.http.interfere = undefined;
      await repository.hook("post-receive");

      await expireLease(stage);
      const healed = await stage.run();
      assert.deepEqual(
        [outcomes(healed), healed.exitCode],
        [Object.fromEntries([...fleet].sort().map((app) => [app, "restarted"])), 0],
        healed.stdout + healed.stderr,
      );
      for (const [index, app] of fleet.entries()) await stage.replaced(app, pods[index] ?? []);
      quiet(await stage.run());
      assert.equal((await commitsSince(stage, tip)).length, 1);
      assert.deepEqual(
        await generations(),
        old.map((generation) => generation + 1),
      );
      assert.equal(stage.helm.upgrades("shop"), upgrades + 1);
      await repository.fsck();
    });
  }
});
