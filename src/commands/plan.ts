import type { Policy } from "../model/policy.ts";
import type { PlanReport } from "../model/report.ts";
import type { Ports } from "../ports.ts";
import { resolvedReport } from "../run/commit/report.ts";
import { resolveCommits } from "../run/commit/resolve.ts";
import { planReport, prepare } from "../run/prepare.ts";

/** What a run would do now and why. Writes nothing, and needs neither the state's namespace nor the digest key. */
export async function plan(ports: Ports, policy: Policy, stateName: string): Promise<PlanReport> {
  const prepared = await prepare(ports, policy, stateName, false);
  const resolved = await resolveCommits(ports, policy, prepared.survey);
  try {
    const survey = { ...prepared.survey, plan: resolved.plan };
    return planReport({ ...prepared, survey }, resolvedReport(resolved));
  } finally {
    await resolved.close();
  }
}
