import { repositoryAddress, repositoryKey } from "../../flux/address.ts";
import { type Flux, type LiveGitRepository, listed } from "../../flux/live.ts";
import type { RepositoryUse } from "../../model/commit.ts";
import type { ObjectName } from "../../model/flux.ts";
import type { RepositoryAddress } from "../../model/git.ts";
import { compareText } from "../../model/ref.ts";
import type { Sought } from "./targets.ts";

/** One branch of one repository, with everything that is to be committed to it. */
export interface RepositoryGroup {
  readonly address: RepositoryAddress;
  /** The first, by name, of the GitRepositories that own a target: its credential counts. */
  readonly source: LiveGitRepository;
  readonly use: RepositoryUse;
  readonly sought: readonly Sought[];
}

/** Two GitRepositories of one address are one repository: one fetch, one commit, one push. */
export function groupByRepository(sought: readonly Sought[], flux: Flux): RepositoryGroup[] {
  const groups = Map.groupBy(sought, ({ target }) => keyOf(target.owned.source));
  const repositories = Map.groupBy(listed(flux.gitRepositories), keyOf);
  const kustomizations = Map.groupBy(listed(flux.kustomizations), ({ sourceRef: { kind, ...source } }) =>
    kind === "GitRepository" ? nameText(source) : "",
  );
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([key, group]): RepositoryGroup[] => {
      const [source] = group
        .map(({ target }) => target.owned.source)
        .sort((a, b) => compareText(nameText(a), nameText(b)));
      const address = source && repositoryAddress(source);
      if (!address) return [];
      const sources = repositories.get(key) ?? [];
      const from = sources.flatMap((each) => kustomizations.get(nameText(each)) ?? []);
      return [
        {
          address,
          source,
          use: { kustomizations: from, sources },
          sought: group,
        },
      ];
    });
}

/** `namespace/name`. */
export function nameText({ namespace, name }: ObjectName): string {
  return `${namespace}/${name}`;
}

/** What follows no branch, or is nowhere, owns no target. */
function keyOf(source: LiveGitRepository): string {
  const address = repositoryAddress(source);
  return address ? repositoryKey(address) : "";
}
