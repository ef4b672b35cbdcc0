/** A part that is empty, `.` or `..`: most paths have none. */
const unusual = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** The path without `.`, empty parts and `..` where they can be resolved; `undefined`: it leaves the root. */
export function normal(path: string): string | undefined {
  if (!unusual.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** A path inside the repository from a folder of it; `undefined`: it leaves the repository, or is absolute. */
export function within(directory: string, path: string): string | undefined {
  return path.startsWith("/") ? undefined : normal(joined(directory, path));
}

/** `spec.path` as kustomize-controller joins it to the root (cyphar/filepath-securejoin): `..` never leaves it. */
export function secureJoin(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

export const folder = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

export const joined = (directory: string, name: string): string => (directory === "" ? name : `${directory}/${name}`);

/**
 * Whether an entry of `resources` or `components` names another repository or a file by URL (kustomize api/internal/git/repospec.go): a scheme,
 * the short form of SSH, or a host before the path.
 */
export function isRemote(entry: string): boolean {
  return (
    /^[a-z][a-z0-9+.-]*:\/\//i.test(entry) ||
    /^[\w.-]+@[\w.-]+:/.test(entry) ||
    /^git::/.test(entry) ||
    /^(?:github|gitlab)\.com[/:]/.test(entry) ||
    /[?&](?:ref|version)=/.test(entry)
  );
}
