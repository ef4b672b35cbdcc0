import assert from "node:assert/strict";
import { readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { loadConnection } from "../../../src/io/kubernetes/config.ts";
import { sourceResources } from "../../../src/model/kinds.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { json, refuse, startServer } from "../../support/http-server.ts";
import { connect, kubeconfig, stored, temporaryFolder } from "./support.ts";

const configMaps = sourceResources.ConfigMap;
const authority = makeCertificate("test authority");
const local = makeCertificate("local", ["127.0.0.1"], authority);
const apiVersion = "client.authentication.k8s.io/v1";

/** A server that takes the tokens of `accepted` and refuses others with 401. */
function guarded(accepted: Set<string>) {
  return startServer(({ headers }, response) => {
    const known = accepted.has(headers.authorization ?? "none");
    return known ? json(response, stored("config")) : refuse(response, 401, "Unauthorized");
  }, local);
}

function environment() {
  return { PATH: process.env.PATH };
}

function certificateAuthority() {
  return Buffer.from(authority.cert).toString("base64");
}

/** A plugin that gives token-1, token-2, … and writes down what it was told. */
const plugin = `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" > "$FOLDER/info"
echo run >> "$FOLDER/runs"
n=$(wc -l < "$FOLDER/runs" | tr -d ' ')
echo "{\\"apiVersion\\":\\"${apiVersion}\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"token-$n\\"EXPIRY}}"
`;

function withPlugin(folder: string, server: string, script: string, exec: Record<string, unknown> = {}) {
  writeFileSync(join(folder, "plugin.sh"), script, { mode: 0o700 });
  const config = kubeconfig({
    name: "dev",
    cluster: {
      server,
      "certificate-authority-data": certificateAuthority(),
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: { audience: "x" } }],
    },
    user: {
      exec: { apiVersion, command: "./plugin.sh", env: [{ name: "FOLDER", value: folder }], ...exec },
    },
  });
  writeFileSync(join(folder, "config"), config);
  return loadConnection({ kubeconfig: join(folder, "config"), environment: environment() });
}

function runs(folder: string): number {
  return readFileSync(join(folder, "runs"), "utf8").trim().split("\n").length;
}

test("an exec plugin is run once for calls at the same time, told about the cluster, and run again after 401", async () => {
  using folder = temporaryFolder();
  const accepted = new Set(["Bearer token-1"]);
  await using server = await guarded(accepted);
  const connection = await withPlugin(folder.path, server.url, plugin.replace("EXPIRY", ""), {
    provideClusterInfo: true,
  });
  await using client = connect(connection);
  await Promise.all(["a", "b", "c"].map(() => client.cluster.get(configMaps, "web", "config")));
  assert.equal(runs(folder.path), 1);
  assert.deepEqual(JSON.parse(readFileSync(join(folder.path, "info"), "utf8")), {
    apiVersion,
    kind: "ExecCredential",
    spec: {
      interactive: false,
      cluster: {
        server: server.url,
        "certificate-authority-data": certificateAuthority(),
        config: { audience: "x" },
      },
    },
  });
  accepted.clear();
  accepted.add("Bearer token-2");
  assert(await client.cluster.get(configMaps, "web", "config"));
  assert.equal(runs(folder.path), 2);
  accepted.clear();
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "unauthorized", status: 401 });
  assert.equal(runs(folder.path), 3, "one refusal, one new credential, no more");
});

test("a credential of a plugin is renewed before it ends", async () => {
  using folder = temporaryFolder();
  await using server = await guarded(new Set(["Bearer token-1", "Bearer token-2"]));
  const ended = `,\\"expirationTimestamp\\":\\"${new Date(Date.now() + 5_000).toISOString()}\\"`;
  await using client = connect(await withPlugin(folder.path, server.url, plugin.replace("EXPIRY", ended)));
  await client.cluster.get(configMaps, "web", "config");
  await client.cluster.get(configMaps, "web", "config");
  assert.equal(runs(folder.path), 2, "five seconds are too few to send anything with it");
});

