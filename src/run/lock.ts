import { PortError } from "../model/errors.ts";
import type { LeaseReading, LockUse, Ports } from "../ports.ts";

/** How often the Lease is renewed, milliseconds; it lasts three times as long. */
const renewEvery = 20_000;
/** How often the Lease is asked for. */
const tries = 5;

/** The lock as this run holds it. */
export interface Held {
  /** Aborted when the Lease could not be kept: from then on another run may have begun. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
}

/** Somebody else is at work. */
export interface HeldByOther {
  readonly holder: string;
  /** When their Lease ends if it is not renewed, ISO 8601. */
  readonly until: string;
}

/** Whether a Lease is somebody else's and still good, by the API server's clock of the same answer. */
export function holderOf(reading: LeaseReading, identity: string): HeldByOther | undefined {
  const { holder, renewedAt, durationSeconds, serverTime } = reading;
  if (!holder || holder === identity || renewedAt === undefined) return undefined;
  const end = renewedAt + durationSeconds * 1000;
  return end < serverTime ? undefined : { holder, until: new Date(end).toISOString() };
}

/** When a run last renewed the Lease, ISO 8601, and who that is while it is at work; `undefined`: none that shows. */
export function lastRunOf(
  reading: LeaseReading,
): { readonly at: string; readonly holder: string | undefined } | undefined {
  const { ranAt, renewedAt } = reading;
  if (ranAt === undefined) return undefined;
  return { at: new Date(ranAt).toISOString(), holder: ranAt === renewedAt ? holderOf(reading, "")?.holder : undefined };
}

/**
 * Takes the Lease, or says who has it. Losing the race for it counts as held by the winner; where the answer is lost, another look tells
 * who has it. Fails with a `PortError`.
 */
export async function acquireLock(
  { lock, clock, journal, identity }: Ports,
  use: LockUse,
): Promise<Held | HeldByOther> {
  for (let attempt = 1; ; attempt++) {
    const reading = await lock.read();
    const other = holderOf(reading, identity);
    if (other) return other;
    try {
      const version = await lock.write(identity, reading.version, use);
      return hold({ lock, clock, journal, identity, use }, version, reading.durationSeconds * 1000);
    } catch (error) {
      const worthALook = error instanceof PortError && (error.retryable || error.code === "already-exists");
      if (!worthALook || attempt === tries) throw error;
      await clock.sleep(attempt * 100);
    }
  }
}

type Keeping = Pick<Ports, "lock" | "clock" | "journal" | "identity"> & { readonly use: LockUse };

function hold({ lock, clock, journal, identity, use }: Keeping, first: string, duration: number): Held {
  const lost = new AbortController();
  let version = first;
  let renewedAt = clock.now();
  let renewing = Promise.resolve();
  const write = async (holder: string | undefined) => {
    try {
      version = await lock.write(holder, version, use);
    } catch (error) {
      // The answer to our own last write may have been lost: then the Lease has moved on, and is ours still.
      if (!(error instanceof PortError && error.code === "conflict")) throw error;
      const reading = await lock.read();
      if (reading.holder !== identity || reading.version === undefined) throw error;
      version = await lock.write(holder, reading.version, use);
    }
  };
  const renew = async () => {
    try {
      await write(identity);
      renewedAt = clock.now();
    } catch (error) {
      const taken = error instanceof PortError && (error.code === "conflict" || error.code === "not-found");
      journal.warn("the Lease could not be renewed", { error: error instanceof Error ? error.message : String(error) });
      if (taken || clock.now() - renewedAt > duration - renewEvery) lost.abort();
    }
  };
  const stop = clock.every(renewEvery, () => {
    renewing = renewing.then(renew);
  });
  const release = async () => {
    stop();
    await renewing;
    if (lost.signal.aborted) return;
    await write(undefined).catch((error: unknown) => {
      journal.warn("the Lease could not be released; it ends by itself", {
        error: error instanceof Error ? error.message : String(error),
      });
    });
  };
  return { lost: lost.signal, release };
}
