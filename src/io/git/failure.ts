import { GitError, type GitErrorCode } from "../../model/git.ts";
import { presentable } from "./words.ts";

/** What was attempted, for messages: `cannot fetch branch main of https://host/path`. */
export interface Attempt {
  readonly doing: string;
  readonly branch: string;
  /** Without user information. */
  readonly url: string;
}

/** Codes of system, TLS and undici errors. */
const codes: Readonly<Record<string, readonly [GitErrorCode, string]>> = {
  ECONNREFUSED: ["unreachable", "the connection was refused"],
  ECONNRESET: ["unreachable", "the connection was cut"],
  ECONNABORTED: ["unreachable", "the connection was cut"],
  EPIPE: ["unreachable", "the connection was cut"],
  EHOSTUNREACH: ["unreachable", "there is no route to the host"],
  ENETUNREACH: ["unreachable", "there is no route to the host"],
  ENOTFOUND: ["unreachable", "the name of the host is not known"],
  EAI_AGAIN: ["unreachable", "the name of the host cannot be resolved now"],
  ETIMEDOUT: ["timeout", "the server did not answer in time"],
  UND_ERR_CONNECT_TIMEOUT: ["timeout", "no connection in time"],
  UND_ERR_HEADERS_TIMEOUT: ["timeout", "the server did not answer in time"],
  UND_ERR_BODY_TIMEOUT: ["timeout", "the answer stopped"],
  UND_ERR_SOCKET: ["unreachable", "the connection was cut"],
  UND_ERR_CLOSED: ["unreachable", "the connection was closed"],
  UND_ERR_DESTROYED: ["unreachable", "the connection was closed"],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ["bad-answer", "the answer was cut"],
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: ["bad-answer", "the request was cut"],
  UND_ERR_HEADERS_OVERFLOW: ["bad-answer", "the answer is not of the Git protocol"],
  UND_ERR_INVALID_ARG: ["unsupported", "the address or the credential cannot be sent"],
};

/** OpenSSL's verdicts on a certificate (`X509_V_ERR_*` as Node names them) and alerts of TLS. */
const tls =
  /CERT|SELF_SIGNED|UNABLE_TO_|CRL|ALTNAME|^ERR_SSL|^ERR_TLS|^EPROTO$|ERR_OSSL|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH/;

const advice: Partial<Record<GitErrorCode, string>> = {
  unauthorized: "Check the credential: it was not accepted",
  forbidden: "Give reroll a credential that may write to the repository",
  "read-only":
    "Give reroll a key that may write: a deploy key with write access (flux bootstrap --read-write-key), or a Secret of its own (git.secretRef)",
  "not-found": "Check the address; servers say so too of private repositories, to whom no credential opens them",
  "too-large": "Split the repository, or give reroll one that holds less",
  "host-key":
    "Compare the key of the host with a trusted source, and put it into known_hosts of the Secret (ssh-keyscan prints it)",
  tls: "Check ca.crt of the Secret against the authority that signed the server's certificate, and tls.crt where the server wants a client's",
  unreachable: "Check the address, the network policies and the proxy",
  timeout: "Try again later, or raise git.timeout",
};

/**
 * The one translation: whatever went wrong, as a GitError that says what was attempted, where, why it failed and what to do. `hide` takes out
 * what is secret of it.
 */
export function translate(error: unknown, { doing, branch, url }: Attempt, hide: (words: string) => string): GitError {
  const { code, message: said } = classify(error);
  const message = hide(said);
  const next = advice[code];
  const text = `cannot ${doing} branch ${branch} of ${url}: ${message}`;
  return new GitError(code, next === undefined ? text : `${text.replace(/\.$/, "")}. ${next}`, safeCause(error, hide));
}

function classify(error: unknown): { readonly code: GitErrorCode; readonly message: string } {
  if (error instanceof GitError) return error;
  for (const [depth, each] of causes(error).entries()) {
    if (each instanceof GitError) return each;
    const refusal = each instanceof Error ? proxyRefusal(each.message) : undefined;
    if (refusal !== undefined) return refusal;
    const name = codeOf(each);
    const known = name === undefined ? undefined : codes[name];
    if (known !== undefined) return { code: known[0], message: `${known[1]} (${name})` };
    if (name !== undefined && tls.test(name)) return { code: "tls", message: `TLS failed (${name})` };
    if (depth > 5) break;
  }
  const said = error instanceof Error ? presentable(error.message).slice(0, 200) : "unknown failure";
  return { code: "bad-answer", message: said };
}

/** undici has no type for what a proxy answered to CONNECT. */
function proxyRefusal(message: string): { readonly code: GitErrorCode; readonly message: string } | undefined {
  const [, status] = /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(message) ?? [];
  if (status === undefined) return undefined;
  if (status !== "407") return { code: "unreachable", message: `the proxy answered ${status}` };
  return { code: "unauthorized", message: "the proxy answered 407: its username and password are missing or wrong" };
}

function causes(error: unknown): readonly unknown[] {
  const inner = error instanceof AggregateError ? error.errors : error instanceof Error ? [error.cause] : [];
  return [
    error,
    ...inner
      .filter((each) => each !== undefined)
      .slice(0, 3)
      .flatMap(causes),
  ].slice(0, 10);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Errors of libraries may hold requests with their headers: only their name and code are passed on. */
function safeCause(error: unknown, hide: (words: string) => string): Error | undefined {
  if (error instanceof GitError || !(error instanceof Error)) return undefined;
  const code = codeOf(error);
  const said = presentable(hide(error.message)).slice(0, 200);
  return Object.assign(new Error(said), { name: error.name }, code ? { code } : {});
}
