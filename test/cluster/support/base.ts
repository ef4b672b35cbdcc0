import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { TestClient } from "../harness/client.ts";
import { readKubeconfig, renderKubeconfig } from "../harness/kubeconfig.ts";
import { type Named, pathOf } from "../harness/paths.ts";

/** As much of a CronJob as tests look at. */
export interface Job {
  spec: { jobTemplate: { spec: Record<string, unknown> }; suspend?: boolean };
}

const folder = fileURLToPath(new URL("../../../cronjob/", import.meta.url));

/** What the base of cronjob/ is built from. */
const baseFiles = async () =>
  (await readdir(folder)).filter((file) => /\.yaml$/.test(file) && file !== "kustomization.yaml");

/** The base of cronjob/ in a namespace of a test, so that it can be applied next to other tests; its CronJob is suspended. */
export async function readBase(home: string): Promise<Named[]> {
  const all = await readHere(home, await baseFiles(), home);
  // Namespaces first, as kustomize orders them.
  return suspended(all).sort((a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"));
}

/** The same of the component for git mode, which comes beside the base. */
export function readGitComponent(home: string): Promise<Named[]> {
  return readHere(home, ["components/git/rbac.yaml"], `${home}-git`);
}

/** Manifests that are moved to a namespace; what is in none of them is called `wide`. */
async function readHere(home: string, files: readonly string[], wide: string): Promise<Named[]> {
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const all = movedTo({ "reroll-system": home }, texts.flatMap(manifestsOf));
  for (const object of all as (Named & { roleRef?: { name: string } })[]) {
    if (!object.kind.startsWith("Cluster")) continue;
    object.metadata.name = wide;
    if (object.roleRef) object.roleRef.name = wide;
  }
  return all;
}

/** The documents of a YAML text. */
export function manifestsOf(text: string): Named[] {
  return parseAllDocuments(text).map((document) => document.toJS() as Named);
}

/** The same with other names for namespaces. */
export function movedTo<T>(names: Readonly<Record<string, string>>, objects: T): T {
  const text = Object.entries(names).reduce(
    (moved, [from, to]) =>
      moved.replaceAll(JSON.stringify(from), JSON.stringify(to)).replaceAll(`[${from}]`, `[${to}]`),
    JSON.stringify(objects),
  );
  return JSON.parse(text) as T;
}

/** The same, and no CronJob of it starts anything. */
export function suspended(objects: Named[]): Named[] {
  for (const object of objects.filter(({ kind }) => kind === "CronJob") as (Named & Job)[]) object.spec.suspend = true;
  return objects;
}

/** Applies an object as `kubectl apply --server-side --validate=strict` does; with `dryRun` the server decides everything and keeps nothing. */
export async function applyStrictly(cluster: TestClient, object: Named, dryRun = false): Promise<void> {
  const query = `fieldManager=test&force=true&fieldValidation=Strict${dryRun ? "&dryRun=All" : ""}`;
  const { status, body } = await cluster.request("PATCH", `${pathOf(object)}?${query}`, object, {
    "content-type": "application/apply-patch+yaml",
  });
  assert.ok(status < 300, `${object.kind}/${object.metadata.name}: ${JSON.stringify(body)}`);
}

/** Writes a kubeconfig with a token of a service account, and gives its path. */
export async function tokenKubeconfig(
  cluster: TestClient,
  [namespace, account]: readonly [string, string],
  file: string,
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
  const { body } = await cluster.request<{ status: { token: string } }>("POST", path, { spec: {} });
  const { server, authority } = readKubeconfig(process.env.REROLL_TEST_KUBECONFIG ?? "");
  await writeFile(file, renderKubeconfig({ server, authority, token: body.status.token }), { mode: 0o600 });
  return file;
}
