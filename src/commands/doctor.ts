import { PortError, UsageError } from "../model/errors.ts";
import { worstExit } from "../model/exit.ts";
import type { Observation } from "../model/observation.ts";
import type { Policy } from "../model/policy.ts";
import type { DoctorReport } from "../model/report-doctor.ts";
import type { Ports } from "../ports.ts";
import { exitOf } from "../run/prepare.ts";
import { observe } from "../snapshot/observe.ts";
import { checkAnnotations } from "./doctor-annotations.ts";
import { checkClock, checkServer } from "./doctor-api.ts";
import { type Finding, type Patient, problem } from "./doctor-finding.ts";
import { checkFlux } from "./doctor-flux.ts";
import { checkRights } from "./doctor-rights.ts";
import { checkKey, checkLock, checkNamespace, checkState } from "./doctor-state.ts";

/** Each looks at one thing and never fails with what it looks for: a new row is a new check. */
const examinations: readonly (readonly [name: string, examine: (patient: Patient) => Promise<Finding>])[] = [
  ["clock", checkClock],
  ["state namespace", checkNamespace],
  ["rights", checkRights],
  ["state", checkState],
  ["digest key", checkKey],
  ["lock", checkLock],
  ["annotations", checkAnnotations],
  ["Flux", checkFlux],
];

/**
 * Checks what a run needs: the API server, rights, state, key, lock, clock, what people wrote into annotations, and what Flux does with stamps. Writes nothing.
 * One check that fails does not stop the others, except where the API server cannot be reached at all.
 */
export async function doctor(ports: Ports, policy: Policy, stateName: string, server: string): Promise<DoctorReport> {
  let seen: Promise<Observation> | undefined;
  const observed = () => {
    seen ??= observe(ports.cluster, policy);
    return seen;
  };
  const patient = { ports, policy, stateName, server, observed };
  const findings = [await guarded("API server", checkServer, patient)];
  if (findings.every(({ exit }) => exit === 0)) {
    for (const [name, examine] of examinations) findings.push(await guarded(name, examine, patient));
  }
  return { checks: findings.map(({ check }) => check), exitCode: worstExit(findings.map(({ exit }) => exit)) };
}

async function guarded(
  name: string,
  examine: (patient: Patient) => Promise<Finding>,
  patient: Patient,
): Promise<Finding> {
  try {
    return await examine(patient);
  } catch (error) {
    const usage = error instanceof UsageError;
    if (!usage && !(error instanceof PortError && error.code !== "aborted")) throw error;
    return problem(name, error.message, undefined, usage ? 2 : exitOf(error));
  }
}
