import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Policy } from "../../src/model/policy.ts";
import {
  type Annotations,
  auto,
  configMap,
  deployment,
  envFrom,
  envKeys,
  namespace,
  secret,
  workload,
} from "../support/manifests.ts";
import { startKnownWorld } from "../support/world.ts";

interface Row {
  readonly claim: string;
  /** Annotations of the workload, of its template and of the source. */
  readonly on?: Annotations;
  readonly template?: Annotations;
  readonly source?: Annotations;
  readonly policy?: Partial<Policy>;
  /** How the template uses the ConfigMap `settings`; all of it where nothing is said. */
  readonly uses?: "a key that does not change" | "not at all";
  /** `restart`, or the reason of the skip; `silent`: not even that. */
  readonly expect: string;
}

const stakater = (key: string, value: string): Annotations => ({ [key.replace("@", "reloader.stakater.com")]: value });
const search = stakater("@/search", "true");
const named = (list: string) => stakater("configmap.@/reload", list);
const excludes = stakater("configmaps.exclude.@/reload", "settings");
const autoOff = stakater("@/auto", "false");

/** Who is meant by a change of the ConfigMap `settings`, from the annotation to the rollout: a new row is a new way to ask. */
const rows: readonly Row[] = [
  { claim: "asks for nothing", expect: "not-opted-in" },
  { claim: "auto", on: auto, expect: "restart" },
  { claim: "auto by our own alias", on: { "reroll.dev/auto": "true" }, expect: "restart" },
  { claim: "auto on the pod template", template: auto, expect: "restart" },
  {
    claim: "auto under a configured key",
    on: { "example.com/a": "true" },
    policy: { annotationKeys: { auto: "example.com/a" } },
    expect: "restart",
  },
  { claim: "auto for ConfigMaps", on: stakater("configmap.@/auto", "true"), expect: "restart" },
  { claim: "auto for Secrets only", on: stakater("secret.@/auto", "true"), expect: "not-opted-in" },
  { claim: "auto, and the source is not used", on: auto, uses: "not at all", expect: "silent" },
  { claim: "auto, and the key is not used", on: auto, uses: "a key that does not change", expect: "keys-not-used" },
  {
    claim: "auto without per-key precision",
    on: { ...auto, "reroll.dev/per-key": "false" },
    uses: "a key that does not change",
    expect: "restart",
  },
  {
    claim: "auto, per-key precision off for all",
    on: auto,
    policy: { perKey: false },
    uses: "a key that does not change",
    expect: "restart",
  },
  { claim: "auto-reload-all", policy: { autoReloadAll: true }, expect: "restart" },
  { claim: "auto-reload-all, but not this one", on: autoOff, policy: { autoReloadAll: true }, expect: "auto-off" },
  {
    claim: "a list with its name, not used at all",
    on: named("other, settings"),
    uses: "not at all",
    expect: "restart",
  },
  { claim: "a list with a pattern", on: named("set.*"), expect: "restart" },
  {
    claim: "a list watches the whole source",
    on: named("settings"),
    uses: "a key that does not change",
    expect: "restart",
  },
  { claim: "a list of others", on: named("other"), expect: "not-named" },
  { claim: "a list decides although auto is off", on: { ...autoOff, ...named("settings") }, expect: "restart" },
  { claim: "auto, excluded by name", on: { ...auto, ...excludes }, expect: "excluded" },
  { claim: "a list, excluded by name", on: { ...named("settings"), ...excludes }, expect: "excluded" },
  { claim: "search, and the source says match", on: search, source: stakater("@/match", "true"), expect: "restart" },
  { claim: "search, and the source says nothing", on: search, expect: "no-match" },
  {
    claim: "auto, and the source says ignore",
    on: auto,
    source: stakater("@/ignore", "true"),
    expect: "source-ignored",
  },
  {
    claim: "a list, and the source says ignore",
    on: named("settings"),
    source: stakater("@/ignore", "true"),
    expect: "source-ignored",
  },
  {
    claim: "auto narrowed to Secrets by kind",
    on: { ...auto, ...stakater("@/kind", "secret") },
    expect: "kind-narrowed-out",
  },
  {
    claim: "auto narrowed to Secrets by match",
    on: { ...auto, ...stakater("@/match", "secret") },
    expect: "kind-narrowed-out",
  },
  { claim: "auto narrowed to both", on: { ...auto, ...stakater("@/match", "configmap|secret") }, expect: "restart" },
  { claim: "auto, ConfigMaps left out", on: auto, policy: { ignoreSources: ["ConfigMap"] }, expect: "silent" },
  { claim: "auto, Deployments left out", on: auto, policy: { ignoreWorkloads: ["Deployment"] }, expect: "silent" },
  {
    claim: "auto, and the selector leaves the source out",
    on: auto,
    policy: { selector: "watched=yes" },
    expect: "silent",
  },
  {
    claim: "auto, and the selector takes the source in",
    on: auto,
    policy: { selector: "watched!=yes" },
    expect: "restart",
  },
];

