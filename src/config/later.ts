/** Options that people look for and that are not there yet: what reroll does instead, with a code where a Git repository makes one. */
const later: Readonly<Record<string, string>> = {
  "git.pullRequest": "PULL_REQUEST: pull requests are not made yet, commits go to the branch itself",
  "git.signing": "UNSIGNED: commits are not signed yet, and repositories that verify signatures are refused",
  "git.sources":
    "SOURCE_MAPPING: what comes from an OCIRepository, a Bucket or an ExternalArtifact cannot be mapped to a repository yet; restart it in direct mode",
  "git.githubApp":
    "AUTH_PROVIDER_UNSUPPORTED: GitHub Apps are not supported yet; give a token or a deploy key by git.secretRef",
};

/** Why an option is not there yet; `undefined`: nobody promised one of that name. */
export function notYet(path: string): string | undefined {
  return Object.hasOwn(later, path) ? later[path] : undefined;
}
