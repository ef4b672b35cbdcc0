import { ownKey } from "../model/annotations.ts";
import { kindOf } from "../model/kinds.ts";
import { leftAlone } from "../model/left-alone.ts";
import { modeOf, modes } from "../model/mode.ts";
import type { View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { quote } from "../model/printable.ts";
import { formatRef } from "../model/ref.ts";
import type { State } from "../model/state.ts";
import { type Strategy, strategyOf } from "../model/strategies.ts";
import type { Outline } from "../model/workload.ts";
import { asksItself } from "../plan/eligible.ts";

/** A strategy that its kind does not have, or an annotation that another kind would read. */
export function strategyIssues(workload: Pick<Outline, "ref" | "directives">, policy: Policy): Issue[] {
  const { ref, directives } = workload;
  const strategy = strategyOf(workload, policy);
  const { strategyAnnotation } = kindOf(ref, policy.kinds);
  const stray = directives.read.find(({ name }) => name === "rolloutStrategy" && name !== strategyAnnotation);
  const unread = { code: "annotation-no-effect", path: `${formatRef(ref)} ${stray?.key}` };
  return [
    ...(strategy.is === "unknown" ? [unknownStrategy(formatRef(ref), strategy)] : []),
    ...(stray ? [{ ...unread, message: `is read on Argo Rollouts only; ${ownKey("strategy")} is read here` }] : []),
  ];
}

/** A mode that there is not. */
export function modeIssues(workload: Pick<Outline, "ref" | "directives">, policy: Policy): Issue[] {
  const mode = modeOf(workload, policy);
  if (mode.is === "known") return [];
  const message = `${quote(mode.word)} is no mode, so it is not restarted: give ${modes.join(" or ")}`;
  return [{ code: "unknown-mode", path: formatRef(workload.ref), message }];
}

/** It asks for restarts, and nobody said how: that it is left alone may not be what was meant. */
export function aloneIssues(workload: Pick<Outline, "ref" | "directives" | "batch">, policy: Policy): Issue[] {
  const { ref, directives } = workload;
  const alone = asksItself(directives) ? leftAlone(workload, policy) : undefined;
  const chosen = Object.hasOwn(policy.strategies, ref.kind) || directives.read.some(({ name }) => name === "strategy");
  if (alone?.reason !== "strategy-skip" || chosen) return [];
  return [{ code: "left-alone", path: formatRef(ref), message: `it asks for restarts, but ${alone.message}` }];
}

function unknownStrategy(path: string, { word, known }: Extract<Strategy, { is: "unknown" }>): Issue {
  const message = `${quote(word)} is no strategy of its kind, so it is not restarted: give ${known.join(" or ")}`;
  return { code: "unknown-strategy", path, message };
}

/** Optional kinds that are not served, while the state remembers something of them. */
export function absentIssues({ absent, covers }: View, state: State): Issue[] {
  const known = Object.entries(state.namespaces).flatMap(([namespace, { workloads, sources }]) =>
    covers(namespace) ? [...Object.keys(workloads), ...Object.keys(sources)] : [],
  );
  return absent.flatMap((kind) => {
    const count = known.filter((name) => name.startsWith(`${kind}/`)).length;
    if (count === 0) return [];
    const message = `the API server does not serve this kind any more, but ${count} of it ${count === 1 ? "is" : "are"} remembered; what is known stays, and is compared again once the API is back. If it was taken away for good, reroll needs nothing of you`;
    return [{ code: "api-absent", path: kind, message }];
  });
}
