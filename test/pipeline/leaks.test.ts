import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type CommandLine, commandLine, type Said } from "../support/command.ts";
import {
  type Annotations,
  auto,
  configMap,
  deployment,
  envFrom,
  envKeys,
  secret,
  workload,
} from "../support/manifests.ts";
import { findTraces, tracesOf } from "../support/traces.ts";
import { startWorld, stateNamespace, type World } from "../support/world.ts";

const entries = (generation: string) => ({
  password: `hunter2-Pässwörd/+=?&${generation}`,
  pin: `4711-0815-${generation}`,
  "tls.key": `-----BEGIN PRIVATE KEY-----\nMIIplanted${generation}Key\n-----END PRIVATE KEY-----\n`,
  long: `planted-${generation}-`.repeat(2000),
  "crash-note": `{"connection": "postgres://user:${generation}-s3cr3t@db/"}`,
});
const creds = (generation: string) => secret("creds", entries(`secret-${generation}`));
const settings = (generation: string) => configMap("settings", entries(`plain-${generation}`));

const generations = ["first", "second", "third", "fourth"] as const;
const traces = generations.flatMap((generation) =>
  ["secret", "plain"].flatMap((kind) =>
    Object.entries(entries(`${kind}-${generation}`)).flatMap(([key, value]) => tracesOf(key, value)),
  ),
);

const asking: Annotations = {
  "reloader.stakater.com/search": "true",
  "secret.reloader.stakater.com/reload": "cre.*|x",
};
const workloads = [
  deployment("web", envFrom(["ConfigMap", "settings"], ["Secret", "creds"])),
  workload("db", { kind: "StatefulSet", pod: envKeys("Secret", "creds", ["password"]) }),
  workload("agent", { kind: "DaemonSet", pod: envFrom(["Secret", "creds"]), annotations: { ...auto, ...asking } }),
];

describe("values of sources and what could be guessed from them", () => {
  let world: World;
  let line: CommandLine;
  const said: (Said & { readonly command: string })[] = [];
  const keep = (command: string, result: Said) => said.push({ ...result, command });
  const log = async (command: string) => keep(command, await line.spawned(...command.split(" ")));
  const ask = async (command: string) => keep(command, await line.here(...command.split(" ")));

  before(async () => {
    world = await startWorld([[creds("first"), settings("first")], workloads]);
    line = commandLine(world);
    await log("run --log-level debug --log-format text");
    world.put(creds("second"), settings("second"));
    for (const command of [
      "plan",
      "plan -o json",
      "explain Deployment/shop/web",
      "explain StatefulSet/shop/db -o json",
    ])
      await ask(command);
    await log("run -o json --log-level debug --log-format json");
    for (const command of [
      "status",
      "status -o json",
      "history",
      "history -o json",
      "doctor",
      "doctor -o json",
      "config",
    ])
      await ask(command);
    world.put(creds("third"), settings("third"));
    world.cluster.faults.push({ method: "PATCH", fault: { answer: 500 } });
    world.cluster.faults.push({ verb: "get", name: "settings", fault: { answer: 200, body: badBody() } });
    await log("run --log-level debug");
    world.cluster.faults.clear();
    await ask("adopt -o json");
  });
  after(async () => {
    line[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });

  /** The body of a ConfigMap whose base64 is none: an error about it must not quote it. */
  function badBody(): string {
    const object = world.cluster.api.get("ConfigMap", "shop", "settings");
    return JSON.stringify({ ...object, data: {}, binaryData: entries("plain-third") });
  }

  it("are in no output and no log of any command", () => {
    for (const { command, stdout, stderr } of said) {
      assert.deepEqual(findTraces(stdout + stderr, traces), [], command);
    }
    const text = said.map(({ stdout }) => stdout).join("");
    assert.ok(text.includes("password") && text.includes("tls.key"), "names of keys may be said, and are");
    const log = said.map(({ stderr }) => stderr).join("");
    assert.ok(log.includes("/api/v1/namespaces/{namespace}/secrets/{name}"), "requests were logged");
  });

  it("are in nothing that is written to the cluster: state, Lease, stamps", () => {
    const kinds = ["Deployment", "StatefulSet", "DaemonSet", "Lease", "ReplicaSet", "ControllerRevision", "Pod"];
    const objects = [
      ...kinds.flatMap((kind) => world.cluster.api.list(kind)),
      ...world.cluster.api.list("ConfigMap", stateNamespace),
    ];
    const text = JSON.stringify(objects);
    assert.ok(text.includes("reroll.dev/stamp"));
    assert.deepEqual(findTraces(text, traces), []);
    assert.deepEqual(
      world.cluster.api.list("Secret", stateNamespace).map(({ metadata }) => metadata.name),
      ["reroll-key"],
    );
  });

  it("would be found if they were there", () => {
    const value = entries("secret-second").password;
    for (const { text } of tracesOf("password", value)) assert.notDeepEqual(findTraces(`x ${text} y`, traces), []);
  });

  it("every command did what it should", () => {
    const codes = said.map(({ command, exitCode }) => `${command.split(" ")[0]} ${exitCode}`);
    assert.deepEqual(
      codes.filter((code) => !/ 0$/.test(code)),
      ["run 75"],
    );
  });
});

describe("what the API server quotes of an object with values", () => {
  it("is not passed on when it refuses the digest key", async () => {
    await using world = await startWorld([settings("first"), workloads]);
    const quoted = "quoted-by-the-server";
    const body = JSON.stringify({
      kind: "Status",
      status: "Failure",
      reason: "Invalid",
      message: `Invalid value: "${quoted}"`,
      code: 422,
    });
    world.cluster.faults.push({ method: "POST", resource: "secrets", fault: { answer: 422, body } });
    await assert.rejects(world.run(), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /create secrets in namespace reroll-system.*422/);
      assert.ok(!error.message.includes(quoted));
      return true;
    });
  });
});
