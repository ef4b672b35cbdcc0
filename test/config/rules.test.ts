import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { rules } from "../../src/config/rules.ts";
import type { OptionPath } from "../../src/config/schema.ts";

interface Row {
  readonly rule: string;
  readonly broken: string;
  readonly kept: string;
  readonly flags?: Partial<Record<OptionPath, string>>;
}

const rows: readonly Row[] = [
  {
    rule: "namespace-wanted-and-ignored",
    broken: "{ namespaces: [a, b], ignoreNamespaces: [b] }",
    kept: "{ namespaces: [a], ignoreNamespaces: [b] }",
  },
  {
    rule: "namespace-wanted-and-ignored",
    broken: "{ ignoreNamespaces: [b] }",
    kept: "{ ignoreNamespaces: [c] }",
    flags: { namespaces: "b" },
  },
  {
    rule: "namespaces-listed-and-selected",
    broken: "{ namespaces: [a], namespaceSelector: team=web }",
    kept: "{ namespaces: [a], namespaceSelector: '' }",
  },
  {
    rule: "every-source-ignored",
    broken: "{ ignoreSources: [configmaps, secrets, secretproviderclasses] }",
    kept: "{ ignoreSources: [configmaps, secrets] }",
  },
  {
    rule: "every-workload-ignored",
    broken: "{ ignoreWorkloads: [deployments, statefulsets, daemonsets, cronjobs, jobs, rollouts, deploymentconfigs] }",
    kept: "{ ignoreWorkloads: [deployments, statefulsets] }",
  },
  {
    rule: "kind-known-already",
    broken: "{ kinds: [apps/v1 Deployment] }",
    kept: "{ kinds: [apps.kruise.io/v1beta1 StatefulSet] }",
  },
  {
    rule: "kind-known-already",
    broken: "{ kinds: [apps.kruise.io/v1alpha1 CloneSet, { apiVersion: apps.kruise.io/v1beta1, kind: CloneSet }] }",
    kept: "{ kinds: [apps.kruise.io/v1alpha1 CloneSet] }",
  },
  {
    rule: "unknown-workload-kind",
    broken: "{ ignoreWorkloads: [deploymnets] }",
    kept: "{ ignoreWorkloads: [deployments, sts] }",
  },
  {
    rule: "unknown-workload-kind",
    broken: "{ strategies: { Widget: rollout } }",
    kept: "{ strategies: { Deployment: rollout } }",
  },
  {
    rule: "unknown-strategy",
    broken: "{ strategies: { Deployment: restart } }",
    kept: "{ strategies: { deployments: rollout } }",
  },
  {
    rule: "run-shorter-than-rollout",
    broken: "{ timeouts: { run: 10m, rollout: 11m } }",
    kept: "{ timeouts: { run: 10m, rollout: 10m } }",
  },
  {
    rule: "git-without-repositories",
    broken: "{ mode: git, git: { repositories: [] } }",
    kept: "{ git: { repositories: [] } }",
  },
  {
    rule: "git-message-not-filled-in",
    broken: "{ git: { message: 'restart {workload}' } }",
    kept: "{ git: { message: 'restart {workloads} for {sources}' } }",
  },
  {
    rule: "git-message-not-filled-in",
    broken: "{ git: { message: 'restart {workloads} of {cluster}' } }",
    kept: "{ git: { message: 'restart {workloads} of {cluster}', cluster: home } }",
  },
  {
    rule: "run-shorter-than-await",
    broken: "{ git: { await: 11m }, timeouts: { run: 10m } }",
    kept: "{ timeouts: { run: 90s } }",
  },
  {
    rule: "run-shorter-than-git-call",
    broken: "{ git: { await: 0s, timeout: 90s }, timeouts: { run: 1m } }",
    kept: "{ timeouts: { run: 20s } }",
  },
  {
    rule: "references-of-ignored-sources",
    broken: "{ git: { reconcileReferences: true }, ignoreSources: [configmaps, secrets] }",
    kept: "{ git: { reconcileReferences: true }, ignoreSources: [secrets] }",
  },
  {
    rule: "annotation-key-used-twice",
    broken: "{ annotationKeys: { auto: x/a, search: x/a } }",
    kept: "{ annotationKeys: { auto: x/a, ignore: x/a } }",
  },
  {
    rule: "annotation-key-used-twice",
    broken: "{ annotationKeys: { auto: reroll.dev/search } }",
    kept: "{ annotationKeys: { auto: reroll.dev/auto } }",
  },
];

function brokenBy(fileText: string, flags: Row["flags"] = {}): string[] {
  const loaded = loadConfig({ fileText, env: {}, flags, facts: {} });
  return "problems" in loaded ? [...new Set(loaded.problems.map(({ code }) => code))] : [];
}

for (const { rule, broken, kept, flags } of rows) {
  test(`${rule}: refuses ${broken}, takes ${kept}`, () => {
    assert.deepEqual(brokenBy(broken, flags), [rule]);
    assert.deepEqual(brokenBy(kept, flags), []);
  });
}

test("-n may narrow what a selector selects", () => {
  assert.deepEqual(brokenBy("{ namespaceSelector: team=web }", { namespaces: "a" }), []);
});

test("every rule has a row here", () => {
  assert.deepEqual(new Set(rows.map(({ rule }) => rule)), new Set(rules.map(({ name }) => name)));
});
