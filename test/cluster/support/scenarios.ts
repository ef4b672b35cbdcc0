/**
 * The load tests of Stakater Reloader (test/loadtest of its repository) as scenarios for runs: there every write is a reload, here a run
 * restarts a workload at most once, whatever the number of writes. S12 (pause periods) has nothing to say about runs.
 */
import type { Manifest } from "../../../src/demo/direct.ts";
import { effort } from "../../support/effort.ts";
import {
  configMap,
  type DataKind,
  deployment,
  envFrom,
  envKeys,
  secret,
  source,
  workload,
} from "../../support/manifests.ts";
import type { Change, Scenario } from "./scenario.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const name = (index: number) => `app-${index}`;
const whole = effort > 1;

/** So many sources and as many Deployments, one each. */
function pairs(count: number): Pick<Scenario, "sources" | "workloads"> {
  return {
    sources: numbers(count).map((index) => configMap(name(index), { a: "0" })),
    workloads: numbers(count).map((index) => deployment(name(index), envFrom(["ConfigMap", name(index)]))),
  };
}

/** A new value, never seen before, for one of so many ConfigMaps. */
const anyOf =
  (count: number) =>
  (nth: number, random: () => number): Change => ({
    put: [configMap(name(Math.floor(random() * count)), { a: `${nth}` })],
  });

const changed = (nth: number): Change => ({ put: [configMap(name(0), { a: `${nth}` })] });

const mebibyte = 1024 * 1024;
/** As large as the API server lets a ConfigMap be. */
const large = (index: number, nth: number): Manifest =>
  configMap(name(index), { a: `${nth}`.padEnd(mebibyte / 2 - 1, "x"), b: "y".repeat(mebibyte / 2 - 1) });

const ofKinds = (
  counts: { readonly [Kind in "Deployment" | "StatefulSet" | "DaemonSet"]: number },
  index: (nth: number) => number,
) =>
  Object.entries(counts).flatMap(([kind, count]) =>
    numbers(count).map((nth) => {
      const one = index(nth);
      const pod = envFrom([one % 2 === 0 ? "ConfigMap" : "Secret", name(one)]);
      return workload(`${kind.toLowerCase()}-${nth}`, { kind: kind as "Deployment", pod });
    }),
  );

const mixedKind = (index: number): DataKind => (index % 2 === 0 ? "ConfigMap" : "Secret");

/** A Deployment that reads its ConfigMap by an init container, by single keys, and by a projected volume. */
function complex(index: number): Manifest {
  const form = index % 3;
  const [init, keys] = [envFrom(["ConfigMap", name(index)]), envKeys("ConfigMap", name(index), ["a"])];
  const volumes = [{ name: "config", projected: { sources: [{ configMap: { name: name(index) } }] } }];
  const volumeMounts = [{ name: "config", mountPath: "/config" }];
  const initContainers = [{ name: "init", image: "registry.test/init:1", ...init }];
  return deployment(name(index), form === 0 ? { initContainers } : form === 1 ? keys : { volumes, volumeMounts });
}

/** What people name themselves, and the annotation that GitOps tools look for. */
const annotated = (index: number): Manifest =>
  deployment(name(index), envFrom(["ConfigMap", name(index)]), {
    annotations: { "configmap.reloader.stakater.com/reload": name(index), "reroll.dev/restarted-at": "true" },
  });

