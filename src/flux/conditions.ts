import type { FluxCondition, FluxFacts } from "../model/flux.ts";

/** A condition by its type, where it is about the object as it is now. */
export function condition({ conditions, generation }: FluxFacts, type: string): FluxCondition | undefined {
  return conditions.find(
    (each) => each.type === type && (each.observedGeneration === undefined || each.observedGeneration >= generation),
  );
}

/** Whether a condition holds. */
export function isTrue(facts: FluxFacts, type: string): boolean {
  return condition(facts, type)?.status === "True";
}

/** `Ready`, where it says no. */
export function notReady(facts: FluxFacts): FluxCondition | undefined {
  const ready = condition(facts, "Ready");
  return ready?.status === "False" ? ready : undefined;
}
