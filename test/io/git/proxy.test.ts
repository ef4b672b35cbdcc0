import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask, createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";
import { failure, openBranch } from "../../contract/git-target.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { serveGit } from "../../support/git/http-backend.ts";
import { bareRepository } from "../../support/git/run.ts";

/** A proxy that tunnels (CONNECT) and forwards plain requests, and remembers who asked. */
async function startProxy(wanted?: string) {
  const asked: { to: string; authorization: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const proxy = createServer();
  proxy.on("connect", (request, socket: Socket) => {
    const authorization = request.headers["proxy-authorization"];
    asked.push({ to: request.url ?? "", authorization });
    sockets.add(socket);
    socket.on("error", () => {});
    if (authorization !== wanted) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const out = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      out.pipe(socket).pipe(out);
    });
    sockets.add(out);
    out.on("error", () => socket.destroy());
  });
  proxy.on("request", (request, response) => {
    const authorization = request.headers["proxy-authorization"];
    const url = new URL(request.url ?? "");
    asked.push({ to: url.host, authorization });
    if (authorization !== wanted) {
      response.writeHead(407).end();
      return;
    }
    const { method = "", headers } = request;
    const onward = ask(url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

test("repositories are reached through a proxy, with its own credential; refused by it, that is said", async () => {
  const repository = bareRepository();
  const tip = repository.commit({ a: "1" });
  const authority = makeCertificate("authority");
  const own = makeCertificate("server", ["127.0.0.1"], authority);
  await using plain = await serveGit(repository.root);
  await using secure = await serveGit(repository.root, { tls: { cert: own.cert, key: own.key } });
  await using proxy = await startProxy(`Basic ${Buffer.from("px:pw-of-proxy").toString("base64")}`);
  try {
    for (const server of [plain, secure]) {
      const url = `${server.url}/fleet.git`;
      const through = { address: proxy.address, username: "px", password: "pw-of-proxy" };
      await using branch = openBranch({ url, credential: { authority: authority.cert, proxy: through } });
      assert.equal((await branch.fetch()).id, tip);
      assert.equal(proxy.asked.at(-1)?.to, `127.0.0.1:${server.port}`);
      await using denied = openBranch({
        url,
        credential: { authority: authority.cert, proxy: { ...through, password: "wrong-pw" } },
      });
      assert.match((await failure(denied.tip(), "unauthorized", ["wrong-pw"])).message, /407/);
    }
    await using odd = openBranch({ url: plain.url, credential: { proxy: { address: "ftp://x:pw-of-proxy@y" } } });
    await failure(odd.tip(), "unsupported", ["pw-of-proxy"]);
  } finally {
    repository.remove();
  }
});
