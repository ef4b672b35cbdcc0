import { dig, objects } from "../../model/object.ts";
import { type Fields, type Stored, timestamp } from "../object.ts";

/** What a controller says in one condition. */
export interface Saying {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** The condition of that type in `status.conditions`. */
export function conditionOf(conditions: readonly Fields[], type: string): Fields | undefined {
  return conditions.find((condition) => condition.type === type);
}

/** `status.conditions`. */
export function conditionsOf(object: Stored): Fields[] {
  return objects(dig(object, "status", "conditions"));
}

/**
 * The conditions with one said anew: the same status and reason leave it as it was, unless it is `refreshed`
 * (`deploymentutil.SetDeploymentCondition`). `lastTransitionTime` moves with the status only.
 */
export function say(
  conditions: readonly Fields[],
  saying: Saying,
  now: number,
  { refreshed = false }: { refreshed?: boolean } = {},
): Fields[] {
  const before = conditionOf(conditions, saying.type);
  const equal = before?.status === saying.status && before.reason === saying.reason;
  if (equal && !refreshed) return [...conditions];
  const lastTransitionTime = before?.status === saying.status ? before.lastTransitionTime : timestamp(now);
  const next = { ...saying, lastUpdateTime: timestamp(now), lastTransitionTime };
  return [...conditions.filter(({ type }) => type !== saying.type), next];
}
