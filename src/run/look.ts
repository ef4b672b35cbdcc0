import type { Policy } from "../model/policy.ts";
import type { Ports } from "../ports.ts";
import { sortIssues } from "../survey/issues.ts";
import { type Resolved, resolveCommits } from "./commit/resolve.ts";
import { fightIssues } from "./fights.ts";
import { fluxReading } from "./flux.ts";
import type { Prepared } from "./prepare.ts";
import { findReaders, type Readers } from "./readers.ts";

/** Everything that is known before the first write. */
export interface Looked {
  /** With the plan as it is carried out. */
  readonly prepared: Prepared;
  readonly resolved: Resolved;
  readonly readers: Readers;
}

/** Looks at what Flux has to do with the plan: where commits go, what fights with restarting directly, and what else reads changed sources. */
export async function lookAtFlux(ports: Ports, policy: Policy, surveyed: Prepared): Promise<Looked> {
  const flux = fluxReading(ports.cluster);
  const { survey } = surveyed;
  const resolved = await resolveCommits(ports, policy, survey, flux);
  try {
    const { actions, issues } = resolved.plan;
    const fights = await fightIssues(actions, survey.surveyed, policy, flux);
    const readers = await findReaders(ports.cluster, policy, surveyed, flux);
    const plan = { ...resolved.plan, issues: sortIssues([...issues, ...fights, ...readers.issues]) };
    return { prepared: { ...surveyed, survey: { ...survey, plan } }, resolved: { ...resolved, plan }, readers };
  } catch (error) {
    await resolved.close();
    throw error;
  }
}
