import type { LiveKustomization } from "../../flux/live.ts";
import { withVariables } from "../../flux/variables.ts";
import type { Placed } from "../../model/commit.ts";
import type { GitPolicy } from "../../model/policy.ts";
import type { CommittedRecord } from "../../model/state.ts";
import { placeAll } from "../../place/place.ts";
import type { Cluster, FetchedCommit, Ports, Repository } from "../../ports.ts";
import { credentialFor } from "./credential.ts";
import { findGone, type Gone } from "./gone.ts";
import { nameText, type RepositoryGroup } from "./repositories.ts";
import type { Sought } from "./targets.ts";

/** A repository that was looked into. */
export interface PreparedRepository extends RepositoryGroup {
  /** Absent where its credential is of no use, so that everything is refused. */
  readonly repository: Repository | undefined;
  /** Absent: the branch is where an earlier commit of ours left it, so there was nothing to fetch. */
  readonly base: FetchedCommit | undefined;
  readonly placed: Placed;
  /** Committed by an earlier run and still at the tip. */
  readonly standing: readonly { readonly sought: Sought; readonly committed: CommittedRecord }[];
  /** Committed by an earlier run, and gone from the branch since. */
  readonly gone: Gone;
  /** What an earlier run committed for it and nobody has seen applied. */
  readonly committedOf: CommittedOf;
}

/** Names may be made with variables of ConfigMaps: they are read for the Kustomizations that own a target. */
async function withNames(cluster: Cluster, group: RepositoryGroup): Promise<RepositoryGroup> {
  const own = new Map(
    group.sought.map(({ target }) => [nameText(target.owned.kustomization), target.owned.kustomization]),
  );
  const read = new Map<string, LiveKustomization>();
  for (const [name, kustomization] of own) read.set(name, await withVariables(cluster, kustomization));
  return {
    ...group,
    use: {
      ...group.use,
      kustomizations: group.use.kustomizations.map((each) => read.get(nameText(each)) ?? each),
    },
    sought: group.sought.map((sought) => {
      const { owned } = sought.target;
      const kustomization = read.get(nameText(owned.kustomization)) ?? owned.kustomization;
      return { ...sought, target: { ...sought.target, owned: { ...owned, kustomization } } };
    }),
  };
}

/** What an earlier run committed for an action and has not seen applied. */
export type CommittedOf = (sought: Sought) => CommittedRecord | undefined;

const nothing: Placed = { files: [], placed: [], refused: [] };
const noneGone: Gone = { takenBack: [], anew: new Set() };

/** Where the branch was when it was last seen to hold what was committed. */
export function tipOf({ commit, tip }: CommittedRecord): string {
  return tip ?? commit;
}

/**
 * Looks into a repository: by one round trip, where everything that is wanted was committed before and the branch did not move since;
 * otherwise the tip is fetched and every stamp is given its place. Fails with a `GitError`, or with a `PortError` where the credential
 * cannot be read.
 */
export async function prepareRepository(
  ports: Pick<Ports, "cluster" | "git">,
  policy: GitPolicy,
  group: RepositoryGroup,
  committedOf: CommittedOf,
): Promise<PreparedRepository> {
  const credential = await credentialFor(ports.cluster, policy, group.source);
  if (credential && "code" in credential) {
    const refused = group.sought.map(({ target }) => ({ target, refusal: credential }));
    const placed = { ...nothing, refused };
    return { ...group, repository: undefined, base: undefined, placed, standing: [], gone: noneGone, committedOf };
  }
  const repository = ports.git.open(group.address, credential);
  try {
    const standing = group.sought.flatMap((sought) => {
      const committed = committedOf(sought);
      return committed ? [{ sought, committed }] : [];
    });
    const [first] = standing;
    const oneTip = standing.every(({ committed }) => tipOf(committed) === (first && tipOf(first.committed)));
    if (first && standing.length === group.sought.length && oneTip) {
      if ((await repository.tip()) === tipOf(first.committed)) {
        return { ...group, repository, base: undefined, placed: nothing, standing, gone: noneGone, committedOf };
      }
    }
    const base = await repository.fetch();
    const known = await withNames(ports.cluster, group);
    const place = (sought: readonly Sought[]) =>
      placeAll(
        base.tree,
        sought.map(({ target }) => target),
        known.use,
      );
    const all = await place(known.sought);
    const gone = findGone(base, all, known.sought, committedOf);
    const left = new Set(gone.takenBack.map(({ sought }) => sought));
    const sought = known.sought.filter((each) => !left.has(each));
    const placed = left.size === 0 ? all : await place(sought);
    return { ...known, sought, repository, base, placed, standing: [], gone, committedOf };
  } catch (error) {
    await repository.close();
    throw error;
  }
}
