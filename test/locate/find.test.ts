import assert from "node:assert/strict";
import { test } from "node:test";
import type { Definition, Walk } from "../../src/locate/definition.ts";
import { find } from "../../src/locate/find.ts";
import type { WalkedFacts } from "../../src/locate/walk.ts";
import { deployment, walked } from "../support/walked.ts";

const id = (name: string, namespace = "flux-system") => ({ group: "apps", kind: "Deployment", namespace, name });

const codeOf = (found: ReturnType<typeof find>): string => ("code" in found ? found.code : found.path);

const list = (...entries: string[]): string => `resources:\n${entries.map((each) => `- ${each}\n`).join("")}`;

/** What the search for `web` comes to in a repository. */
function outcome(files: Record<string, string>, changes: Partial<WalkedFacts> = {}): [string, string] {
  const found = find(walked(files, "./apps", changes), id("web"));
  return [codeOf(found), "code" in found ? found.message : ""];
}

test("what is nowhere is refused by the reason that is likeliest, in words that say where to look", () => {
  const rows: [string, Record<string, string>, string, RegExp][] = [
    [
      "nothing",
      { "apps/kustomization.yaml": list() },
      "NOT_FOUND",
      /No file that Kustomization flux-system\/apps reaches/,
    ],
    ["a URL", { "apps/kustomization.yaml": list("https://example.com/x.yaml") }, "REMOTE_BASE", /example\.com/],
    ["SSH", { "apps/kustomization.yaml": list("git@example.com:a/b.git") }, "REMOTE_BASE", /git@example/],
    ["a host", { "apps/kustomization.yaml": list("github.com/a/b?ref=v1") }, "REMOTE_BASE", /ref=v1/],
    ["a chart", { "apps/kustomization.yaml": "helmCharts:\n- name: web\n" }, "GENERATED", /helmCharts of apps/],
    [
      "a generator of config only",
      { "apps/kustomization.yaml": "configMapGenerator:\n- name: x\n" },
      "NOT_FOUND",
      /branch/,
    ],
    [
      "a submodule",
      { "apps/kustomization.yaml": list("../sub/web.yaml"), sub: "submodule" },
      "SUBMODULE",
      /sub is a submodule/,
    ],
    [
      "a link out",
      { "apps/kustomization.yaml": list("web.yaml"), "apps/web.yaml": "-> ../../web.yaml" },
      "OUTSIDE_REPOSITORY",
      /leaves the repository/,
    ],
    [
      "a link inside",
      { "apps/kustomization.yaml": list("web.yaml"), "apps/web.yaml": "-> ../web.yaml" },
      "NOT_IN_ARTIFACT",
      /Flux leaves those out/,
    ],
    [
      "a path out",
      { "apps/kustomization.yaml": list("../../web.yaml") },
      "OUTSIDE_REPOSITORY",
      /outside of the repository/,
    ],
    ["an absolute path", { "apps/kustomization.yaml": list("/etc/web.yaml") }, "OUTSIDE_REPOSITORY", /\/etc/],
    [
      "a missing file",
      { "apps/kustomization.yaml": list("web.yaml") },
      "NOT_FOUND",
      /names web\.yaml, which is not there/,
    ],
    [
      "a broken file",
      { "apps/kustomization.yaml": list("web.yaml"), "apps/web.yaml": "kind: Deployment\n- x" },
      "UNPARSABLE",
      /web\.yaml/,
    ],
    ["a broken kustomization", { "apps/kustomization.yaml": "resources: [" }, "UNPARSABLE", /kustomization\.yaml/],
    ["two kustomizations", { "apps/kustomization.yaml": "", "apps/kustomization.yml": "" }, "UNPARSABLE", /keep one/],
  ];
  for (const [what, files, code, message] of rows) {
    const [found, said] = outcome(files);
    assert.equal(found, code, what);
    assert.match(said, message, what);
  }
});

