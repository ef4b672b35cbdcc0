/** The branches and tags of a repository, by full name (`refs/heads/main`). */
export interface Refs {
  /** Sorted by name, as they are advertised. */
  all(): readonly (readonly [name: string, id: string])[];
  get(name: string): string | undefined;
  /**
   * Moves a ref, `undefined` meaning that there is none. False where it is not at `from` any more; nothing is done then. Nobody comes
   * between the look and the move.
   */
  move(name: string, from: string | undefined, to: string | undefined): boolean;
}

/** The refs that are files of a repository, one each; packed refs are not known here. */
export function refsOf(files: Map<string, Buffer>, gitdir: string): Refs {
  const path = (name: string) => `${gitdir}/${name}`;
  const get = (name: string) => files.get(path(name))?.toString().trim();
  return {
    get,
    all: () =>
      [...files]
        .filter(([each]) => each.startsWith(path("refs/")))
        .map(([each, id]) => [each.slice(gitdir.length + 1), id.toString().trim()] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    move(name, from, to) {
      if (get(name) !== from) return false;
      if (to === undefined) files.delete(path(name));
      else files.set(path(name), Buffer.from(`${to}\n`));
      return true;
    },
  };
}
