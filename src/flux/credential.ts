import { type GitCredential, GitError } from "../model/git.ts";
import type { Refusal } from "../model/refusals.ts";
import { parseUrl } from "./address.ts";
import { isEncryptedKey } from "./private-key.ts";

/** A Secret with its values in plain text. The values never leave this room but in a {@link GitCredential}. */
export interface SecretText {
  /** For messages: `Secret flux-system/flux-system`. */
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What a Secret gives to log in with: `refused` has a way that reroll does not know, `unusable` lacks something. */
export type CredentialReading =
  | { readonly is: "credential"; readonly credential: GitCredential }
  | { readonly is: "refused"; readonly refusal: Refusal }
  | { readonly is: "unusable"; readonly error: GitError };

const unusable = (message: string) => ({ is: "unusable", error: new GitError("unauthorized", message) }) as const;

/**
 * What to log in with at a URL, from a Secret in the form of GitRepository `spec.secretRef` (fluxcd/pkg git/options.go): over ssh
 * `identity` and `known_hosts`, with `password` for a key that is encrypted; over http and https `bearerToken`, else `username` and
 * `password`, else what the URL carries; `ca.crt` (before the older `caFile`), and `tls.crt` with `tls.key`. An empty Secret is anonymous
 * over http and https.
 */
export function readCredential({ name, values }: SecretText, url: string): CredentialReading {
  const parsed = parseUrl(url);
  if (!parsed)
    return unusable(
      `the URL of the repository for ${name} is none of http, https or ssh; correct spec.url of its GitRepository`,
    );
  if (values.githubAppID !== undefined) {
    const message = `${name} holds a GitHub App, which reroll cannot log in with; give a Secret with a token, or an ssh key that may write, by git.secretRef`;
    return { is: "refused", refusal: { code: "AUTH_PROVIDER_UNSUPPORTED", message } };
  }
  return parsed.protocol === "ssh:" ? overSsh(name, values) : overHttp(name, values, parsed);
}

function overSsh(name: string, values: SecretText["values"]): CredentialReading {
  const { identity, known_hosts: knownHosts, password } = values;
  const lacking = [...(identity ? [] : ["identity"]), ...(knownHosts ? [] : ["known_hosts"])];
  if (!identity || !knownHosts) {
    return unusable(`${name} lacks ${lacking.join(" and ")}, which ssh needs; flux create secret git writes both`);
  }
  if (!password && isEncryptedKey(identity)) {
    return unusable(
      `the key in ${name} (identity) is encrypted, and there is no password for it; add its passphrase as password`,
    );
  }
  return {
    is: "credential",
    credential: { ssh: { identity, knownHosts, ...(password ? { passphrase: password } : {}) } },
  };
}

function overHttp(name: string, values: SecretText["values"], url: URL): CredentialReading {
  const { bearerToken, identity, "tls.crt": certificate, "tls.key": key } = values;
  const username = values.username || decoded(url.username);
  const password = values.password || decoded(url.password);
  const scheme = url.protocol.slice(0, -1);
  if (bearerToken === undefined && password && !username) {
    return unusable(
      `${name} has a password and no username, which ${scheme} needs; a token goes with the username git`,
    );
  }
  if (bearerToken === undefined && !username && !certificate && identity) {
    return unusable(
      `${name} holds an ssh key, and the URL is ${scheme}; give username and password, or follow the repository by ssh`,
    );
  }
  if (!certificate !== !key) {
    return unusable(
      `${name} has ${certificate ? "tls.crt without tls.key" : "tls.key without tls.crt"}; a client certificate needs both`,
    );
  }
  const authority = values["ca.crt"] || values.caFile;
  const login = bearerToken ? { bearer: bearerToken } : username ? { basic: { username, password } } : {};
  return {
    is: "credential",
    credential: {
      ...login,
      ...(authority ? { authority } : {}),
      ...(certificate && key ? { client: { certificate, key } } : {}),
    },
  };
}

/** User information of a URL in plain text; as it is where it was never encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const longestProxy = 2048;
const proxySchemes = ["http:", "https:", "socks5:"];

/** A proxy from a Secret in the form of GitRepository `spec.proxySecretRef` (fluxcd/pkg runtime/secrets, ProxyURLFromSecret). */
export function readProxy({ name, values }: SecretText): NonNullable<GitCredential["proxy"]> | GitError {
  const { address, username, password } = values;
  if (!address) return new GitError("unsupported", `${name} lacks the address of the proxy; add it as address`);
  const parsed = address.length > longestProxy ? null : URL.parse(address);
  if (!parsed || !proxySchemes.includes(parsed.protocol)) {
    return new GitError(
      "unsupported",
      `the address in ${name} is no URL of a proxy (http, https or socks5); correct it`,
    );
  }
  return { address, ...(username ? { username, ...(password ? { password } : {}) } : {}) };
}
