import type { Right } from "./model/errors.ts";
import type { Author, FileChange, GitCredential, RepositoryAddress } from "./model/git.ts";
import type { Resource } from "./model/kinds.ts";
import type { KubeObject, NewObject, PatchOperation } from "./model/object.ts";

/** Narrows a list. Selectors are in the query form of the Kubernetes API. */
export interface ListOptions {
  /** Absent: all namespaces at once. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Ask for `PartialObjectMetadata`: the objects come without spec, status and data. */
  readonly metadataOnly?: boolean;
}

/** One page of a list. `resourceVersion` is that of the whole list. */
export interface Page<Item = KubeObject> {
  readonly items: readonly Item[];
  readonly resourceVersion: string;
}

/** The API server. Every method fails with a `PortError` and never with anything else. */
export interface Cluster {
  /**
   * All pages of a consistent list, in order. Fails as a whole: after a failure, what came before says nothing about what is absent. With
   * `take` only what it makes of each object is kept, as soon as the object has arrived; it may be called again for a page that was cut
   * off, and what it throws ends the list.
   */
  list<Kept = KubeObject>(
    resource: Resource,
    options: ListOptions,
    take?: (item: KubeObject) => readonly Kept[],
  ): AsyncIterable<Page<Kept>>;
  /** `undefined` where there is no such object. */
  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options?: { readonly metadataOnly?: boolean },
  ): Promise<KubeObject | undefined>;
  /** JSON Patch (RFC 6902), field manager `reroll`. Sent once: a lost answer is a failure whose effect nobody knows. */
  patch(
    resource: Resource,
    namespace: string,
    name: string,
    operations: readonly PatchOperation[],
  ): Promise<KubeObject>;
  /** Sent once: a lost answer is a failure whose effect nobody knows. Fails with `already-exists` where there is one of that name. */
  create(resource: Resource, namespace: string, object: NewObject): Promise<KubeObject>;
  /**
   * Deletes the object with that uid and, in the background, everything it controls. Fails with `conflict` where another object has the name by
   * now, with `not-found` where none has. Sent once, like `create`.
   */
  remove(resource: Resource, namespace: string, name: string, uid: string): Promise<void>;
  /** Whether the API server knows the resource at all, by its discovery, which every authenticated identity may read. */
  serves(resource: Resource): Promise<boolean>;
  /** Asks by SelfSubjectAccessReview. */
  can(right: Right): Promise<boolean>;
  /** The API server's clock, milliseconds since the epoch, from the Date header of the newest answer; `undefined` before the first. */
  serverTime(): number | undefined;
  /** `gitVersion` of /version. */
  version(): Promise<string>;
}

/** One stored document: a ConfigMap of the state. */
export interface StoredDocument {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  /** Bytes, already decoded. */
  readonly binaryData: Readonly<Record<string, Uint8Array>>;
  /** What compare-and-swap compares; opaque. */
  readonly version: string;
}

/** Where the state lives: ConfigMaps in one namespace. */
export interface StateStore {
  /** `undefined` where there is none. */
  read(name: string): Promise<StoredDocument | undefined>;
  /** Names of every stored document that belongs to the state, sorted. */
  names(): Promise<readonly string[]>;
  /** Replaces the document of that version, or creates it where `version` is undefined. Fails with `conflict` or `already-exists` when somebody else was first. Returns the new version. */
  write(document: Omit<StoredDocument, "version">, version: string | undefined): Promise<string>;
  remove(name: string, version: string): Promise<void>;
  /** Whether the namespace exists. */
  namespaceExists(): Promise<boolean>;
  readonly namespace: string;
}

