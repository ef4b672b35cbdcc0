/** What the Date headers of a server tell about its clock. Milliseconds since the epoch. */
export interface ServerClock {
  /** Takes in the Date header of an answer that has just come. */
  read(date: number | undefined): void;
  /** The newest Date header; undefined before the first. */
  newest(): number | undefined;
  /** The server's clock now; undefined before the first Date header. */
  now(): number | undefined;
}

/** Beyond this the server's clock was set back. */
const setBack = 2_000;

/**
 * A Date header has whole seconds, rounded down, so each is a lower bound: the highest of them is nearest to the truth, and taking it
 * keeps the clock from jumping back with every answer.
 */
export function createServerClock(): ServerClock {
  let newest: number | undefined;
  let offset: number | undefined;
  return {
    read(date) {
      if (date === undefined) return;
      newest = date;
      const seen = date - performance.now();
      if (offset === undefined || seen > offset || seen + setBack < offset) offset = seen;
    },
    newest: () => newest,
    now: () => (offset === undefined ? undefined : offset + performance.now()),
  };
}
