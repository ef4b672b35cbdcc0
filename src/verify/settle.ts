import { formatRight, isAccessError, PortError } from "../model/errors.ts";
import type { Outcome } from "../model/outcome.ts";
import { formatRef } from "../model/ref.ts";
import type { Ports } from "../ports.ts";
import { atDeadline } from "./deadline.ts";
import { outcomeOf } from "./outcome.ts";
import { type RolloutWatch, type SettleTarget, watchRollout } from "./watch.ts";

export interface SettleOptions {
  /** Aborted: the answer comes at once, `verifying`. */
  readonly signal: AbortSignal;
  /** When the run ends, milliseconds of `clock.now()`. */
  readonly until: number;
  /** Called with a few words for people each time they change. */
  readonly onProgress?: (text: string) => void;
}

/** An outcome with the words for people that belong to its reason. */
export interface Settled extends Outcome {
  readonly message: string;
}

type End = Pick<Settled, "outcome" | "reason" | "message">;

/** Pauses between looks, milliseconds; the last one repeats. */
const pauses = [1000, 1000, 1000, 1000, 1000, 2000, 2000, 2000, 2000, 2000, 5000] as const;

/**
 * Watches one rollout until its verdict. Never fails because of the cluster: what cannot be read now is tried again. Ends as
 * `failed` with `DeadlineExceeded` where the workload's own deadline is over and the last look was a good one; as `verifying`, to be
 * taken up by the next run, where the run's time is over (`RunEnded`), on abort (`Interrupted`), where nobody could look
 * (`Unreachable`), where a right is missing (`Forbidden`), or where the Deployment is paused (`Suspended`).
 */
export async function settle(
  ports: Pick<Ports, "cluster" | "clock" | "journal">,
  target: SettleTarget,
  options: SettleOptions,
): Promise<Settled> {
  const watch = watchRollout(ports, target);
  const end = await follow(ports, target, options, watch);
  const durationMs = Math.max(0, watch.now() - target.startedAt);
  ports.journal.debug("rollout settled", { workload: formatRef(target.workload), ...end, durationMs });
  return { workload: target.workload, ...end, durationMs };
}

async function follow(
  { clock, journal }: Pick<Ports, "clock" | "journal">,
  target: SettleTarget,
  { signal, until, onProgress }: SettleOptions,
  watch: RolloutWatch,
): Promise<End> {
  let said = "nobody has looked yet";
  const say = (message: string) => {
    if (message !== said) onProgress?.(message);
    said = message;
  };
  for (let looks = 0; ; looks++) {
    if (signal.aborted) return open("Interrupted", `interrupted; ${said}`);
    const seen = await orAborted(watch.look(), signal).catch(portError);
    const left = target.startedAt + watch.deadline() - watch.now();
    if (seen instanceof PortError) {
      if (signal.aborted) continue;
      if (isRefused(seen)) return open("Forbidden", refusal(seen));
      journal.debug("could not look, trying again", { workload: formatRef(target.workload), error: seen.message });
      if (left <= 0 || clock.now() >= until)
        return open("Unreachable", `${said}; the last look failed: ${seen.message}`);
    } else {
      const look = left <= 0 ? atDeadline(seen, watch.deadline()) : seen;
      const { final, ...end } = outcomeOf(look);
      if (final) return end;
      say(look.message);
      if (clock.now() >= until) return open("RunEnded", `${said}; the run has no more time, the next one goes on`);
    }
    const pause = pauses[Math.min(looks, pauses.length - 1)] ?? 0;
    const rest = Math.min(pause, until - clock.now(), left);
    await clock.sleep(Math.max(rest, 1), signal);
  }
}

function open(reason: string, message: string): End {
  return { outcome: "verifying", reason, message };
}

function isRefused(error: PortError): boolean {
  return isAccessError(error);
}

function refusal(error: PortError): string {
  return error.right ? `${error.message}; missing: ${formatRight(error.right)}` : error.message;
}

function portError(error: unknown): PortError {
  if (error instanceof PortError) return error;
  throw error;
}

/** The port has no signal of its own for reads, and an answer may take long. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new PortError("aborted", "interrupted"));
  if (signal.aborted) abort();
  else signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", abort));
}