describe("who restarts when a ConfigMap changes", () => {
  for (const { claim, on = {}, template = {}, source = {}, policy = {}, uses, expect } of rows) {
    it(`${claim}: ${expect}`, async () => {
      const plain = envFrom(["ConfigMap", "settings"]);
      const pod = uses === "not at all" ? {} : uses ? envKeys("ConfigMap", "settings", ["b"]) : plain;
      const before = configMap("settings", { a: "1", b: "1" }, { annotations: source });
      const after = configMap("settings", { a: "2", b: "1" }, { annotations: source });
      // Of another kind and opted in, so that the source is known whatever the workload in question says.
      const witness = workload("witness", { kind: "StatefulSet", pod: plain });
      const asked = workload("web", { pod, annotations: on, template: { annotations: template } });
      await using world = await startKnownWorld([before, [witness, asked]]);
      await world.run({ policy });
      world.put(after);
      const ran = await world.run({ policy });
      const own = ran.skips.filter(({ workload: { name } }) => name === "web").map(({ reason }) => reason);
      const restarted = ran.restarted.includes("Deployment/shop/web");
      assert.deepEqual(
        [restarted, own],
        [expect === "restart", expect === "restart" || expect === "silent" ? [] : [expect]],
      );
    });
  }
});

describe("a workload that asks no more while a restart is owed, and asks again later", () => {
  for (const [what, first, expected] of [
    ["with a stamp: is compared with that", ["2"], [`Deployment/${namespace}/web`]],
    ["without one: is seen for the first time", [], []],
  ] as const) {
    it(what, async () => {
      await using world = await startKnownWorld([
        configMap("settings"),
        deployment("web", envFrom(["ConfigMap", "settings"])),
      ]);
      const annotate = (annotations: Readonly<Record<string, string | null>>) =>
        world.cluster.api.patch("Deployment", namespace, "web", { metadata: { annotations } });
      const [askKey = ""] = Object.keys(auto);
      for (const value of first) {
        world.put(configMap("settings", { a: value }));
        assert.equal((await world.run()).restarted.length, 1);
      }
      annotate({ "reroll.dev/paused": "true" });
      world.put(configMap("settings", { a: "3" }));
      assert.deepEqual(
        (await world.run()).pending.map(({ reason }) => reason),
        ["paused-by-annotation"],
      );
      annotate({ "reroll.dev/paused": null, [askKey]: null });
      const silent = await world.run();
      assert.deepEqual([silent.pending, silent.restarted], [[], []]);
      annotate(auto);
      assert.deepEqual((await world.run()).restarted, expected);
      assert.deepEqual((await world.run()).restarted, []);
    });
  }
});

describe("sources that stay out", () => {
  const release = { type: "helm.sh/release.v1" };

  it("a Secret of machinery counts only where a list names it", async () => {
    const pod = envFrom(["Secret", "release"]);
    const naming = workload("named", { pod, annotations: stakater("secret.@/reload", "release") });
    const asking = [workload("web", { pod }), naming];
    await using world = await startKnownWorld([{ ...secret("release"), ...release }, asking]);
    world.put({ ...secret("release", { a: "2" }), ...release });
    assert.deepEqual((await world.run()).restarted, ["Deployment/shop/named"]);
  });

  it("a source of the same name in another namespace is another source", async () => {
    const elsewhere = (a: string) => configMap("settings", { a }, { namespace: "elsewhere" });
    const web = workload("web", { pod: envFrom(["ConfigMap", "settings"]) });
    const list = workload("list", { annotations: named("settings") });
    await using world = await startKnownWorld([
      [configMap("settings"), elsewhere("1")],
      [web, list],
    ]);
    world.put(elsewhere("2"));
    assert.deepEqual((await world.run()).restarted, []);
  });
});
