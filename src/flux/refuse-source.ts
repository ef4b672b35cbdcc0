import type { ObjectName } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import type { LiveGitRepository } from "./live.ts";
import { nameOf } from "./names.ts";

/** What the configuration says of where commits may go, and with what. */
export interface GitTerms {
  /** The option git.repositories: `NAMESPACE/NAME` or `NAMESPACE/*`. */
  readonly repositories: readonly string[];
  /** The option git.secretRef is set. */
  readonly ownCredential: boolean;
}

/** Whether commits may go to the repository that a GitRepository names. */
export function allowsRepository({ repositories }: Pick<GitTerms, "repositories">, source: ObjectName): boolean {
  const names = [`${source.namespace}/${source.name}`, `${source.namespace}/*`];
  return repositories.some((pattern) => names.includes(pattern));
}

type SourceRule = (source: LiveGitRepository, name: string, terms: GitTerms) => Refusal | undefined;

/** Why nothing is committed to where a GitRepository points, in the order in which they are told. */
export const sourceRules: readonly SourceRule[] = [
  ({ branch, pinned }, name) => {
    if (branch !== undefined) return undefined;
    const message = `${name} follows no branch but ${pinned}; let it follow a branch, or use mode: direct`;
    return { code: "SOURCE_PINNED", message };
  },
  (source, name, terms) => {
    if (allowsRepository(terms, source)) return undefined;
    const message = `commits may not go to ${name}: add ${source.namespace}/${source.name} to git.repositories if they may`;
    return { code: "SOURCE_NOT_ALLOWED", message };
  },
  ({ provider }, name, { ownCredential }) => {
    if (provider === "generic" || ownCredential) return undefined;
    const message = `${name} authenticates with provider: ${provider}, which reroll cannot; give it a Secret of its own by git.secretRef`;
    return { code: "AUTH_PROVIDER_UNSUPPORTED", message };
  },
  ({ verify }, name) => {
    // Every mode but Tag verifies the commit at the tip, also one that nobody knows (GetMode).
    if (verify === undefined || verify === "Tag") return undefined;
    const message = `${name} verifies signatures (spec.verify.mode: ${verify}) and commits of reroll are not signed: one would stop everything that comes from it; use mode: direct`;
    return { code: "VERIFY_UNSIGNED", message };
  },
];

/** Why a Kustomization that comes from something else than a GitRepository has no branch to commit to. */
export function otherSource(kind: string, source: ObjectName, kustomization: string): Refusal {
  const name = nameOf(kind, source);
  const advice = "use mode: direct";
  return kind === "ExternalArtifact"
    ? {
        code: "SOURCE_OPAQUE",
        message: `${kustomization} comes from ${name}, and nothing tells which file of which repository that was made from; ${advice}`,
      }
    : { code: "SOURCE_NOT_GIT", message: `${kustomization} comes from ${name}, which is no Git repository; ${advice}` };
}
