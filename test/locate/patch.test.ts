import assert from "node:assert/strict";
import { test } from "node:test";
import type { Definition } from "../../src/locate/definition.ts";
import { matchesLabels } from "../../src/locate/selector.ts";
import { deployment, walked } from "../support/walked.ts";

const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, labels: {tier: front}}
spec: {values: {a: 1, b: 2}, postRenderers: [{kustomize: {}}]}
`;

/** The HelmRelease `web` and the Deployment `web`, with some entries in `patches`. */
function patched(patches: string, files: Record<string, string> = {}) {
  const walk = walked(
    {
      "apps/kustomization.yaml": `resources: [all.yaml]\nnamespace: shop\nnamePrefix: p-\npatches:\n${patches}`,
      ...{ "apps/all.yaml": `${release}---\n${deployment("web")}`, ...files },
    },
    "apps",
  );
  const of = (kind: string): Definition | undefined => walk.definitions.find(({ original }) => original.kind === kind);
  return { walk, release: of("HelmRelease"), deployment: of("Deployment") };
}

const spec = (definition: Definition | undefined): Record<string, unknown> =>
  (definition?.value as { spec: Record<string, unknown> } | undefined)?.spec ?? {};

const entry = (target: string, patch: string): string =>
  `- target: {${target}}\n  patch: |-\n    ${patch.replaceAll("\n", "\n    ")}\n`;

const merge = (kind: string, body: string, name = "x"): string =>
  `apiVersion: ${kind === "Deployment" ? "apps/v1" : "helm.toolkit.fluxcd.io/v2"}\nkind: ${kind}\nmetadata: {name: ${name}}\n${body}`;

test("lists of a custom kind are replaced, its maps merge, null takes away", () => {
  const body = "spec: {postRenderers: [{other: {}}], values: {a: null, c: 3}}";
  const found = patched(entry("kind: HelmRelease", merge("HelmRelease", body)));
  assert.deepEqual(spec(found.release), { postRenderers: [{ other: {} }], values: { b: 2, c: 3 } });
  assert.deepEqual(spec(found.deployment), { replicas: 1 });
  assert.deepEqual(
    found.release?.patches.map(({ kustomization, field, index, file, form, targeted }) => [
      kustomization,
      field,
      index,
      file,
      form,
      targeted,
    ]),
    [["apps/kustomization.yaml", "patches", 0, undefined, "merge", true]],
  );
});

test("lists are merged by key in kinds of Kubernetes alone", () => {
  const body = (kind: string): string => merge(kind, "spec: {volumes: [{name: b, x: 2}, {name: c}]}");
  const before = "spec: {volumes: [{name: a}, {name: b, y: 1}]}";
  const files = { "apps/all.yaml": `${merge("HelmRelease", before)}\n---\n${merge("Deployment", before)}` };
  const found = patched(
    ["HelmRelease", "Deployment"].map((kind) => entry(`kind: ${kind}`, body(kind))).join(""),
    files,
  );
  assert.deepEqual(spec(found.release).volumes, [{ name: "b", x: 2 }, { name: "c" }]);
  assert.deepEqual(spec(found.deployment).volumes, [{ name: "b", y: 1, x: 2 }, { name: "c" }, { name: "a" }]);
});

test("an overlay selects what a base has prefixed by both names", () => {
  for (const [name, hit] of [
    ["web", true],
    ["b-web", true],
    ["o-b-web", false],
  ] as const) {
    const walk = walked(
      {
        "apps/kustomization.yaml": `namePrefix: o-\nresources: [base]\npatches:\n${entry(`name: ${name}`, "[{op: add, path: /spec/hit, value: 1}]")}`,
        "apps/base/kustomization.yaml": "namePrefix: b-\nresources: [web.yaml]\n",
        "apps/base/web.yaml": deployment("web"),
      },
      "apps",
    );
    assert.equal("hit" in spec(walk.definitions[0]), hit, name);
    assert.deepEqual(
      walk.definitions[0]?.chain.map(({ entered }) => entered.name),
      ["b-web", "web"],
    );
  }
});

test("a target selects by whole names as written or as they are by now, never by those that come later", () => {
  const operation = "[{op: add, path: /spec/hit, value: true}]";
  const rows: [string, boolean][] = [
    ["name: web", true],
    ["name: w.b", true],
    ["name: we", false],
    ["name: p-web", false],
    ["kind: Helm.*", true],
    ["group: helm.toolkit.fluxcd.io, version: v2", true],
    ["version: v1", false],
    ["namespace: default", true],
    ["namespace: shop", false],
    ["labelSelector: tier=front", true],
    ["labelSelector: tier notin (back)", true],
    ["labelSelector: '!tier'", false],
    ["annotationSelector: any", false],
  ];
  for (const [target, hit] of rows) assert.equal("hit" in spec(patched(entry(target, operation)).release), hit, target);
});

test("a patch without a target needs name, version and namespace of its object", () => {
  const rows: [string, boolean][] = [
    [merge("Deployment", "spec: {replicas: 2}", "web"), true],
    [merge("Deployment", "spec: {replicas: 2}", "p-web"), false],
    [merge("Deployment", "spec: {replicas: 2}", "web").replace("apps/v1", "apps/v2"), false],
    [merge("Deployment", "spec: {replicas: 2}", "web, namespace: shop"), false],
    [merge("Deployment", "spec: {replicas: 2}", "web, namespace: default"), true],
  ];
  for (const [text, hit] of rows) {
    const found = patched("- path: p.yaml\n", { "apps/p.yaml": text });
    assert.equal(spec(found.deployment).replicas, hit ? 2 : 1, text);
    assert.deepEqual(
      found.deployment?.patches.map(({ file, targeted }) => [file, targeted]),
      hit ? [["apps/p.yaml", false]] : [],
    );
  }
});

test("a patch may take an object away, and renames one only by permission", () => {
  const gone = patched(entry("kind: Deployment", merge("Deployment", "$patch: delete")));
  assert.deepEqual([gone.deployment, gone.release?.built.name], [undefined, "p-web"]);
  const kept = patched(entry("kind: Deployment", merge("Deployment", "spec: {replicas: 2}", "renamed")));
  assert.equal(kept.deployment?.built.name, "p-web");
  const allowed = `${entry("kind: Deployment", merge("Deployment", "spec: {}", "renamed"))}  options: {allowNameChange: true}\n`;
  assert.equal(patched(allowed).deployment?.built.name, "p-renamed");
});

test("what a patch cannot do is a problem that says where, and a doubt of its object", () => {
  const rows: [string, RegExp, number][] = [
    [entry("kind: Deployment", "[{op: remove, path: /spec/absent}]"), /refuses, entry 1 of patches/, 1],
    [entry("kind: Deployment", "[{op: add, path: /spec/__proto__/x, value: 1}]"), /refuses, entry 1/, 1],
    [entry("kind: Deployment", `[${"{op: copy, from: /spec, path: /spec/a}, ".repeat(40)}]`), /copies more than 8/, 1],
    [entry("kind: Deployment", "just text"), /cannot be read, entry 1 of patches: it is neither/, 0],
    [entry("kind: '*'", "[]"), /kind of its target is no regular expression/, 0],
    ["- path: absent.yaml\n", /absent\.yaml is not there/, 0],
  ];
  for (const [patches, message, doubts] of rows) {
    const { walk, deployment: found } = patched(patches);
    assert.match(walk.problems[0]?.refusal.message ?? "", message);
    assert.deepEqual([found?.doubts.length, found?.patches], [doubts, []], patches);
  }
  assert.equal(({} as { x?: unknown }).x, undefined);
});

test("patches of the Flux Kustomization come after those of the file, and say so", () => {
  const files = {
    "apps/kustomization.yaml": `resources: [web.yaml]\npatches:\n${entry("kind: Deployment", "[{op: replace, path: /spec/replicas, value: 2}]")}`,
    "apps/web.yaml": deployment("web"),
  };
  const patch = "[{op: test, path: /spec/replicas, value: 2}, {op: replace, path: /spec/replicas, value: 3}]";
  const walk = walked(files, "apps", { patches: [{ target: { kind: "Deployment" }, patch }] });
  const [found] = walk.definitions;
  assert.equal(spec(found).replicas, 3);
  assert.deepEqual(
    found?.patches.map(({ kustomization, index }) => [kustomization, index]),
    [
      ["apps/kustomization.yaml", 0],
      [undefined, 0],
    ],
  );
  assert.equal(spec({ value: found?.written } as Definition).replicas, 1);
});

test("label selectors read as Kubernetes reads them", () => {
  const labels = { app: "web", "a.b/c": "" };
  const rows: [string, boolean][] = [
    ["", true],
    ["app", true],
    ["!app", false],
    ["app=web,a.b/c=", true],
    ["app==web", true],
    ["app != web", false],
    ["absent!=x", true],
    ["app in (api, web),!absent", true],
    ["absent in (x)", false],
    ["absent notin (x)", true],
    ["app web", false],
    ["constructor", false],
  ];
  for (const [selector, matches] of rows) assert.equal(matchesLabels(selector, labels), matches, selector);
});