/** One digest key. The bytes never leave the snapshot room. */
export interface DigestKey {
  /** First 8 hex digits of HMAC(key, "id"). */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** The current key first, retired ones after it. */
export type Keyring = readonly [DigestKey, ...DigestKey[]];

/** The Secret that holds the keyring. */
export interface KeyStore {
  /** `undefined` where the Secret does not exist. Key ids are computed by the reader of the bytes. */
  read(): Promise<readonly Uint8Array[] | undefined>;
  /** Creates the Secret with one new random key. Fails with `already-exists` when somebody else was first. */
  create(): Promise<readonly Uint8Array[]>;
  /** Random bytes for a key that lives no longer than this process. */
  generate(): Uint8Array;
}

/** The Lease as it was read, with the API server's clock of the same answer. */
export interface LeaseReading {
  readonly holder: string | undefined;
  /** Milliseconds since the epoch. */
  readonly renewedAt: number | undefined;
  /** When a run last did, milliseconds since the epoch; equal to `renewedAt` where it was a run that did. */
  readonly ranAt: number | undefined;
  readonly durationSeconds: number;
  /** `undefined`: there is no Lease yet. */
  readonly version: string | undefined;
  readonly serverTime: number;
}

/** Who takes the Lease: a run, or a command that only writes the state. */
export type LockUse = "run" | "command";

/** The Lease that keeps two runs apart. */
export interface Lock {
  read(): Promise<LeaseReading>;
  /** Writes holder and renewal time by compare-and-swap on `version`; holder `undefined` releases. Returns the new version. */
  write(holder: string | undefined, version: string | undefined, use: LockUse): Promise<string>;
}

/** One entry of a directory in a Git tree. */
export interface TreeEntry {
  readonly name: string;
  readonly is: "file" | "directory" | "symlink" | "submodule";
}

/** The files of one commit, which was fetched whole: nothing is waited for. Paths are relative to the root, with slashes and without a leading one; the root is empty text. */
export interface Tree {
  /** `undefined` where there is no such directory. Sorted by name. */
  list(directory: string): readonly TreeEntry[] | undefined;
  /** The bytes of a file, or of a symbolic link its target as text; `undefined` where there is neither. */
  read(path: string): Uint8Array | undefined;
}

/** A commit that was fetched, with its files. */
export interface FetchedCommit {
  /** 40 hex digits. */
  readonly id: string;
  readonly message: string;
  readonly tree: Tree;
}

/** What is committed on top of a fetched commit. */
export interface NewCommit {
  readonly message: string;
  readonly author: Author;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly files: readonly FileChange[];
}

/** One branch of a remote repository. Every method fails with a `GitError` and never with anything else, and ends within its timeout. */
export interface Repository {
  /** The commit at the tip of the branch, by one round trip. Fails with `no-branch` where there is none. */
  tip(): Promise<string>;
  /** Fetches the tip, without its history. */
  fetch(): Promise<FetchedCommit>;
  /**
   * Commits on top of `base` and pushes, never by force. Returns the id of the commit. Fails with `moved` where the branch is not at `base`
   * any more: nothing was pushed then. After a lost answer nobody knows whether it was: the next `fetch` tells.
   */
  push(base: FetchedCommit, commit: NewCommit): Promise<string>;
  /** Lets go of connections and of what was fetched. */
  close(): Promise<void>;
}

/** Git servers. */
export interface GitServers {
  open(address: RepositoryAddress, credential: GitCredential | undefined): Repository;
}

/** The only source of time, of waiting and of randomness. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back every `ms` until the returned function is called. Does not keep the process alive. */
  every(ms: number, callback: () => void): () => void;
  /** A random number from 0 to `most`, so that two who wait for the same thing do not meet again. */
  jitter(most: number): number;
}

/** Structured log. Fields are plain data; no value of a Secret may be among them. */
export interface Journal {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Everything one run needs from the outside. */
export interface Ports {
  readonly cluster: Cluster;
  readonly states: StateStore;
  readonly keys: KeyStore;
  readonly lock: Lock;
  readonly git: GitServers;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Who this run is, for the Lease: the pod, or host and process. */
  readonly identity: string;
}
