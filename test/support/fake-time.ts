import type { Clock } from "../../src/ports.ts";

/** A clock that stands still until somebody sleeps or a test moves it: no test waits, and every run sees the same times. */
export interface FakeTime {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** The `Clock` port: sleeping moves the time. */
  readonly clock: Clock;
  /** Moves the time, calling back whoever asked to be called every so often. */
  advance(ms: number): void;
}

interface Tick {
  readonly every: number;
  readonly callback: () => void;
  next: number;
}

/** `moved` is told after each step, for things that look at the clock only when something happens. */
export function fakeTime(start = Date.parse("2026-11-23T02:00:00Z"), moved: () => void = () => {}): FakeTime {
  let now = start;
  const ticks = new Set<Tick>();
  const advance = (ms: number) => {
    const end = now + ms;
    for (;;) {
      const [due] = [...ticks].filter(({ next }) => next <= end).sort((a, b) => a.next - b.next);
      if (!due) break;
      now = Math.max(now, due.next);
      due.next += due.every;
      due.callback();
    }
    now = end;
    moved();
  };
  const clock: Clock = {
    now: () => now,
    jitter: () => 0,
    async sleep(ms, signal) {
      if (!signal?.aborted) advance(ms);
    },
    every(ms, callback) {
      const tick = { every: ms, callback, next: now + ms };
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
  };
  return { now: () => now, clock, advance };
}
