import type { Policy } from "../model/policy.ts";
import type { PlanReport } from "../model/report.ts";
import type { Ports } from "../ports.ts";
import { lookAtFlux } from "../run/flux-part.ts";
import { planReport, prepare } from "../run/prepare.ts";

/** What a run would do now and why. Writes nothing, and needs neither the state's namespace nor the digest key. */
export async function plan(ports: Ports, policy: Policy, stateName: string): Promise<PlanReport> {
  const flux = await lookAtFlux(ports, policy, await prepare(ports, policy, stateName, false));
  try {
    return planReport(flux.prepared, flux.report);
  } finally {
    await flux.close();
  }
}
