import assert from "node:assert/strict";
import { test } from "node:test";
import { find } from "../../src/locate/find.ts";
import { deployment, walked } from "../support/walked.ts";

test("a definition is found through overlay and base, with the patches that touch it in order", () => {
  const walk = walked(
    {
      "clusters/a/kustomization.yaml":
        "resources: [../../base]\nnamePrefix: a-\nnamespace: prod\npatches: [{path: p.yaml}]\n",
      "clusters/a/p.yaml": deployment("web", "  replicas: 3"),
      "base/kustomization.yaml": "resources: [web.yaml]\n",
      "base/web.yaml": deployment("web", "  replicas: 1"),
    },
    "./clusters/a",
  );
  const found = find(walk, { group: "apps", kind: "Deployment", namespace: "prod", name: "a-web" });
  assert.ok(!("code" in found));
  assert.deepEqual(
    [found.path, found.chain.map(({ path }) => path), found.patches.map(({ file }) => file), found.original.name],
    ["base/web.yaml", ["clusters/a/kustomization.yaml", "base/kustomization.yaml"], ["clusters/a/p.yaml"], "web"],
  );
  assert.equal((found.value as { spec: { replicas: number } }).spec.replicas, 3);
});
