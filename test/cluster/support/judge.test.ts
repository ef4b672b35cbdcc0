/** The judge of the scenarios has to see what it is there for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deployment, envFrom, envKeys } from "../../support/manifests.ts";
import type { PodLife, SourceMoment, WorkloadMoment } from "./chronicle.ts";
import { missed, needless, readsOf } from "./judge.ts";

const config = (revision: number, a: string | undefined): SourceMoment => ({
  revision,
  content: a === undefined ? undefined : new Map([["a", a]]),
});
const whole = deployment("web", envFrom(["ConfigMap", "settings"]));
const template = (whole.spec as { template: unknown }).template;
const web = (revision: number, stamp: string, more: Partial<WorkloadMoment> = {}): WorkloadMoment => ({
  revision,
  gone: false,
  paused: false,
  annotations: stamp,
  rest: "1",
  template,
  ...more,
});
const pod = (created: number): PodLife => ({
  app: "shop/web",
  name: `web-${created}`,
  created,
  leaving: false,
  gone: false,
});
const evidence = (sources: SourceMoment[], workloads: WorkloadMoment[], ...pods: PodLife[]) => ({
  sources: new Map([["shop/ConfigMap/settings", sources]]),
  workloads: new Map([["shop/Deployment/web", workloads]]),
  pods: new Map(pods.map((each) => [each.name, each])),
});
const runs = [
  { from: 3, to: 4, complete: true },
  { from: 10, to: 20, complete: true },
  { from: 30, to: 40, complete: true },
];

describe("the judge", () => {
  it("misses nothing where the pod started after the last change", () => {
    assert.deepEqual(missed(evidence([config(1, "1"), config(5, "2")], [web(2, "")], pod(6))), []);
  });
  it("sees a pod that started before it", () => {
    assert.match(
      missed(evidence([config(1, "1"), config(5, "2")], [web(2, "")], pod(4))).join(),
      /before ConfigMap\/settings/,
    );
  });
  it("leaves pods alone that are on their way out, workloads that are gone, and sources that are gone", () => {
    const old = { ...pod(4), leaving: true };
    assert.deepEqual(missed(evidence([config(1, "1"), config(5, "2")], [web(2, "")], old)), []);
    assert.deepEqual(missed(evidence([config(1, "1"), config(5, "2")], [web(2, "", { gone: true })], pod(4))), []);
    assert.deepEqual(missed(evidence([config(1, "1"), config(5, undefined)], [web(2, "")], pod(4))), []);
  });
  it("does not mind a value that came back", () => {
    assert.deepEqual(missed(evidence([config(1, "1"), config(5, "2"), config(7, "1")], [web(2, "")], pod(4))), []);
  });
  it("allows one restart for a change", () => {
    const sources = [config(1, "1"), config(5, "2")];
    assert.deepEqual(needless(evidence(sources, [web(2, ""), web(12, "x")]), runs), []);
    assert.deepEqual(
      needless(
        evidence(sources, [web(2, ""), web(32, "x")]),
        [runs[0], runs[2]].flatMap((run) => run ?? []),
      ),
      [],
    );
  });
  for (const [claim, sources, moments, expected] of [
    ["without any change", [config(1, "1")], [web(2, ""), web(12, "x")], /without a change since 3/],
    [
      "for a write that changed nothing",
      [config(1, "1"), config(5, "1")],
      [web(2, ""), web(12, "x")],
      /without a change/,
    ],
    [
      "twice in one run",
      [config(1, "1"), config(5, "2"), config(13, "3")],
      [web(2, ""), web(12, "x"), web(14, "y")],
      /twice/,
    ],
    ["again in the next run", [config(1, "1"), config(5, "2")], [web(2, ""), web(12, "x"), web(32, "y")], /since 10/],
    ["outside of any run", [config(1, "1"), config(5, "2")], [web(2, ""), web(25, "x")], /no run was at work/],
    [
      "for a value that came back before the run",
      [config(1, "1"), config(5, "2"), config(7, "1")],
      [web(2, ""), web(12, "x")],
      /come back/,
    ],
  ] as const) {
    it(`sees a restart ${claim}`, () =>
      assert.match(needless(evidence([...sources], [...moments]), runs).join(), expected));
  }
  it("takes a restart that a blind run left over as one for the change", () => {
    const blind = [
      { from: 3, to: 4, complete: true },
      { from: 10, to: 20, complete: false },
      { from: 30, to: 40, complete: true },
    ];
    assert.deepEqual(needless(evidence([config(1, "1"), config(5, "2")], [web(2, ""), web(32, "x")]), blind), []);
    assert.match(
      needless(evidence([config(1, "1"), config(5, "2")], [web(2, ""), web(32, "x")]), runs).join(),
      /since 10/,
    );
  });
  it("takes a template that was edited for no restart", () => {
    const edited = web(12, "x", { rest: "2" });
    assert.deepEqual(needless(evidence([config(1, "1")], [web(2, ""), edited]), runs), []);
  });
  it("reads single keys, whole sources and volumes", () => {
    const parts = {
      ...envKeys("Secret", "creds", ["token"]),
      ...envFrom(["ConfigMap", "settings"]),
      volumes: [
        { name: "v", configMap: { name: "files", items: [{ key: "a", path: "a" }] } },
        { name: "w", projected: { sources: [{ secret: { name: "tls" } }] } },
      ],
    };
    assert.deepEqual(readsOf((deployment("web", parts).spec as { template: unknown }).template), [
      { source: "ConfigMap/settings" },
      { source: "Secret/creds", key: "token" },
      { source: "ConfigMap/files", key: "a" },
      { source: "Secret/tls" },
    ]);
  });
});
