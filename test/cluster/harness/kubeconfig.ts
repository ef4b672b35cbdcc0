/** The kubeconfig files of the tests: written whole, and read as far as tests need it. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse, stringify } from "yaml";

/** How to reach and convince one API server. */
export interface Access {
  server: string;
  /** The certificate authority in PEM; undefined means that the system's are trusted. */
  authority?: string | undefined;
  certificate?: string | undefined;
  key?: string | undefined;
  token?: string | undefined;
  namespace?: string | undefined;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** One cluster, one user, one context, everything inline: the file can be copied anywhere. */
export function renderKubeconfig({ server, authority, certificate, key, token, namespace }: Access): string {
  const user = {
    ...(certificate && { "client-certificate-data": base64(certificate) }),
    ...(key && { "client-key-data": base64(key) }),
    ...(token && { token }),
  };
  const cluster = { server, ...(authority && { "certificate-authority-data": base64(authority) }) };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test", ...(namespace && { namespace }) } }],
    "current-context": "test",
  });
}

type Fields = Record<string, string | undefined>;
interface Kubeconfig {
  clusters?: { name: string; cluster: Fields }[];
  users?: { name: string; user: Fields }[];
  contexts?: { name: string; context: Fields }[];
  "current-context"?: string;
}

/** The current context of a kubeconfig file: certificates and tokens, as data or as files. */
export function readKubeconfig(file: string): Access {
  const config = parse(readFileSync(file, "utf8")) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  if (!cluster?.server || !user)
    throw new Error(`${file}: the current context names no cluster with a server and a user`);
  const text = (fields: Fields, name: string): string | undefined => {
    const data = fields[`${name}-data`];
    if (data) return Buffer.from(data, "base64").toString();
    const path = fields[name];
    return path ? readFileSync(resolve(dirname(file), path), "utf8") : undefined;
  };
  return {
    server: cluster.server.replace(/\/$/, ""),
    authority: text(cluster, "certificate-authority"),
    certificate: text(user, "client-certificate"),
    key: text(user, "client-key"),
    token: user.token ?? (user.tokenFile && readFileSync(resolve(dirname(file), user.tokenFile), "utf8").trim()),
    namespace: context?.namespace,
  };
}
