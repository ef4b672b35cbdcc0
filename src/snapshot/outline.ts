import { stampAnnotation } from "../model/annotations.ts";
import { batchFacts } from "../model/batch.ts";
import { kindOf, type WorkloadKind } from "../model/kinds.ts";
import { type KubeObject, number, stringMap } from "../model/object.ts";
import type { Policy } from "../model/policy.ts";
import { parseSourceName } from "../model/ref.ts";
import type { SilentRecord, TemplateRecord, WorkloadRecord } from "../model/state.ts";
import { stampsObject } from "../model/strategies.ts";
import type { Outline, Use, Workload, WorkloadHeader } from "../model/workload.ts";
import type { Sharing } from "./sharing.ts";
import { concerningAnnotations, directivesOf } from "./template.ts";

type Fingerprint = (text: string) => string;

/** What the metadata of a workload tell. */
export function workloadHeader(
  object: KubeObject,
  kind: WorkloadKind,
  policy: Policy,
  sharing: Sharing,
): WorkloadHeader {
  const { metadata } = object;
  const { name, namespace = "", uid } = metadata;
  const batch = batchFacts(object, kind);
  return {
    ref: { kind: kind.name, namespace: sharing.text(namespace), name },
    uid,
    generation: number(metadata.generation),
    annotations: concerningAnnotations(stringMap(metadata.annotations), policy),
    ...(batch ? { batch } : {}),
  };
}

/** Uid and generation of a workload in few characters. Two generations of one uid always differ. */
export function markOf(
  { uid, generation }: Pick<WorkloadHeader, "uid" | "generation">,
  fingerprint: Fingerprint,
): string {
  return `${fingerprint(uid)} ${generation ?? ""}`;
}

/** A workload whose template is the one that its record remembers; `undefined`: it has to be read. */
export function recordedOutline(
  header: WorkloadHeader,
  record: WorkloadRecord | undefined,
  policy: Policy,
  sharing: Sharing,
  fingerprint: Fingerprint,
): Outline | undefined {
  const { ref, uid, generation, annotations, batch } = header;
  if (!record?.template || generation === undefined) return undefined;
  if (record.uid !== uid || record.generation !== generation) return undefined;
  if (!standsAsSeen(header, record, policy, fingerprint)) return undefined;
  const uses = rememberedUses(record.template);
  if (!uses) return undefined;
  const directives = directivesOf(annotations, record.template.annotations ?? {}, policy, sharing);
  return { ref, uid, generation, stamps: "as-recorded", uses, directives, ...(batch ? { batch } : {}) };
}

/** A stamp on the template moves the generation where it moves; one on the object itself shows in its metadata. */
function standsAsSeen(
  { ref, annotations }: WorkloadHeader,
  { template, seen }: WorkloadRecord,
  { kinds }: Policy,
  fingerprint: Fingerprint,
): boolean {
  const own = stampsObject(kindOf(ref, kinds)) ? annotations[stampAnnotation] : undefined;
  if (own === undefined) return template?.stampsObject === undefined;
  return template?.stampsObject === true && fingerprint(own) === seen.direct;
}

/** What a workload asks that is remembered to ask for nothing; `undefined`: its template has to be read. */
export function silentDirectives(
  header: WorkloadHeader,
  silent: SilentRecord | undefined,
  policy: Policy,
  sharing: Sharing,
  fingerprint: Fingerprint,
): Outline["directives"] | undefined {
  if (!silent || header.generation === undefined || silent.at !== markOf(header, fingerprint)) return undefined;
  return directivesOf(header.annotations, silent.annotations ?? {}, policy, sharing);
}

/** What is remembered of a workload that asks for nothing. */
export function silentRecord(
  { uid, generation, templateAnnotations: annotations }: Workload,
  fingerprint: Fingerprint,
): SilentRecord {
  const at = markOf({ uid, generation }, fingerprint);
  return Object.keys(annotations).length === 0 ? { at } : { at, annotations };
}

/** `undefined` where a source is of a kind that this reroll does not know. */
function rememberedUses({ uses, pulls = [] }: TemplateRecord): Use[] | undefined {
  const all = Object.entries(uses).map(([name, keys]): Use | undefined => {
    const source = parseSourceName(name, "");
    return source && { kind: source.kind, name: source.name, keys, where: "" };
  });
  const pulling = pulls.map((name): Use => ({ kind: "Secret", name, keys: "*", where: "image pull", pull: true }));
  return all.every((use) => use !== undefined) ? [...all, ...pulling] : undefined;
}
