/** A run in git mode by the ServiceAccount of cronjob/ with its component for git mode, and what becomes of it without one of these rights. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Right } from "../../src/model/errors.ts";
import type { Rule } from "./harness/access.ts";
import type { Named } from "./harness/paths.ts";
import { refuseStamps } from "./support/admission.ts";
import { applyStrictly, readBase, readGitComponent, tokenKubeconfig } from "./support/base.ts";
import { openFleet, settings } from "./support/git-fleet.ts";
import { quiet } from "./support/git-journey.ts";
import type { GitStage } from "./support/git-stage.ts";
import { outcomes } from "./support/stage.ts";

/** What becomes of a change without one of the rights in all namespaces. */
const expected = {
  "list kustomizations": "owed",
  "list gitrepositories": "owed",
  // Nobody tells Flux, and the run does not wait until it looks by itself.
  "patch gitrepositories": "committed",
  // Needed where there are HelmReleases that name what is to be restarted, or where something goes wrong.
  "list helmreleases": "unnoticed",
  "patch kustomizations": "unnoticed",
  "get gitrepositories": "unnoticed",
  "get kustomizations": "unnoticed",
  "get helmreleases": "unnoticed",
} as const;
const rows = Object.entries(expected);
const namesOf = (word: string) => rows.flatMap(([name, is]) => (is === word ? name : []));

type Role = Named & { rules: Rule[] };

describe("git mode with the rights of cronjob/components/git", { concurrency: 1 }, () => {
  let stage: GitStage;
  let roles: Role[] = [];
  let kubeconfig = "";
  let color = 1;

  const change = () => stage.put(settings(String(++color)));
  const run = (patience = "20s") =>
    stage.run(["run"], {
      KUBECONFIG: kubeconfig,
      REROLL_GIT_SECRET_REF: `${stage.home}/reroll-git`,
      REROLL_GIT_AWAIT: patience,
    });
  async function granted({ verb, group, resource, namespace, name }: Right): Promise<boolean> {
    const user = `system:serviceaccount:${stage.home}:reroll`;
    const resourceAttributes = { verb, group, resource, namespace, name };
    const review = { spec: { user, groups: ["system:authenticated"], resourceAttributes } };
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    const { body } = await stage.cluster.request<{ status: { allowed: boolean } }>("POST", path, review);
    return body.status.allowed;
  }
  const rightsOf = ({ metadata: { namespace }, rules }: Role): Right[] =>
    rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => ({
            ...{ verb, group, resource },
            ...(namespace ? { namespace } : {}),
            ...(resourceNames[0] ? { name: resourceNames[0] } : {}),
          })),
        ),
      ),
    );
  const rights = () => roles.flatMap(rightsOf);
  const nameOf = ({ verb, resource }: Right) => `${verb} ${resource}`;
  const allowed = (names: readonly string[], is: boolean) =>
    stage.cluster.waitFor(
      async () => {
        const reviewed = rights().filter((right) => names.includes(nameOf(right)));
        return (await Promise.all(reviewed.map(granted))).every((each) => each === is);
      },
      { what: `${names} to be ${is ? "granted" : "gone"}` },
    );
  /** Does something while the ServiceAccount lacks some of its rights. */
  async function without<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const role of roles) {
      const rules = role.rules.flatMap((rule) =>
        rule.resources.map((resource) => ({
          ...{ ...rule, resources: [resource] },
          verbs: rule.verbs.filter((verb) => !names.includes(`${verb} ${resource}`)),
        })),
      );
      await stage.cluster.apply({ ...role, rules: rules.filter(({ verbs }) => verbs.length > 0) });
    }
    await allowed(names, false);
    try {
      return await work();
    } finally {
      for (const role of roles) await stage.cluster.apply(role);
      await allowed(names, true);
    }
  }

  before(async () => {
    stage = await openFleet("gitrights");
    const { cluster, home, git } = stage;
    const component = await readGitComponent(home);
    for (const object of [...(await readBase(home)), ...component]) {
      await applyStrictly(cluster, object);
      if (object.kind.startsWith("Cluster")) cluster.onClose(() => cluster.remove(object, { wait: false }));
    }
    roles = component.filter(({ kind }) => kind === "ClusterRole") as Role[];
    const metadata = { name: "reroll-git", namespace: home };
    await cluster.apply({ apiVersion: "v1", kind: "Secret", metadata, stringData: git.credential } as Named);
    kubeconfig = await tokenKubeconfig(cluster, [home, "reroll"], await stage.file("kubeconfig", ""));
    const all = async () => (await Promise.all(rights().map(granted))).every(Boolean);
    await cluster.waitFor(all, { what: "every right" });
  });
  after(() => stage?.close());

  it("they are enough: changed, committed, applied, restarted", async () => {
    await change();
    const ended = await run();
    assert.deepEqual(outcomes(ended), { web: "restarted", worker: "restarted" }, ended.stdout + ended.stderr);
    assert.deepEqual([ended.exitCode, ended.stderr], [0, ""]);
    quiet(await run());
  });

  it("no right is granted that nothing is known of here", () => {
    assert.deepEqual(rights().map(nameOf).toSorted(), Object.keys(expected).toSorted());
  });

  for (const name of namesOf("owed")) {
    it(`without the right to ${name} nothing is committed, and the missing right is named`, async () => {
      await change();
      const old = await stage.repository.tip();
      const { report, stdout, exitCode } = await without([name], run);
      assert.deepEqual(
        [report.pending.map(({ reason }) => reason), exitCode],
        [["unobserved", "unobserved"], 3],
        stdout,
      );
      assert.match(report.pending[0]?.message ?? "", new RegExp(`${name}\\.`));
      assert.equal(await stage.repository.tip(), old);
    });
  }

  it("without the right to ask Flux it is committed, the missing right is named, and who has it goes on", async () => {
    await change();
    const ended = await without(namesOf("committed"), () => run("1s"));
    assert.deepEqual([outcomes(ended), ended.exitCode], [{ web: "committed", worker: "committed" }, 0]);
    assert.match(ended.stderr, /patch gitrepositories\.source\.toolkit\.fluxcd\.io/);
    const old = await stage.repository.tip();
    const healed = await run();
    assert.deepEqual([outcomes(healed), healed.exitCode], [{ web: "restarted", worker: "restarted" }, 0]);
    assert.equal(await stage.repository.tip(), old);
  });

  it("without all that is for when something goes wrong nobody notices while nothing does", async () => {
    await change();
    const ended = await without(namesOf("unnoticed"), run);
    assert.deepEqual(outcomes(ended), { web: "restarted", worker: "restarted" }, ended.stdout);
    assert.deepEqual([ended.exitCode, ended.stderr], [0, ""]);
  });

  it("who may not look at Flux cannot tell that it failed, and says so", async () => {
    await change();
    const letIn = await refuseStamps(stage.cluster, stage.namespace);
    const gets = namesOf("unnoticed").filter((name) => name.startsWith("get "));
    const blind = await without(gets, () => run("3s"));
    assert.deepEqual([outcomes(blind), blind.exitCode], [{ web: "committed", worker: "committed" }, 0]);
    assert.match(blind.report.outcomes[0]?.message ?? "", /get gitrepositories\.source\.toolkit\.fluxcd\.io/);
    await letIn();
    const seeing = await run();
    assert.deepEqual([outcomes(seeing), seeing.exitCode], [{ web: "restarted", worker: "restarted" }, 0]);
    await stage.repository.fsck();
  });
});
