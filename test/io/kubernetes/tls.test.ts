import assert from "node:assert/strict";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import { sourceResources } from "../../../src/model/kinds.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { json, startServer } from "../../support/http-server.ts";
import { connect, connectionTo, stored } from "./support.ts";

const configMaps = sourceResources.ConfigMap;
const authority = makeCertificate("test authority");
const local = makeCertificate("local", ["127.0.0.1"], authority);
const named = makeCertificate("named", ["kube.test"], authority);
const trust = { ca: authority.cert, serverName: undefined, insecure: false };

test("fifty calls use one TLS connection", async () => {
  await using server = await startServer((_, response) => json(response, stored("config")), local);
  await using client = connect(connectionTo(server.url, { trust }));
  for (let call = 0; call < 50; call += 1) await client.cluster.get(configMaps, "web", "config");
  assert.equal(server.requests.length, 50);
  assert.equal(server.connections(), 1);
});

test("a server of another authority is not talked to", async () => {
  await using server = await startServer((_, response) => json(response, stored("config")), local);
  const other = makeCertificate("another authority").cert;
  for (const ca of [other, undefined]) {
    await using client = connect(connectionTo(server.url, { trust: { ...trust, ca } }));
    await assert.rejects(client.cluster.get(configMaps, "web", "config"), {
      code: "unreachable",
      message: /\((UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT)/,
    });
    assert.equal(client.records.length, 1, "a wrong certificate is not tried again");
  }
  assert.equal(server.requests.length, 0);
});

test("tls-server-name is what the certificate is checked against", async () => {
  await using server = await startServer((_, response) => json(response, stored("config")), named);
  await using wrong = connect(connectionTo(server.url, { trust }));
  await assert.rejects(wrong.cluster.get(configMaps, "web", "config"), { message: /ERR_TLS_CERT_ALTNAME_INVALID/ });
  await using right = connect(connectionTo(server.url, { trust: { ...trust, serverName: "kube.test" } }));
  assert(await right.cluster.get(configMaps, "web", "config"));
});

test("insecure-skip-tls-verify takes any certificate", async () => {
  await using server = await startServer((_, response) => json(response, stored("config")), named);
  await using client = connect(connectionTo(server.url, { trust: { ...trust, ca: undefined, insecure: true } }));
  assert(await client.cluster.get(configMaps, "web", "config"));
});

test("a client certificate is presented, and a rotated one replaces it", async () => {
  const peers: unknown[] = [];
  const tls = { ...local, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  await using server = await startServer((_, response) => {
    peers.push((response.socket as TLSSocket).getPeerCertificate().subject.CN);
    json(response, stored("config"));
  }, tls);
  const certificates = ["first", "second"].map((name) => makeCertificate(name, [], authority));
  const credentials = {
    current: async () => ({ cert: certificates[0]?.cert, key: certificates[0]?.key }),
    refresh: () => false,
  };
  await using client = connect(connectionTo(server.url, { trust, credentials }));
  await client.cluster.get(configMaps, "web", "config");
  await client.cluster.get(configMaps, "web", "config");
  certificates.shift();
  await client.cluster.get(configMaps, "web", "config");
  assert.deepEqual(peers, ["first", "first", "second"]);
  assert.equal(server.connections(), 2);
});

test("a certificate that is none makes the server unreachable, not the process unstable", async () => {
  await using server = await startServer((_, response) => json(response, stored("config")), local);
  const credentials = { current: async () => ({ cert: "no certificate", key: "no key" }), refresh: () => false };
  await using client = connect(connectionTo(server.url, { trust, credentials }));
  await assert.rejects(client.cluster.get(configMaps, "web", "config"), { name: "PortError", code: "unreachable" });
  await using other = connect(connectionTo(server.url, { trust: { ...trust, ca: "no certificate" } }));
  await assert.rejects(other.cluster.get(configMaps, "web", "config"), { name: "PortError", code: "unreachable" });
});
