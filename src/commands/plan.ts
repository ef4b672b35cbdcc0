import type { Policy } from "../model/policy.ts";
import type { PlanReport } from "../model/report.ts";
import type { Ports } from "../ports.ts";
import { fluxReport } from "../run/commit/report.ts";
import { lookAtFlux } from "../run/look.ts";
import { planReport, prepare } from "../run/prepare.ts";

/** What a run would do now and why. Writes nothing, and needs neither the state's namespace nor the digest key. */
export async function plan(ports: Ports, policy: Policy, stateName: string): Promise<PlanReport> {
  const looked = await lookAtFlux(ports, policy, await prepare(ports, policy, stateName, false));
  try {
    return planReport(looked.prepared, fluxReport(looked));
  } finally {
    await looked.resolved.close();
  }
}
