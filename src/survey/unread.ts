import { resources } from "../model/kinds.ts";
import { blindnessAt, type View } from "../model/observation.ts";
import type { Change, Pending } from "../model/plan.ts";
import { parseSourceName } from "../model/ref.ts";
import type { State, WorkloadRecord } from "../model/state.ts";

/** What is owed in namespaces that nobody could look into, because what their annotations say is not known. */
export function owedUnread({ namespaces }: State, view: View): Pending[] {
  return Object.entries(namespaces).flatMap(([namespace, { workloads }]) => {
    const gap = view.covers(namespace) ? blindnessAt(view, resources.namespace.kind, namespace) : undefined;
    if (!gap) return [];
    return Object.entries(workloads).flatMap(([name, { pending }]) =>
      pending ? [{ ...owed(namespace, name, pending), message: gap.error.message }] : [],
    );
  });
}

function owed(namespace: string, local: string, { since, causes }: NonNullable<WorkloadRecord["pending"]>) {
  const slash = local.indexOf("/");
  const workload = { kind: local.slice(0, slash), namespace, name: local.slice(slash + 1) };
  const because = causes.flatMap(({ source, change, keys }): Change[] => {
    const ref = parseSourceName(source, namespace);
    return ref ? [{ source: ref, change, keys }] : [];
  });
  return { workload, because, reason: "unobserved" as const, since };
}
