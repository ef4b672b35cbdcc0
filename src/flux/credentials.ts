import { isAccessError, PortError } from "../model/errors.ts";
import type { GitRepositoryFacts, ObjectName } from "../model/flux.ts";
import { type GitCredential, GitError } from "../model/git.ts";
import { sourceResources } from "../model/kinds.ts";
import { dig, stringMap } from "../model/object.ts";
import type { Refusal } from "../model/refusals.ts";
import type { Cluster } from "../ports.ts";
import { type CredentialReading, readCredential, readProxy, type SecretText } from "./credential.ts";
import { nameOf } from "./names.ts";

/** What the configuration says of credentials. */
export interface CredentialTerms {
  /** The option git.secretRef. */
  readonly own: ObjectName | undefined;
  /** The option git.useSourceSecret. */
  readonly useSourceSecret: boolean;
}

/** The Secrets that a run reads for one GitRepository. An own one wins; without any, nothing is sent. */
export function credentialSecrets(
  { namespace, secret, proxySecret }: Pick<GitRepositoryFacts, "namespace" | "secret" | "proxySecret">,
  { own, useSourceSecret }: CredentialTerms,
): { readonly login: ObjectName | undefined; readonly proxy: ObjectName | undefined } {
  const beside = (name: string | undefined) =>
    useSourceSecret && name !== undefined ? { namespace, name } : undefined;
  return { login: own ?? beside(secret), proxy: beside(proxySecret) };
}

/** `none`: nobody asked for anything to be sent. `unread`: a Secret could not be looked at. */
export type Credentials =
  | { readonly is: "none" }
  | { readonly is: "credential"; readonly credential: GitCredential }
  | { readonly is: "refused"; readonly refusal: Refusal }
  | { readonly is: "unusable"; readonly error: GitError }
  | { readonly is: "unread"; readonly error: PortError };

/** What to log in with at the repository of a GitRepository: one read per Secret. Fails only when the run is aborted. */
export async function readCredentials(
  cluster: Cluster,
  source: GitRepositoryFacts,
  terms: CredentialTerms,
): Promise<Credentials> {
  const { login, proxy } = credentialSecrets(source, terms);
  const secret = login ? await readSecret(cluster, login) : undefined;
  if (secret && "is" in secret) return secret;
  const relay = proxy ? await readSecret(cluster, proxy) : undefined;
  if (relay && "is" in relay) return relay;
  const logged = loginOf(secret, source, terms);
  if (logged && logged.is !== "credential") return logged;
  const through = relay && readProxy(relay);
  if (through instanceof GitError) return { is: "unusable", error: through };
  if (!logged && !through) return { is: "none" };
  return { is: "credential", credential: { ...logged?.credential, ...(through ? { proxy: through } : {}) } };
}

/** Without a Secret the source's own credential is what its URL carries, if anything. */
function loginOf(
  secret: SecretText | undefined,
  source: GitRepositoryFacts,
  { useSourceSecret }: CredentialTerms,
): CredentialReading | undefined {
  if (secret) return readCredential(secret, source.url);
  const parsed = URL.parse(source.url);
  const carried = useSourceSecret && parsed !== null && parsed.protocol !== "ssh:" && parsed.username !== "";
  return carried ? readCredential({ name: nameOf("GitRepository", source), values: {} }, source.url) : undefined;
}

async function readSecret(
  cluster: Cluster,
  { namespace, name }: ObjectName,
): Promise<SecretText | Extract<Credentials, { is: "unusable" | "unread" }>> {
  const what = `Secret ${namespace}/${name}`;
  try {
    const object = await cluster.get(sourceResources.Secret, namespace, name);
    if (!object) {
      const message = `${what}, which commits are to be pushed with, does not exist; create it, or correct git.secretRef`;
      return { is: "unusable", error: new GitError("unauthorized", message) };
    }
    const encoded = Object.entries(stringMap(dig(object, "data")));
    const values = encoded.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")] as const);
    return { name: what, values: Object.fromEntries(values) };
  } catch (error) {
    if (!(error instanceof PortError) || error.code === "aborted") throw error;
    if (!isAccessError(error)) return { is: "unread", error };
    const message = `${what}, which commits are to be pushed with, may not be read: grant get on secrets ${name} in namespace ${namespace} (${error.message})`;
    return { is: "unread", error: new PortError(error.code, message, { right: error.right, status: error.status }) };
  }
}
