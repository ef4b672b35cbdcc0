import assert from "node:assert/strict";
import type { Manifest } from "../../src/demo/direct.ts";
import type { GitHttpServer } from "./git/http-backend.ts";
import { type GitWorld, startGitWorld } from "./git-world.ts";
import { configMap } from "./manifests.ts";
import type { Ran } from "./world.ts";

/** Two workloads of one repository, each with a source of its own. */
const names = ["api", "web"] as const;
export const fleet = names.map((name) => `Deployment/shop/${name}`);

/** A Deployment as it is written in Git. */
export function deploymentFile(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
  annotations:
    reloader.stakater.com/auto: "true"
spec:
  replicas: 1
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
        - name: app
          image: example.org/${name}:1   # pinned
          envFrom: [{configMapRef: {name: ${name}-config}}]
`;
}

export const fleetFiles = {
  "apps/kustomization.yaml": "resources:\n  - api.yaml\n  - web.yaml\n",
  ...Object.fromEntries(names.map((name) => [`apps/${name}.yaml`, deploymentFile(name)])),
};

/** The sources of both. */
export function fleetSources(content: string): Manifest[] {
  return names.map((name) => configMap(`${name}-config`, { COLOUR: content }));
}

/** Both in a world that has been run once; their sources are `red`. */
export async function startGitFleet(...given: [Parameters<typeof startGitWorld>[2]?]): Promise<GitWorld> {
  const world = await startGitWorld(fleetFiles, fleetSources("red"), ...given);
  await world.run();
  world.world.time.advance(60_000);
  return world;
}

/** Fails unless every pod runs that content. */
export function assertRuns({ world }: GitWorld, content: string): void {
  for (const name of names) {
    const views = world.views(name);
    assert.ok(views.length > 0, `${name} has no pods`);
    for (const view of views) assert.equal(view[`ConfigMap/${name}-config`]?.COLOUR, content, name);
  }
}

/** Fails unless a run finds nothing to do, writes nothing but its Lease, and asks no Git server. */
export async function assertGitAtRest({ world, server, run }: GitWorld): Promise<void> {
  world.time.advance(2 * 60_000);
  const asked = server.requests.length;
  const { restarted, actions, pending, outcomes, exitCode, requests } = await run({ identity: "last" });
  const writes = requests.filter(({ method, resource }) => method !== "GET" && resource !== "leases");
  const rest = { restarted, actions, pending, outcomes, exitCode, writes, git: server.requests.length - asked };
  assert.deepEqual(rest, { restarted: [], actions: [], pending: [], outcomes: [], exitCode: 0, writes: [], git: 0 });
}

/** `committed Committed`, `deferred BranchMoved`: what became of each workload, in their order. */
export const verdicts = ({ outcomes }: Pick<Ran, "outcomes">) =>
  outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`).sort();

/** What was asked of a server since; `true` where that was only to read. */
export const requestsSince = ({ requests }: GitHttpServer, asked: number) =>
  requests.slice(asked).map(({ path }) => path.replace(/^.*(git-[a-z]+-pack)$/, "$1"));
