import type { Issue } from "../model/plan.ts";
import type { Remembered } from "../record/remember.ts";
import type { Survey } from "../survey/survey.ts";
import type { OpenKeyring } from "./keyring.ts";

/** What earlier runs left is not all there any more. */
export interface Gaps {
  /** The digest key is gone, so that something recorded before cannot be compared. */
  readonly keyMissing: boolean;
  readonly issues: readonly Issue[];
}

/** Looks for signs of a state or a key that was there once. `namespace` is where both are kept. */
export function findGaps(namespace: string, remembered: Remembered, keyring: OpenKeyring, { surveyed }: Survey): Gaps {
  const stamped = surveyed.filter(
    ({ workload: { stamps } }) => stamps.direct !== undefined || stamps.git !== undefined,
  );
  const lost = surveyed.filter(({ comparison }) => comparison.sources.some(({ standing }) => standing === "key-lost"));
  const keyMissing = lost.length > 0 || (!remembered.first && keyring.from !== "stored");
  const key: Issue = {
    code: "key-missing",
    path: `Secret/${namespace}/reroll-key`,
    message: `the digest key of earlier runs is gone; ${workloads(lost.length)} cannot be compared, so today's content is the baseline and changes since the last run go unseen. Restore the Secret to prevent that; to rotate a key, keep the old one in the Secret under another name`,
  };
  const state: Issue = {
    code: "state-missing",
    path: `ConfigMap/${namespace}/${remembered.name}`,
    message: `there is no state, but ${workloads(stamped.length)} carry a stamp of earlier runs: what their stamps show to be behind restarts, and everything else is taken as it is today. Restore the ConfigMap if it was deleted by mistake`,
  };
  const stateMissing = remembered.first && stamped.length > 0;
  return { keyMissing, issues: [...(stateMissing ? [state] : []), ...(keyMissing ? [key] : [])] };
}

function workloads(count: number): string {
  return count === 1 ? "1 workload" : `${count} workloads`;
}
