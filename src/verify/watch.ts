import type { WorkloadKind } from "../model/kinds.ts";
import type { Baseline } from "../model/outcome.ts";
import type { WorkloadRef } from "../model/ref.ts";
import type { Ports } from "../ports.ts";
import { rolloutDeadline } from "./deadline.ts";
import { evidenceReader } from "./evidence.ts";
import type { Expected, Look } from "./facts.ts";
import { rolloutStatus } from "./status.ts";

/** A rollout to be watched. */
export interface SettleTarget extends Expected {
  readonly workload: WorkloadRef;
  readonly kind: WorkloadKind;
  /** `Workload.podSelector`. */
  readonly podSelector: string;
  /** When the patch was sent, the API server's clock, milliseconds since the epoch. */
  readonly startedAt: number;
  /** The configured deadline, milliseconds from `startedAt`; `undefined`: by kind and size. */
  readonly rollout: number | undefined;
  readonly baseline: Baseline | undefined;
}

/** One rollout under watch. */
export interface RolloutWatch {
  /** Reads the workload, and its pods where they are needed. Fails with a `PortError` where the workload cannot be read. */
  look(): Promise<Look>;
  /** The API server's time, milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from the patch; infinite while nothing tells. */
  deadline(): number;
}

/** Starts to watch; makes no call yet. */
export function watchRollout(ports: Pick<Ports, "cluster" | "clock" | "journal">, target: SettleTarget): RolloutWatch {
  const { cluster, clock } = ports;
  const { kind } = target;
  const readEvidence = evidenceReader(ports, target.workload, kind, target.podSelector);
  // The Date header stands still while no answer comes; our clock goes on from there.
  let skew = (cluster.serverTime() ?? clock.now()) - clock.now();
  let deadline = target.rollout ?? Number.POSITIVE_INFINITY;
  let last: Look | undefined;
  const now = () => clock.now() + skew;

  const look = async (): Promise<Look> => {
    const { namespace, name } = target.workload;
    const object = await cluster.get(kind, namespace, name);
    skew = (cluster.serverTime() ?? clock.now()) - clock.now();
    if (object) deadline = rolloutDeadline(kind, object, target.rollout);
    const { startedAt, baseline } = target;
    const facts = { kind, object, expected: target, startedAt, baseline, trail: last?.trail };
    const first = rolloutStatus({ ...facts, now: now() });
    const evidence = first.needsPods ? await readEvidence() : undefined;
    if (evidence) return rolloutStatus({ ...facts, ...evidence, now: now(), trail: first.trail });
    // What the pods said a moment ago still explains the same standstill.
    const explained = last?.reason === first.reason && last.message.startsWith(first.message);
    return explained ? { ...first, message: last?.message ?? first.message } : first;
  };
  return {
    look: async () => {
      last = await look();
      return last;
    },
    now,
    deadline: () => deadline,
  };
}
