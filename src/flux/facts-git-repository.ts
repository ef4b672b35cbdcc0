import type { GitRepositoryFacts } from "../model/flux.ts";
import { dig, type KubeObject, objects, text } from "../model/object.ts";
import { fluxFacts, texts } from "./facts.ts";
import type { LiveGitRepository } from "./live.ts";

/** A GitRepository as the API gave it (source-controller api/v1/gitrepository_types.go). */
export function gitRepositoryFacts(object: KubeObject): LiveGitRepository {
  const spec = (...path: string[]) => dig(object, "spec", ...path);
  const verifies = typeof spec("verify") === "object" && spec("verify") !== null;
  return {
    ...fluxFacts(object),
    url: text(spec("url")) ?? "",
    ...followed(spec("ref")),
    include: objects(spec("include")).flatMap(included),
    ignore: text(spec("ignore")),
    sparseCheckout: texts(spec("sparseCheckout")),
    recurseSubmodules: spec("recurseSubmodules") === true,
    verify: verifies ? text(spec("verify", "mode")) || "HEAD" : undefined,
    provider: text(spec("provider")) || "generic",
    secret: text(spec("secretRef", "name")),
    proxySecret: text(spec("proxySecretRef", "name")),
    artifactRevision: text(dig(object, "status", "artifact", "revision")),
  };
}

const branches = "refs/heads/";
/** What counts before the branch, the first first. */
const pins = ["commit", "name", "semver", "tag"] as const;

/** The branch, where one is followed: without any reference that is `master`, whatever the server's default. */
function followed(ref: unknown): Pick<GitRepositoryFacts, "branch" | "pinned"> {
  for (const field of pins) {
    const value = text(dig(ref, field));
    if (!value) continue;
    const isBranch = field === "name" && value.startsWith(branches) && value.length > branches.length;
    return isBranch
      ? { branch: value.slice(branches.length), pinned: undefined }
      : { branch: undefined, pinned: `spec.ref.${field}: ${value}` };
  }
  return { branch: text(dig(ref, "branch")) || "master", pinned: undefined };
}

/** `toPath` is the name of the included repository where nothing else is said. */
function included(entry: Record<string, unknown>): GitRepositoryFacts["include"] {
  const repository = text(dig(entry, "repository", "name"));
  if (!repository) return [];
  return [{ repository, fromPath: text(entry.fromPath) ?? "", toPath: text(entry.toPath) || repository }];
}
