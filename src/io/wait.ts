/** The longest time a timer can be set to; beyond it Node would fire at once. */
const longest = 2 ** 31 - 1;

/** Resolves after `ms`, or at once when the signal is aborted. Keeps the process alive. */
export function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, longest));
    signal?.addEventListener("abort", done, { once: true });
  });
}
