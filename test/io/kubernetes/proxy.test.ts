import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect as connectSocket, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundle } from "../../../scripts/build.ts";
import { createCluster } from "../../../src/io/kubernetes/cluster.ts";
import { chooseProxy, proxyFromEnvironment } from "../../../src/io/kubernetes/proxy.ts";
import type { createRest } from "../../../src/io/kubernetes/rest.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { json, startServer } from "../../support/http-server.ts";
import { connect, connectionTo, quick, temporaryFolder } from "./support.ts";

const proxy = "http://proxy.test:3128";

for (const [server, noProxy, proxied] of [
  ["https://kube.test", undefined, true],
  ["https://kube.test", "", true],
  ["https://kube.test", "*", false],
  ["https://kube.test", "other.test, kube.test", false],
  ["https://api.kube.test", "kube.test", false],
  ["https://api.kube.test", ".kube.test", false],
  ["https://api.kube.test", "*.kube.test", false],
  ["https://kube.test", ".kube.test", true],
  ["https://notkube.test", "kube.test", true],
  ["https://KUBE.test", "kube.TEST", false],
  ["https://kube.test:6443", "kube.test:6443", false],
  ["https://kube.test:6443", "kube.test:443", true],
  ["https://kube.test", "kube.test:443", false],
  ["https://10.96.0.1", "10.0.0.0/8", false],
  ["https://11.96.0.1", "10.0.0.0/8", true],
  ["https://10.96.0.1", "10.96.0.1", false],
  ["https://10.96.0.1:6443", "10.96.0.1:6443", false],
  ["https://10.96.0.1:6443", "10.96.0.1:443", true],
  ["https://10.96.0.1", "10.0.0.0/x, 10.0.0.0/99, /8", true],
  ["https://[fd00::1]", "fd00::/8", false],
  ["https://[fd00::1]", "fd00::1", false],
  ["https://[fd00::1]:6443", "[fd00::1]:6443", false],
  ["https://[fd00::1]", "10.0.0.0/8", true],
  ["https://localhost:6443", undefined, false],
  ["https://127.0.0.1:6443", undefined, false],
  ["https://[::1]:6443", undefined, false],
] as const) {
  test(`${server} with NO_PROXY ${noProxy ?? "unset"} goes ${proxied ? "through the proxy" : "directly"}`, () => {
    const chosen = proxyFromEnvironment(new URL(server), { HTTPS_PROXY: proxy, NO_PROXY: noProxy });
    assert.equal(chosen, proxied ? proxy : undefined);
  });
}

test("the scheme of the server chooses the variable, in either case of letters", () => {
  const variables = { https_proxy: "secure.test:1", HTTP_PROXY: "http://plain.test:2", no_proxy: "kube.test" };
  assert.equal(proxyFromEnvironment(new URL("https://a.test"), variables), "http://secure.test:1");
  assert.equal(proxyFromEnvironment(new URL("http://a.test"), variables), "http://plain.test:2");
  assert.equal(proxyFromEnvironment(new URL("https://kube.test"), variables), undefined);
});

/** A proxy that leads every tunnel, wherever it should go, to one port of this machine. */
async function startProxy(target: () => number) {
  const tunnels: { readonly to: string | undefined; readonly authorization: string | undefined }[] = [];
  const open = new Set<Socket>();
  const server = createServer();
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    tunnels.push({ to: request.url, authorization: request.headers["proxy-authorization"] });
    const upstream = connectSocket(target(), "127.0.0.1", () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    for (const socket of [client, upstream]) open.add(socket.on("error", () => {}));
    upstream.pipe(client).pipe(upstream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    tunnels,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("calls go through the proxy, whose user is asked for, and the server's certificate is checked at the other end", async () => {
  const authority = makeCertificate("test authority");
  const named = makeCertificate("kube", ["kube.test"], authority);
  await using server = await startServer((_, response) => json(response, { gitVersion: "v1.36.3" }), named);
  await using way = await startProxy(() => server.port);
  const connection = connectionTo("https://kube.test:6443", {
    trust: { ca: authority.cert, serverName: undefined, insecure: false },
    proxy: `http://ann:secret@127.0.0.1:${way.port}`,
  });
  await using client = connect(connection);
  assert.equal(await client.cluster.version(), "v1.36.3");
  await client.cluster.version();
  const authorization = `Basic ${Buffer.from("ann:secret").toString("base64")}`;
  assert.deepEqual(way.tunnels, [{ to: "kube.test:6443", authorization }]);

  const stranger = { ...connection, trust: { ...connection.trust, ca: makeCertificate("other").cert } };
  await using careful = connect(stranger);
  await assert.rejects(careful.cluster.version(), { code: "unreachable" });
  assert.equal(server.requests.length, 2);
});

test("the bundle finds the proxy's part of undici, which it loads only when needed", async () => {
  using folder = temporaryFolder();
  const entry = fileURLToPath(new URL("../../../src/io/kubernetes/rest.ts", import.meta.url));
  await bundle({ entry, outdir: join(folder.path, "dist") });
  const bundled: { createRest: typeof createRest } = await import(
    pathToFileURL(join(folder.path, "dist", "reroll.mjs")).href
  );
  const named = makeCertificate("kube", ["kube.test"]);
  await using server = await startServer((_, response) => json(response, { gitVersion: "v1.36.3" }), named);
  await using way = await startProxy(() => server.port);
  const proxied = connectionTo("https://kube.test", {
    trust: { ca: named.cert, serverName: undefined, insecure: false },
    proxy: `http://127.0.0.1:${way.port}`,
  });
  const rest = bundled.createRest(proxied, quick);
  assert.equal(await createCluster(rest).version(), "v1.36.3");
  await rest.close();
});

test("a proxy that refuses or is not there is unreachable", async () => {
  await using refusing = await startServer(() => {});
  for (const port of [refusing.port, 1]) {
    await using client = connect(connectionTo("https://kube.test", { proxy: `http://127.0.0.1:${port}` }));
    await assert.rejects(client.cluster.version(), { code: "unreachable" });
  }
});

test("the proxy of the kubeconfig goes before that of the environment", () => {
  const environment = { HTTPS_PROXY: proxy };
  const server = new URL("https://kube.test");
  assert.equal(chooseProxy("socks5://other.test:1080", server, environment), "socks5://other.test:1080");
  assert.equal(chooseProxy(undefined, server, environment), proxy);
});

test("a proxy of another kind is refused without its password", () => {
  assert.throws(() => chooseProxy("ftp://ann:secret@proxy.test", new URL("https://kube.test"), {}), {
    name: "UsageError",
    message: "proxy ftp://…@proxy.test: only URLs of http, https and socks5 proxies are supported",
  });
});
