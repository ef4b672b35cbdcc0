import { readCredentials } from "../../flux/credentials.ts";
import type { LiveGitRepository } from "../../flux/live.ts";
import type { GitCredential } from "../../model/git.ts";
import type { GitPolicy } from "../../model/policy.ts";
import type { Refusal } from "../../model/refusals.ts";
import type { Cluster } from "../../ports.ts";

/** What to log in with at the repository of a GitRepository; nothing where nobody asked for anything to be sent. Fails with a `GitError` or a `PortError`. */
export async function credentialFor(
  cluster: Cluster,
  { secret, useSourceSecret }: GitPolicy,
  source: LiveGitRepository,
): Promise<GitCredential | Refusal | undefined> {
  const read = await readCredentials(cluster, source, { own: secret, useSourceSecret });
  if (read.is === "none") return undefined;
  if (read.is === "credential") return read.credential;
  if (read.is === "refused") return read.refusal;
  throw read.error;
}