/** Every scenario: a new row is a new one. */
export const scenarios: readonly Scenario[] = [
  {
    id: "S1",
    claim: "10 ConfigMaps, one write every 100 ms: at most one restart of each of the 10 workloads in a run",
    ...pairs(10),
    write: anyOf(10),
    everyMs: 100,
    seconds: 5,
  },
  {
    id: "S2",
    claim: "one ConfigMap of 50 Deployments",
    sources: [configMap(name(0), { a: "0" })],
    workloads: numbers(50).map((index) => deployment(name(index), envFrom(["ConfigMap", name(0)]))),
    write: changed,
    everyMs: 2_500,
    seconds: 5,
  },
  {
    id: "S3",
    claim: "many namespaces with 20 ConfigMaps and Deployments each",
    ...pairs(20),
    namespaces: whole ? 50 : 6,
    write: anyOf(20),
    everyMs: 200,
    seconds: whole ? 60 : 4,
  },
  {
    id: "S4",
    claim: "writes that change nothing but annotations restart nothing",
    ...pairs(10),
    write: (nth, random) => ({
      put: [configMap(name(Math.floor(random() * 10)), { a: "0" }, { annotations: { touched: `${nth}` } })],
    }),
    everyMs: 100,
    seconds: 4,
    restarts: (count) => count === 0,
  },
  {
    id: "S5",
    claim: "Deployments that come and go while their ConfigMaps change",
    sources: numbers(10).map((index) => configMap(name(index), { a: "0" })),
    workloads: numbers(10).map((index) => deployment(`w-${index}`, envFrom(["ConfigMap", name(index % 10)]))),
    write: (nth, random) => ({
      put: [
        deployment(`w-${nth + 9}`, envFrom(["ConfigMap", name((nth + 9) % 10)])),
        ...(nth % 4 === 0 ? [configMap(name(Math.floor(random() * 10)), { a: `${nth}` })] : []),
      ],
      remove: [`deployments.apps/w-${nth - 1}`],
    }),
    everyMs: 500,
    seconds: 6,
    // A Deployment that was made just before its ConfigMap changed is seen for the first time with old pods.
    args: ["--catch-up"],
  },
  {
    id: "S6",
    claim: "20 ConfigMaps and Deployments, and a run that is killed",
    ...pairs(20),
    write: anyOf(20),
    everyMs: 100,
    seconds: 5,
    killedAfterMs: 1_500,
  },
  {
    id: "S7",
    claim: "ten writers at once on 50 ConfigMaps and Deployments",
    ...pairs(50),
    write: anyOf(50),
    writers: 10,
    everyMs: 100,
    seconds: 4,
  },
  {
    id: "S8",
    claim: "ConfigMaps of 1 MiB",
    sources: numbers(10).map((index) => large(index, 0)),
    workloads: pairs(10).workloads,
    write: (nth, random) => ({ put: [large(Math.floor(random() * 10), nth)] }),
    everyMs: 1_000,
    seconds: 5,
  },
  {
    id: "S9",
    claim: "one ConfigMap of five Deployments, three StatefulSets and two DaemonSets",
    sources: [configMap(name(0), { a: "0" })],
    workloads: ofKinds({ Deployment: 5, StatefulSet: 3, DaemonSet: 2 }, () => 0),
    write: changed,
    everyMs: 2_000,
    seconds: 5,
  },
  {
    id: "S10",
    claim: "five ConfigMaps and five Secrets of workloads of all kinds",
    sources: numbers(10).map((index) => source(mixedKind(index), name(index), { a: "0" })),
    workloads: ofKinds({ Deployment: 5, StatefulSet: 3, DaemonSet: 2 }, (nth) => nth),
    write: (nth, random) => {
      const index = Math.floor(random() * 10);
      return { put: [(index % 2 === 0 ? configMap : secret)(name(index), { a: `${nth}` })] };
    },
    everyMs: 500,
    seconds: 5,
  },
  {
    id: "S11",
    claim: "sources named one by one, with kubectl's annotation beside the stamp",
    sources: pairs(10).sources,
    workloads: numbers(10).map(annotated),
    write: anyOf(10),
    everyMs: 500,
    seconds: 4,
  },
  {
    id: "S13",
    claim: "init containers, single keys and projected volumes",
    sources: pairs(6).sources,
    workloads: numbers(6).map(complex),
    write: anyOf(6),
    everyMs: 1_000,
    seconds: 4,
  },
];
