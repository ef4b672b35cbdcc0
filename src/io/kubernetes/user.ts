import type { Cluster, User } from "@kubernetes/client-node/dist/config_types.js";
import { UsageError } from "../../model/errors.ts";
import { dig, stringMap, text } from "../../model/object.ts";
import { anonymous, type Credential, type Credentials } from "./connection.ts";
import { bearerFromFile, readCredentials, readNeededFile } from "./credentials.ts";
import { execCredentials } from "./exec.ts";
import { type Entry, resolveIn } from "./kubeconfig.ts";
import { oidcCredentials } from "./oidc.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Credentials of a kubeconfig user: token file, token, exec plugin, OIDC, name and password; a client certificate with any of them. */
export function userCredentials(
  user: Entry<User> | undefined,
  cluster: Entry<Cluster>,
  environment: Environment,
): Credentials {
  if (user === undefined) return anonymous;
  const { value, folder, written } = user;
  const pem = (data: string | undefined, file: string | undefined, what: string) => {
    if (data) return Buffer.from(data, "base64").toString("utf8");
    return file ? readNeededFile(resolveIn(folder, file), what) : undefined;
  };
  const certificate = (): Credential => ({
    cert: pem(value.certData, value.certFile, "client certificate"),
    key: pem(value.keyData, value.keyFile, "client key"),
  });
  const tokenFile = text(dig(written, "tokenFile"));
  const withAuthorization = (read: () => string | undefined, maxAge?: number) =>
    readCredentials(() => ({ ...certificate(), authorization: read() }), maxAge);
  const fixed = Number.POSITIVE_INFINITY;

  if (tokenFile) return withAuthorization(() => bearerFromFile(resolveIn(folder, tokenFile)));
  if (value.token) return withAuthorization(() => `Bearer ${value.token}`, fixed);
  if (value.exec) return execCredentials(user, cluster, environment, certificate());
  if (value.authProvider) {
    if (value.authProvider.name === "oidc") return oidcCredentials(value, certificate());
    throw new UsageError(
      `kubeconfig user ${value.name}: auth-provider ${value.authProvider.name} was removed from Kubernetes; use its exec plugin`,
    );
  }
  if (value.username) {
    const basic = Buffer.from(`${value.username}:${value.password ?? ""}`).toString("base64");
    return withAuthorization(() => `Basic ${basic}`, fixed);
  }
  return withAuthorization(() => undefined, fixed);
}

/** `as`, `as-uid`, `as-groups`, `as-user-extra` of a user, as the headers the API server reads them from. */
export function impersonationHeaders(written: unknown): Record<string, string | string[]> {
  const user = text(dig(written, "as"));
  if (!user) return {};
  const headers: Record<string, string | string[]> = { "Impersonate-User": user };
  const uid = text(dig(written, "as-uid"));
  if (uid) headers["Impersonate-Uid"] = uid;
  const groups = strings(dig(written, "as-groups"));
  if (groups.length > 0) headers["Impersonate-Group"] = groups;
  const extra = dig(written, "as-user-extra");
  for (const [key, values] of Object.entries(typeof extra === "object" && extra !== null ? extra : {})) {
    headers[`Impersonate-Extra-${encodeURIComponent(key.toLowerCase())}`] = strings(values);
  }
  return headers;
}

function strings(value: unknown): string[] {
  return Object.values(stringMap(Array.isArray(value) ? { ...value } : {}));
}