test("a client certificate of a plugin is presented", async () => {
  using folder = temporaryFolder();
  const own = makeCertificate("plugin", [], authority);
  const status = { clientCertificateData: own.cert, clientKeyData: own.key };
  writeFileSync(join(folder.path, "answer"), JSON.stringify({ apiVersion, kind: "ExecCredential", status }));
  const tls = { ...local, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  await using server = await startServer((_, response) => json(response, stored("config")), tls);
  await using client = connect(await withPlugin(folder.path, server.url, '#!/bin/sh\ncat "$FOLDER/answer"\n'));
  assert(await client.cluster.get(configMaps, "web", "config"));
});

for (const [what, script, message] of [
  ["fails", "#!/bin/sh\necho please log in >&2\nexit 3\n", /plugin\.sh ended with code 3: please log in$/],
  ["prints something else", "#!/bin/sh\necho token hunter2\n", /its output is no JSON$/],
  ["prints another version", '#!/bin/sh\necho \'{"kind":"ExecCredential"}\'\n', /its output is no ExecCredential of/],
  [
    "prints no token",
    `#!/bin/sh\necho '{"kind":"ExecCredential","apiVersion":"${apiVersion}","status":{}}'\n`,
    /neither a token nor a certificate/,
  ],
] as const) {
  test(`a plugin that ${what} is named in the error`, async () => {
    using folder = temporaryFolder();
    await using client = connect(await withPlugin(folder.path, "https://127.0.0.1:1", script));
    await assert.rejects(client.cluster.version(), { name: "PortError", code: "unauthorized", message });
  });
}

test("a plugin that is not installed is named with its hint", async () => {
  using folder = temporaryFolder();
  const exec = { command: "reroll-no-such-plugin", installHint: "Install it from example.test" };
  await using client = connect(await withPlugin(folder.path, "https://127.0.0.1:1", plugin, exec));
  await assert.rejects(client.cluster.version(), {
    message:
      "exec plugin of kubeconfig user dev: reroll-no-such-plugin cannot be run (ENOENT). Install it from example.test",
  });
});

test("a plugin that needs a terminal is refused", async () => {
  using folder = temporaryFolder();
  const load = () => withPlugin(folder.path, "https://127.0.0.1:1", plugin, { interactiveMode: "Always" });
  await assert.rejects(load, { name: "UsageError", message: /asks for a terminal/ });
});

function inPod(folder: string, port: number) {
  return loadConnection({
    environment: { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(port) },
    serviceAccountFolder: folder,
  });
}

test("a service account token is read again after a 401", async () => {
  using folder = temporaryFolder({ "ca.crt": authority.cert, token: "t1" });
  const accepted = new Set(["Bearer t1"]);
  await using server = await guarded(accepted);
  await using client = connect(await inPod(folder.path, server.port));
  await client.cluster.get(configMaps, "web", "config");
  accepted.clear();
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), { code: "unauthorized" });
  const before = server.requests.length;
  assert.equal(before, 2, "the same token is not sent twice");
  accepted.add("Bearer t2");
  writeFileSync(join(folder.path, "token"), "t2\n");
  assert(await client.cluster.get(configMaps, "web", "config"));
  assert.deepEqual(
    server.requests.slice(before).map(({ headers }) => headers.authorization),
    ["Bearer t1", "Bearer t2"],
  );
});

test("a service account token is read again every minute, and the last one stays when the file is gone", async (t: TestContext) => {
  using folder = temporaryFolder({ "ca.crt": authority.cert, token: "t1" });
  let time = 1_000;
  t.mock.method(performance, "now", () => time);
  const { credentials } = await inPod(folder.path, 1);
  const authorization = async () => (await credentials.current()).authorization;
  assert.equal(await authorization(), "Bearer t1");
  writeFileSync(join(folder.path, "token"), "t2");
  time += 59_000;
  assert.equal(await authorization(), "Bearer t1");
  time += 2_000;
  assert.equal(await authorization(), "Bearer t2");
  unlinkSync(join(folder.path, "token"));
  time += 61_000;
  assert.equal(await authorization(), "Bearer t2");
});
