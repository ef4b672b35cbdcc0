import type { Clock } from "../ports.ts";
import { waitFor } from "./wait.ts";

/** The `Clock` port over real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  jitter: (most) => Math.random() * most,
  sleep: (ms, signal) => waitFor(ms, signal),
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};
