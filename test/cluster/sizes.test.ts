/** Objects as large as a real API server takes them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { configMap, deployment, envFrom, envKeys, secret, workload } from "../support/manifests.ts";
import { type Ended, openStage, outcomes, type Stage } from "./support/stage.ts";

const count = <Item>(length: number, of: (index: number) => Item) => Array.from({ length }, (_, index) => of(index));
const mebibyte = 1024 * 1024;
const longSource = `${"long-".repeat(50)}end`;
/** A ReplicaSet has the name of its Deployment and up to eleven characters more. */
const longApp = longSource.slice(11).replace(/^-*/, "").padStart(242, "x");
const longKey = (index: number) => `${"K".repeat(248)}_${String(index).padStart(4, "0")}`;

const big = (last: string) => ({ a: "x".repeat(mebibyte - 2) + last });
const manyKeys = (last: string) =>
  Object.fromEntries(count(500, (index) => [longKey(index), index === 499 ? last : "1"]));
const binary = (byte: number) => ({
  ...configMap("binary", {}),
  binaryData: { "a.bin": Buffer.from([0xff, 0xfe, 0, byte]).toString("base64") },
});
const crowd = (value: string) => count(200, (index) => configMap(`crowd-${index}`, { a: index === 137 ? value : "1" }));

function crowded() {
  const base = workload("crowded") as ReturnType<typeof workload> & { spec: { template: object } };
  const containers = count(200, (index) => ({
    name: `c${index}`,
    image: "registry.test/app:1",
    ...envFrom(["ConfigMap", `crowd-${index}`]),
  }));
  return { ...base, spec: { ...base.spec, template: { ...base.spec.template, spec: { containers } } } };
}

function longNamed() {
  const { spec, ...rest } = deployment(
    longApp,
    envFrom(["ConfigMap", longSource], ["Secret", longSource]),
  ) as ReturnType<typeof deployment> & { spec: { template: object } };
  const labels = { app: "long" };
  const template = { ...spec.template, metadata: { labels } };
  return { ...rest, spec: { ...spec, selector: { matchLabels: labels }, template } };
}

describe("objects at the limits of the API server", () => {
  let stage: Stage;
  let ran: Ended;
  const apps = ["big", "keyed", "other-keys", "binary", "crowded", longApp] as const;

  before(async () => {
    stage = await openStage("sizes");
    await stage.put(
      ...[configMap("big", big("1")), configMap("keyed", manyKeys("1")), binary(0x80), ...crowd("1")],
      ...[configMap(longSource), secret(longSource)],
    );
    // Pods must be older than what changes, by more than the margin of freshness.
    await stage.apply(
      deployment("big", envFrom(["ConfigMap", "big"])),
      deployment("keyed", envKeys("ConfigMap", "keyed", [longKey(499)])),
      deployment("other-keys", envKeys("ConfigMap", "keyed", count(499, longKey))),
      ...[deployment("binary", envFrom(["ConfigMap", "binary"])), crowded(), longNamed()],
    );
    const first = await stage.run();
    assert.equal(first.exitCode, 0, first.stderr);
    assert.equal(first.report.coverage.workloads, apps.length);
    await sleep(3500);
    await stage.put(
      ...[configMap("big", big("2")), configMap("keyed", manyKeys("2")), binary(0x81), ...crowd("2")],
      secret(longSource, { a: "2", b: "1" }),
    );
    ran = await stage.run();
  });
  after(() => stage.close());

  for (const [what, name] of [
    ["a ConfigMap of 1 MiB", "big"],
    ["500 keys with names of 253 characters", "keyed"],
    ["bytes that are no text", "binary"],
    ["a pod of 200 containers with a source each", "crowded"],
    ["names of 253 characters, and of 242 of a Deployment", longApp],
  ] as const) {
    it(`${what}: restarted and healthy`, () => assert.equal(outcomes(ran)[name], "restarted", ran.stderr));
  }

  it("who reads 499 of 500 keys is left alone where the other one changed", () => {
    assert.equal(outcomes(ran)["other-keys"], undefined);
    assert.ok(
      ran.report.skips.some(({ workload, reason }) => workload.name === "other-keys" && reason === "keys-not-used"),
    );
  });

  it("nothing is left to do, and nothing is written", async () => {
    const { report, exitCode } = await stage.run();
    assert.deepEqual([report.actions, report.pending, exitCode], [[], [], 0]);
  });

  it("a key with other letters is refused by the API server, in binaryData too", async () => {
    for (const field of ["data", "binaryData"]) {
      const body = { metadata: { name: `key-${field.toLowerCase()}` }, [field]: { ключ: "YQ==" } };
      const { status } = await stage.cluster.request("POST", `/api/v1/namespaces/${stage.namespace}/configmaps`, body);
      assert.equal(status, 422);
    }
  });
});
