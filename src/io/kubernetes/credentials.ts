import { readFileSync } from "node:fs";
import { UsageError } from "../../model/errors.ts";
import type { Credential, Credentials } from "./connection.ts";

/** How old a token read from a file may be; client-go reads it again as often. */
const tokenFileMaxAge = 60_000;

/**
 * Credentials that are read: from the kubeconfig itself or from files. They are read at once, again when older than `maxAge`
 * milliseconds, and after a 401. Where reading again fails, what was read before stays in use: rotation may be half done.
 */
export function readCredentials(read: () => Credential, maxAge = tokenFileMaxAge): Credentials {
  let held = read();
  let readAt = performance.now();

  function readAgain(): boolean {
    const before = held;
    readAt = performance.now();
    try {
      held = read();
    } catch {
      return false;
    }
    return held.authorization !== before.authorization || held.cert !== before.cert || held.key !== before.key;
  }

  return {
    async current() {
      if (performance.now() - readAt > maxAge) readAgain();
      return held;
    },
    refresh: readAgain,
  };
}

/** Content of a file the connection needs; a file that cannot be read is a `UsageError` that names it. */
export function readNeededFile(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new UsageError(`${what} ${file}: cannot be read (${code})`, { cause: error });
  }
}

/** A token as it stands in a file, as the value of the Authorization header. */
export function bearerFromFile(file: string): string {
  const token = readNeededFile(file, "token file").trim();
  if (token === "") throw new UsageError(`token file ${file}: is empty`);
  return `Bearer ${token}`;
}
