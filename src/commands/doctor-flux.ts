import { modeOf } from "../model/mode.ts";
import { formatRef } from "../model/ref.ts";
import { asks } from "../plan/eligible.ts";
import { count } from "../report/words.ts";
import { findFights } from "../run/fights.ts";
import { fluxReading } from "../run/flux-reading.ts";
import { type Finding, fine, type Patient, warning } from "./doctor-finding.ts";

/** Lines shown; the rest is counted. */
const shown = 50;

/** What of Flux takes the stamps of direct mode away, for every workload that asks for restarts and gets them directly. */
export async function checkFlux({ ports: { cluster }, policy, observed }: Patient): Promise<Finding> {
  const name = "Flux";
  const { workloads, policyOf } = await observed();
  const direct = workloads.filter((each) => {
    const own = policyOf(each.ref.namespace);
    const mode = modeOf(each, own);
    return asks(each, own) && mode.is === "known" && mode.name === "direct";
  });
  const flux = fluxReading(cluster);
  const fights = await findFights(direct, policy, flux);
  const what = `${count(direct.length, "workload")} that ${direct.length === 1 ? "is" : "are"} restarted directly`;
  if (fights.length === 0) {
    const unread = direct.length === 0 ? undefined : await unreadOf(flux);
    if (unread !== undefined) return fine(name, `whether it takes stamps away cannot be told: ${unread}`);
    return fine(name, `takes no stamp away from ${what}`);
  }
  const lines = fights.map(({ workload, fight: { message } }) => `${formatRef(workload.ref)}: ${message}`);
  const rest = lines.length > shown ? [`and ${lines.length - shown} more`] : [];
  const advice =
    "Each such restart may be followed by another one of theirs; docs/git-mode.md tells what to do about each.";
  return warning(name, `takes stamps away; there ${direct.length === 1 ? "is" : "are"} ${what}`, advice, [
    ...lines.slice(0, shown),
    ...rest,
  ]);
}

/** Why the objects of Flux could not be listed; `undefined` where they were, or are not served. */
async function unreadOf(flux: ReturnType<typeof fluxReading>): Promise<string | undefined> {
  const { kustomizations, helmReleases } = await flux.owners();
  const shelves = [kustomizations, helmReleases];
  return shelves.flatMap((shelf) => (shelf.is === "unread" ? [shelf.error.message] : []))[0];
}
