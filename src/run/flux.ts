import type { Policy } from "../model/policy.ts";
import type { Ports } from "../ports.ts";
import { sortIssues } from "../survey/issues.ts";
import { commitAll } from "./commit/commit.ts";
import { followCommits } from "./commit/follow.ts";
import { fluxReport } from "./commit/report.ts";
import { refuseLate, resolveCommits } from "./commit/resolve.ts";
import { fightIssues } from "./fights.ts";
import type { CommittedPart, FluxPart } from "./flux-part.ts";
import { fluxReading } from "./flux-reading.ts";
import type { Prepared } from "./prepare.ts";
import { type AskedReaders, askReaders, findReaders } from "./readers.ts";

/** See `lookAtFlux`. */
export async function fluxPart(ports: Ports, policy: Policy, surveyed: Prepared): Promise<FluxPart> {
  const flux = fluxReading(ports.cluster);
  const { survey } = surveyed;
  const found = await resolveCommits(ports, policy, survey, flux);
  try {
    const { actions, issues } = found.plan;
    const fights = await fightIssues(actions, survey.surveyed, policy, flux);
    const readers = await findReaders(ports.cluster, policy, surveyed, flux);
    const plan = { ...found.plan, issues: sortIssues([...issues, ...fights, ...readers.issues]) };
    const resolved = { ...found, plan };

    async function commit(stop: AbortSignal): Promise<CommittedPart> {
      const committed = await commitAll(ports, policy, resolved, stop);
      const placed = refuseLate(resolved, committed.refused, policy, survey);
      let asked: AskedReaders | undefined;
      return {
        prepared: { ...surveyed, survey: { ...survey, plan: placed.plan } },
        works: committed.works,
        askReaders: async () => {
          asked = await askReaders(ports, readers, stop);
        },
        follow: (waiting) => followCommits(ports, policy, committed, waiting),
        report: () => fluxReport(placed, readers, committed, asked),
      };
    }

    return {
      prepared: { ...surveyed, survey: { ...survey, plan } },
      report: fluxReport(resolved, readers),
      commit,
      close: found.close,
    };
  } catch (error) {
    await found.close();
    throw error;
  }
}
