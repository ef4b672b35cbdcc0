/** The manifests of docs/ways on a real API server: all of them by dry run, and the rights they grant by using them. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { execute } from "../../src/execute.ts";
import { configMap } from "../support/manifests.ts";
import { type Page, readPages } from "../support/pages.ts";
import { openCluster } from "./harness/client.ts";
import { type Named, pathOf } from "./harness/paths.ts";
import { rolledOut, workload } from "./harness/workloads.ts";
import { applyStrictly, manifestsOf, movedTo, readBase, suspended, tokenKubeconfig } from "./support/base.ts";

const cluster = openCluster();
const scratch = await mkdtemp(join(tmpdir(), "reroll-ways-"));
after(async () => {
  await cluster.close();
  await rm(scratch, { recursive: true, force: true });
});
const home = await cluster.createNamespace("reroll");
const pages = readPages().filter(({ path }) => path.startsWith("docs/ways/"));

/** What a page would have the API server keep, its namespaces replaced by those of this test. */
function objectsOf({ fences }: Page, names: Readonly<Record<string, string>>): Named[] {
  const all = fences
    .filter(({ language }) => language === "yaml")
    .flatMap(({ lines }) => manifestsOf(lines.join("\n")))
    .filter(({ apiVersion, kind }) => apiVersion && kind && kind !== "Kustomization");
  return suspended(movedTo(names, all));
}

const pageOf = (name: string): Page => {
  const found = pages.find(({ path }) => path === `docs/ways/${name}.md`);
  assert.ok(found, name);
  return found;
};

async function reroll(kubeconfig: string, env: Readonly<Record<string, string>>, ...argv: string[]) {
  const written: string[] = [];
  const never = new AbortController().signal;
  const exitCode = await execute([...argv, "--log-level", "error"], {
    env: { ...env, KUBECONFIG: kubeconfig, POD_NAME: "reroll-1" },
    pid: 1,
    versions: process.versions,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    stdout: (text) => written.push(text),
    stderr: (text) => written.push(text),
    stop: never,
    hardEnd: never,
  });
  return { exitCode, text: written.join("") };
}

describe("the manifests of docs/ways", () => {
  const base = new Map<string, Named>();
  let shop = "";

  before(async () => {
    shop = await cluster.createNamespace("shop");
    for (const object of await readBase(home)) {
      if (object.kind.startsWith("Cluster")) continue;
      await applyStrictly(cluster, object);
      base.set(`${object.kind}/${object.metadata.name}`, object);
    }
  });

  for (const page of pages) {
    it(`${page.path}: the API server accepts all of them, patches on top of cronjob/`, async () => {
      for (const object of objectsOf(page, { shop, "reroll-system": home })) {
        const { kind, metadata } = object;
        if (!(metadata.namespace === home && base.has(`${kind}/${metadata.name}`))) {
          await applyStrictly(cluster, object, true);
          continue;
        }
        // kustomize merges strategically, as the API server does.
        const { status, body } = await cluster.request(
          "PATCH",
          `${pathOf(object)}?dryRun=All&fieldValidation=Strict`,
          object,
          { "content-type": "application/strategic-merge-patch+json" },
        );
        assert.equal(status, 200, `${kind}/${metadata.name}: ${JSON.stringify(body)}`);
      }
    });
  }
});

/** Pages that grant rights in one namespace: who gets them, and how reroll is told where it works. */
const grants = [
  { page: "namespaced-tenant", account: "reroll", args: (config: string) => ["--config", config] },
  { page: "ci-step", account: "pipeline", args: (_config: string, shop: string) => ["-n", shop] },
] as const;

for (const { page, account, args } of grants) {
  describe(`the rights of docs/ways/${page}.md`, () => {
    let shop = "";
    let run: (...argv: string[]) => ReturnType<typeof reroll>;

    before(async () => {
      shop = await cluster.createNamespace("shop");
      const objects = objectsOf(pageOf(page), { shop });
      for (const object of objects) await applyStrictly(cluster, object);
      const kubeconfig = await tokenKubeconfig(cluster, [shop, account], join(scratch, `${page}.kubeconfig`));
      const config = objects.find(({ kind }) => kind === "ConfigMap") as { data?: Record<string, string> } | undefined;
      const file = join(scratch, `${page}.yaml`);
      await writeFile(file, config?.data?.["reroll.yaml"] ?? "");
      run = (...argv) => reroll(kubeconfig, { REROLL_STATE_NAMESPACE: shop }, ...argv, ...args(file, shop));
    });

    it("are all that reroll needs, from first run to restart", async () => {
      await cluster.waitFor(async () => (await run("doctor")).exitCode === 0, { what: "doctor to find every right" });
      const settings = (a: string) => ({
        ...configMap("settings", { a }),
        metadata: { name: "settings", namespace: shop },
      });
      const target = workload("Deployment", shop, "web", {
        annotations: { "reloader.stakater.com/auto": "true" },
        container: { envFrom: [{ configMapRef: { name: "settings" } }] },
      });
      await cluster.apply(settings("1") as Named);
      await cluster.apply(target);
      await rolledOut(cluster, target);
      const first = await run("run");
      assert.equal(first.exitCode, 0, first.text);
      await cluster.apply(settings("2") as Named);
      const second = await run("run");
      assert.equal(second.exitCode, 0, second.text);
      assert.match(second.text, new RegExp(`restarted +Deployment/${shop}/web `));
    });
  });
}
