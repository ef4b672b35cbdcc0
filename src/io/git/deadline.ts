import { GitError } from "../../model/git.ts";

/**
 * Runs a call within a time limit. Its signal is aborted at the limit and when `outer` is, and the promise is settled then whatever the
 * call does. Fails with `timeout`, `aborted`, and as the call does.
 */
export async function within<T>(
  milliseconds: number,
  outer: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  const abort = () => controller.abort(new GitError("aborted", "reroll is stopping"));
  const seconds = Math.round(milliseconds / 100) / 10;
  const late = () => controller.abort(new GitError("timeout", `no end after ${seconds} s`));
  const timer = setTimeout(late, milliseconds);
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      if (signal.aborted) reject(signal.reason);
      else call(signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", abort);
  }
}
