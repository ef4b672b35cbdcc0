import { canonical, type Fields, fields, type Stored, same, suffix } from "../object.ts";
import { type Access, createOwned, removeObject, replace } from "./access.ts";
import { activePods } from "./pods.ts";

/** How the controllers of two kinds label what they keep of former templates. */
export interface HistoryStyle {
  /** The label of a ControllerRevision that carries its hash. */
  readonly label: string;
}

/** The ControllerRevisions of a workload, oldest first. */
export function revisionsOf(access: Access, owner: Stored): Stored[] {
  return access.owned
    .of(owner.metadata.uid, "ControllerRevision")
    .sort((a, b) => Number(a.revision) - Number(b.revision));
}

/**
 * The ControllerRevision of today's template (`statefulset.getStatefulSetRevisions`, `daemon.constructHistory`): a new one, or the former one of
 * an equal template with its number raised to be the newest.
 */
export function currentControllerRevision(access: Access, owner: Stored, style: HistoryStyle): Stored {
  const { template } = fields(owner, "spec");
  const kept = { spec: { template: { ...fields(template), $patch: "replace" } } };
  const all = revisionsOf(access, owner);
  const newest = Number(all.at(-1)?.revision ?? 0);
  const known = all.find((revision) => same(revision.data, kept));
  if (known) return Number(known.revision) === newest ? known : replace(access, known, { revision: newest + 1 });
  // A StatefulSet and a DaemonSet of one name and template keep their revisions apart.
  const hash = suffix(`${owner.kind} ${canonical(template)}`, 10);
  const { annotations } = owner.metadata;
  return createOwned(access, "ControllerRevision", owner, {
    metadata: {
      name: `${owner.metadata.name}-${hash}`,
      labels: { ...(fields(template, "metadata", "labels") as Record<string, string>), [style.label]: hash },
      ...(annotations ? { annotations } : {}),
    },
    data: kept,
    revision: newest + 1,
  });
}

/** The pod template kept in a ControllerRevision. */
export function keptTemplate(revision: Stored): Fields {
  const { $patch: _, ...template } = fields(revision, "data", "spec", "template");
  return template;
}

/** Deletes the oldest ControllerRevisions beyond `spec.revisionHistoryLimit` that no pod carries and `live` does not name. */
export function forgetRevisions(
  access: Access,
  owner: Stored,
  live: ReadonlySet<string>,
  carried: (revision: Stored) => string | undefined,
): void {
  const { revisionHistoryLimit } = fields(owner, "spec");
  const limit = typeof revisionHistoryLimit === "number" ? revisionHistoryLimit : 10;
  const all = revisionsOf(access, owner);
  if (all.length <= limit) return;
  const inUse = new Set(activePods(access, owner).map((pod) => pod.metadata.labels?.["controller-revision-hash"]));
  const idle = all.filter((each) => !live.has(each.metadata.name) && !inUse.has(carried(each)));
  for (const revision of idle.slice(0, Math.max(0, idle.length - limit))) removeObject(access, revision);
}
