import { worstExit } from "../model/exit.ts";
import { count } from "../report/words.ts";
import { exitOf } from "../run/prepare.ts";
import { listingIssues, sortIssues, workloadIssues } from "../survey/issues.ts";
import { headersOf, indexHeaders } from "../survey/subjects.ts";
import { type Finding, fine, type Patient, problem, warning } from "./doctor-finding.ts";

/** Lines shown; the rest is counted. */
const shown = 50;

/** What people wrote into annotations and what is not understood: misspelt or misplaced keys, values and patterns that do not mean what they seem to. */
export async function checkAnnotations({ policy, observed }: Patient): Promise<Finding> {
  const name = "annotations";
  const observation = await observed();
  const { blind, headers, workloads } = observation;
  const index = indexHeaders(observation);
  const issues = sortIssues([
    ...listingIssues({ ...observation, blind: [] }, policy),
    ...workloads.flatMap((each) => workloadIssues(each, headersOf(index, each.ref.namespace), policy)),
  ]);
  const lines = issues.map(({ path, message }) => `${path}: ${message}`);
  const rest = lines.length > shown ? [`and ${lines.length - shown} more`] : [];
  const details = [...lines.slice(0, shown), ...rest];
  if (blind.length > 0) {
    const unread = blind.map(
      ({ kind, namespace, error }) => `${namespace ? `${kind} in ${namespace}` : kind}: ${error.message}`,
    );
    const message = `${blind.length === 1 ? "a list" : `${blind.length} lists`} could not be read, and what is on them was not checked`;
    return problem(name, message, undefined, worstExit(blind.map(({ error }) => exitOf(error))), [
      ...unread,
      ...details,
    ]);
  }
  const objects = `${count(workloads.length, "workload")} and ${count(headers.length, "source")}`;
  if (lines.length === 0) return fine(name, `those of ${objects} are all understood`);
  const found =
    lines.length === 1 ? "1 does not mean what it seems to" : `${lines.length} do not mean what they seem to`;
  const advice = "Correct them; reroll explain KIND/NAMESPACE/NAME shows what is read from a workload.";
  return warning(name, `${found}, on ${objects}`, advice, details);
}