test("a broken file hides nothing of the others", () => {
  const files = {
    "apps/kustomization.yaml": list("broken.yaml", "web.yaml", "missing.yaml"),
    "apps/broken.yaml": "kind: Deployment\n- x",
    "apps/web.yaml": deployment("web"),
  };
  assert.deepEqual(outcome(files), ["apps/web.yaml", ""]);
  const walk = walked(files, "apps");
  assert.deepEqual(
    walk.problems.map(({ refusal }) => refusal.code),
    ["UNPARSABLE", "NOT_FOUND"],
  );
});

test("two definitions of one object are refused with both places", () => {
  const [code, message] = outcome({
    "apps/a.yaml": deployment("web"),
    "apps/b.yaml": `---\n${deployment("web")}`,
  });
  assert.equal(code, "AMBIGUOUS");
  assert.match(message, /apps\/a\.yaml and apps\/b\.yaml/);
});

/** Names below have `#` where files have `$`. */
const dollars = (name: string): string => name.replaceAll("#", "$");

const unread = { variables: {}, complete: false };
const open = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [`apps/${index}.yaml`, deployment(dollars(name))]));

function byElimination(names: readonly string[], wanted: string, live: readonly string[] = []): string {
  const walk = walked(open(names), "apps", { substitute: unread });
  return codeOf(find(walk, id(wanted), new Set(live.map((name) => `flux-system_${name}_apps_Deployment`))));
}

test("a name with a variable that nobody read is told by elimination", () => {
  const rows: [string[], string, string[], string][] = [
    [["web-#{A}"], "web-x", [], "apps/0.yaml"],
    [["web-#{A}", "web-x"], "web-x", [], "apps/1.yaml"],
    [["web-#{A}", "web-#{B}"], "web-x", [], "AMBIGUOUS"],
    [["#{A}", "web-#{B}"], "web-x", ["web-x", "other"], "apps/1.yaml"],
    [["#{A}", "web-#{B}"], "other", ["web-x", "other"], "apps/0.yaml"],
    [["#{A}", "web-#{B}"], "web-x", ["web-x", "web-y"], "AMBIGUOUS"],
    [["#{A}", "web-#{B}", "plain"], "web-x", ["web-x", "other", "plain"], "apps/1.yaml"],
    [["db-#{A}"], "web-x", [], "NOT_FOUND"],
    [["web-#{A}-x"], "web-x", [], "NOT_FOUND"],
    [["#{A}-b-#{B}-d"], "a-b-c-d", [], "apps/0.yaml"],
    [["#{A}-b-#{B}-d"], "a-b-d", [], "NOT_FOUND"],
  ];
  for (const [names, wanted, live, found] of rows)
    assert.equal(byElimination(names, wanted, live), found, `${names} ${wanted}`);
});

const only = ({ definitions: [first] }: Walk): Definition => {
  assert.ok(first);
  return first;
};

test("variables make names as kustomize-controller makes them", () => {
  const rows: [string, Record<string, string>, string | undefined][] = [
    ["web-#{A}", { A: "x" }, "web-x"],
    ["web-#{A:=y}", { B: "x" }, "web-y"],
    ["web-#{A:-y}", { A: "" }, "web-y"],
    ["web-#{A=y}", { A: "" }, "web-"],
    ["##{A}-web", { A: "x" }, "#{A}-web"],
    ["#A-web", { A: "x" }, "#A-web"],
    ["#{A^^}", { A: "x" }, "X"],
    ["#{A:1:2}", { A: "xyz" }, undefined],
  ];
  for (const [name, variables, built] of rows) {
    const found = only(walked(open([name]), "apps", { substitute: { variables, complete: true } }));
    assert.deepEqual([found.open === undefined, found.original.name], [built !== undefined, dollars(name)]);
    if (built !== undefined) assert.equal(found.built.name, dollars(built));
  }
});

test("substitution is left out where nothing is set, and where the object says so", () => {
  const labels = "  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n";
  const files = { "apps/web.yaml": deployment(dollars("web-#{A}"), "  replicas: 1", labels) };
  const opted = only(walked(files, "apps", { substitute: { variables: { A: "x" }, complete: false } }));
  assert.equal(opted.built.name, dollars("web-#{A}"));
  const empty = only(walked(open(["web-#{A}"]), "apps", { substitute: { variables: {}, complete: true } }));
  assert.equal(empty.built.name, dollars("web-#{A}"));
});
