import assert from "node:assert/strict";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { type ConnectionSettings, loadConnection } from "../../../src/io/kubernetes/config.ts";
import { kubeconfig, temporaryFolder } from "./support.ts";

function load(settings: Partial<ConnectionSettings>) {
  return loadConnection({ environment: {}, ...settings });
}

function refuses(settings: Partial<ConnectionSettings>, message: RegExp | string) {
  return assert.rejects(load(settings), { name: "UsageError", message });
}

const dev = kubeconfig({ name: "dev", cluster: { server: "https://dev.test:6443" }, namespace: "web" });
const ops = kubeconfig({ name: "ops", cluster: { server: "https://ops.test" } });

test("--kubeconfig reads that file and its current context", async () => {
  using folder = temporaryFolder({ config: dev });
  const file = join(folder.path, "config");
  const connection = await load({ kubeconfig: file, environment: { KUBECONFIG: "/nowhere" } });
  assert.equal(connection.server, "https://dev.test:6443");
  assert.equal(connection.namespace, "web");
  assert.equal(connection.inCluster, false);
  assert.equal(connection.origin, `context dev of ${file}`);
});

test("the files of KUBECONFIG are merged: the first to name something decides, absent files do not matter", async () => {
  const shadow = kubeconfig({ name: "dev", cluster: { server: "https://shadow.test" } });
  using folder = temporaryFolder({ dev, ops, shadow });
  const files = ["absent", "dev", "ops", "shadow"].map((name) => join(folder.path, name)).join(delimiter);
  const environment = { KUBECONFIG: files };
  assert.equal((await load({ environment })).server, "https://dev.test:6443");
  assert.equal((await load({ environment, context: "ops" })).server, "https://ops.test");
});

test("an unknown context is refused with the list of those there are", async () => {
  using folder = temporaryFolder({ dev, ops });
  const files = ["dev", "ops"].map((name) => join(folder.path, name)).join(delimiter);
  await refuses({ environment: { KUBECONFIG: files }, context: "prod" }, /no context prod; known: dev, ops$/);
});

test("no current context is refused with the list of those there are", async () => {
  using folder = temporaryFolder({ config: dev.replace("current-context: dev", "") });
  await refuses(
    { kubeconfig: join(folder.path, "config") },
    /no current context\. Choose one with --context; known: dev$/,
  );
});

test("a missing file is refused by name", async () => {
  await refuses({ kubeconfig: "/nowhere/config" }, "kubeconfig /nowhere/config: cannot be read (ENOENT)");
  await refuses({ environment: { KUBECONFIG: "/nowhere/a" } }, "KUBECONFIG: there is no such file: /nowhere/a");
  await refuses({ environment: { HOME: "/nowhere" } }, /^no cluster configured: there is no \/nowhere\/\.kube\/config/);
});

test("broken YAML is refused by line, without its text", async () => {
  using folder = temporaryFolder({ config: 'users:\n- name: a\n  user: {token: "hunter2\n' });
  const file = join(folder.path, "config");
  await assert.rejects(
    load({ kubeconfig: file }),
    (error: Error) =>
      error.name === "UsageError" && /line \d/.test(error.message) && !error.message.includes("hunter2"),
  );
});

test("a kubeconfig may be JSON, or YAML that begins like it", async () => {
  const json = JSON.stringify(parse(dev));
  using folder = temporaryFolder({ json, yaml: json.replaceAll('"', "'"), broken: json.slice(0, -1) });
  const server = async (name: string) => (await load({ kubeconfig: join(folder.path, name) })).server;
  assert.deepEqual([await server("json"), await server("yaml")], ["https://dev.test:6443", "https://dev.test:6443"]);
  await refuses({ kubeconfig: join(folder.path, "broken") }, /no valid YAML in line 1/);
});

test("a context whose cluster or user is not there is refused", async () => {
  using folder = temporaryFolder({
    cluster: "current-context: a\ncontexts: [{name: a, context: {cluster: gone}}]\n",
    user: dev.replace("user: dev", "user: gone"),
    server: kubeconfig({ name: "a", cluster: { server: "ftp://x" } }),
  });
  await refuses({ kubeconfig: join(folder.path, "cluster") }, /names cluster gone, which is not there/);
  await refuses({ kubeconfig: join(folder.path, "user") }, /names user gone, which is not there/);
  await refuses({ kubeconfig: join(folder.path, "server") }, /server is no http or https URL/);
});

