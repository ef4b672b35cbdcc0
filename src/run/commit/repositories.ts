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
  const groups = Map.groupBy(sought, ({ target }) => addressKey(target.owned.source));
  const repositories = Map.groupBy(listed(flux.gitRepositories), addressKey);
  const kustomizations = Map.groupBy(listed(flux.kustomizations), ({ sourceRef: { kind, ...source } }) =>
    kind === "GitRepository" ? nameText(source) : "",
  );
  return [...groups]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([key, group]): RepositoryGroup[] => {
      const [source] = group
        .map(({ target }) => target.owned.source)
        .sort((a, b) => compareText(nameText(a), nameText(b)));
      if (!source) return [];
      const sources = repositories.get(key) ?? [];
      const from = sources.flatMap((each) => kustomizations.get(nameText(each)) ?? []);
      return [
        {
          address: { url: source.url, branch: source.branch ?? "" },
          source,
          use: { kustomizations: from, sources },
          sought: group,
        },
      ];
    });
}

function nameText({ namespace, name }: ObjectName): string {
  return `${namespace}/${name}`;
}

/** The same repository may be written in several ways: with and without `.git`, a slash at the end, capitals in the host. */
function addressKey({ url, branch }: Pick<LiveGitRepository, "url" | "branch">): string {
  return `${normalUrl(url)} ${branch ?? ""}`;
}

function normalUrl(url: string): string {
  const plain = (path: string) => path.replace(/\/+$/, "").replace(/\.git$/, "");
  if (!URL.canParse(url)) return plain(url);
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host.toLowerCase()}${plain(pathname)}`;
}
