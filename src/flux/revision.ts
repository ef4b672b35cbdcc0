/** A revision as Flux writes it. */
export interface Revision {
  /** The branch, or the whole reference; empty where the revision names none. */
  readonly reference: string;
  /** The commit, in lower-case hex digits. */
  readonly commit: string;
}

const current = /^(?:(?<reference>.*)@)?(?:sha1|sha256):(?<commit>[0-9a-f]{40,64})$/i;
/** Before Flux 2.0. */
const legacy = /^(?<reference>.*)\/(?<commit>[0-9a-f]{40,64})$/i;

/**
 * Reads the revision of a Git artifact (fluxcd RFC-0005): `main@sha1:…`, `refs/heads/main@sha1:…`, `sha1:…`, and `main/…` of older
 * releases. `undefined`: it is of something else.
 */
export function parseRevision(revision: string | undefined): Revision | undefined {
  const { reference = "", commit } = (current.exec(revision ?? "") ?? legacy.exec(revision ?? ""))?.groups ?? {};
  return commit === undefined ? undefined : { reference, commit: commit.toLowerCase() };
}

/** The commit of a revision. */
export function commitOf(revision: string | undefined): string | undefined {
  return parseRevision(revision)?.commit;
}