test("relative paths start at the folder of the file; data goes before files; TLS settings are taken over", async () => {
  const cluster = { server: "https://dev.test", "certificate-authority": "ca.crt", "tls-server-name": "kube" };
  const user = {
    "client-certificate": "absent.crt",
    "client-certificate-data": Buffer.from("CERT").toString("base64"),
    "client-key": "key.pem",
    tokenFile: "token",
    token: "older",
  };
  const config = kubeconfig({ name: "dev", cluster, user });
  using folder = temporaryFolder({ config, "ca.crt": "CA", "key.pem": "KEY", token: "from-file\n" });
  const connection = await load({ kubeconfig: join(folder.path, "config") });
  assert.deepEqual(connection.trust, { ca: "CA", serverName: "kube", insecure: false });
  assert.deepEqual(await connection.credentials.current(), {
    authorization: "Bearer from-file",
    cert: "CERT",
    key: "KEY",
  });
});

test("name and password become basic authentication", async () => {
  const user = { username: "ann", password: "pa:ss" };
  using folder = temporaryFolder({
    config: kubeconfig({ name: "dev", cluster: { server: "https://dev.test" }, user }),
  });
  const { credentials } = await load({ kubeconfig: join(folder.path, "config") });
  const expected = `Basic ${Buffer.from("ann:pa:ss").toString("base64")}`;
  assert.equal((await credentials.current()).authorization, expected);
});

test("impersonation is sent as headers", async () => {
  const user = { as: "ann", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": { Scopes: ["x"] } };
  using folder = temporaryFolder({
    config: kubeconfig({ name: "dev", cluster: { server: "https://dev.test" }, user }),
  });
  assert.deepEqual((await load({ kubeconfig: join(folder.path, "config") })).headers, {
    "Impersonate-User": "ann",
    "Impersonate-Uid": "7",
    "Impersonate-Group": ["a", "b"],
    "Impersonate-Extra-scopes": ["x"],
  });
});

test("an http server is reached, and sees a credential only on this machine", async () => {
  const user = { token: "t", as: "ann" };
  const config = (server: string) => kubeconfig({ name: "dev", cluster: { server }, user });
  using folder = temporaryFolder({ near: config("http://127.0.0.1:8001"), far: config("http://kube.test") });
  const near = await load({ kubeconfig: join(folder.path, "near") });
  assert.equal(near.server, "http://127.0.0.1:8001");
  assert.deepEqual(
    [(await near.credentials.current()).authorization, near.headers],
    ["Bearer t", { "Impersonate-User": "ann" }],
  );
  const far = await load({ kubeconfig: join(folder.path, "far") });
  assert.deepEqual([await far.credentials.current(), far.headers], [{}, {}]);
});

test("the auth-providers Kubernetes removed are refused with what to do", async () => {
  const user = { "auth-provider": { name: "gcp", config: {} } };
  using folder = temporaryFolder({
    config: kubeconfig({ name: "dev", cluster: { server: "https://dev.test" }, user }),
  });
  await refuses(
    { kubeconfig: join(folder.path, "config") },
    /auth-provider gcp was removed from Kubernetes; use its exec plugin/,
  );
});

test("an OIDC user's id token is sent", async () => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const idToken = `${part({ alg: "none" })}.${part({ exp: Math.floor(Date.now() / 1000) + 600 })}.x`;
  const user = { "auth-provider": { name: "oidc", config: { "id-token": idToken } } };
  using folder = temporaryFolder({
    config: kubeconfig({ name: "dev", cluster: { server: "https://dev.test" }, user }),
  });
  const { credentials } = await load({ kubeconfig: join(folder.path, "config") });
  assert.equal((await credentials.current()).authorization, `Bearer ${idToken}`);
});

const pod = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443", HOME: "/nowhere" };

test("in a pod the service account is used, unless a kubeconfig or a context is asked for", async () => {
  using folder = temporaryFolder({ "ca.crt": "CA", token: "t1\n", namespace: "reroll-system", config: dev });
  const settings = { environment: pod, serviceAccountFolder: folder.path };
  const connection = await load(settings);
  assert.equal(connection.server, "https://[fd00::1]:443");
  assert.equal(connection.trust.ca, "CA");
  assert.equal(connection.namespace, "reroll-system");
  assert.equal(connection.inCluster, true);
  assert.deepEqual(await connection.credentials.current(), { authorization: "Bearer t1" });
  assert.equal((await load({ ...settings, kubeconfig: join(folder.path, "config") })).inCluster, false);
  await refuses({ ...settings, context: "dev" }, /no cluster configured/);
});
