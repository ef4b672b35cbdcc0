import type { WorkloadRef } from "./ref.ts";

/** Where commits go: one branch of one remote repository. */
export interface RepositoryAddress {
  /** As the GitRepository has it, without user information: `https://host/path`, `ssh://git@host:22/path`. */
  readonly url: string;
  readonly branch: string;
}

/**
 * What a Git server may ask for, already taken out of its Secret (Flux GitRepository `secretRef`, see the Flux docs on authentication).
 * Never part of a report, a log line or an error.
 */
export interface GitCredential {
  readonly basic?: { readonly username: string; readonly password: string };
  readonly bearer?: string;
  /** PEM; trusted in place of the system's authorities. */
  readonly authority?: string;
  /** PEM, for mutual TLS. */
  readonly client?: { readonly certificate: string; readonly key: string };
  readonly ssh?: { readonly identity: string; readonly knownHosts: string; readonly passphrase?: string };
  readonly proxy?: { readonly address: string; readonly username?: string; readonly password?: string };
}

/** Who a commit says it is from. */
export interface Author {
  readonly name: string;
  readonly email: string;
}

/** What a commit puts in place of one file. */
export interface FileChange {
  /** Path from the root of the repository, with slashes. */
  readonly path: string;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Where a stamp was put: into the definition itself, into a kustomization on its way, or into the Flux Kustomization that reconciles it. */
export type PlacementWay = "in-place" | "overlay" | "flux-kustomization";

/** Where the stamp of one workload goes in a repository, and why there. */
export interface Placement {
  readonly workload: WorkloadRef;
  /** What is edited: the workload itself, or the HelmRelease it belongs to. */
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string };
  readonly way: PlacementWay;
  readonly path: string;
  /** In plain words: why this file and not another. */
  readonly reason: string;
}

/** Everything that can go wrong between reroll and a Git server, translated once by the adapter. */
export type GitErrorCode =
  /** The branch moved since it was fetched: fetch again, decide again, push again. */
  | "moved"
  /** A hook, a rule or a protected branch said no; the server's words are in the message. */
  | "declined"
  | "unauthorized"
  | "forbidden"
  /** The key may read and not write. */
  | "read-only"
  | "not-found"
  | "no-branch"
  | "too-large"
  | "host-key"
  | "tls"
  | "unreachable"
  | "timeout"
  | "server-error"
  | "bad-answer"
  | "unsupported"
  | "aborted";

const retryable: ReadonlySet<GitErrorCode> = new Set(["moved", "unreachable", "timeout", "server-error", "bad-answer"]);

/** A call to a Git server failed. The message says what was attempted, where, and what to do; never a credential. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retryable(): boolean {
    return retryable.has(this.code);
  }
}
