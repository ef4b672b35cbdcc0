import type { ManagedFieldsEntry } from "../model/object.ts";
import { decodeFields, encodeFields, ownableFields } from "./field-set.ts";
import type { Stored } from "./object.ts";

/** Who writes, and where. */
export interface Writer {
  readonly manager: string;
  readonly subresource?: string | undefined;
  /** RFC 3339. */
  readonly time: string;
  /** The resource has a status subresource, so that other writes leave the status alone. */
  readonly statusApart: boolean;
}

/**
 * `managedFields` after a write of operation Update (`structured-merge-diff` and `managedfieldsupdater.go`): fields that were added
 * or changed move to the writer, and only then does the writer's time move. A removed field leaves its owner and moves no time.
 */
export function updateManagedFields(before: Stored | undefined, after: Stored, writer: Writer): ManagedFieldsEntry[] {
  const old = before ? ownableFields(before) : new Map<string, string>();
  const now = ownableFields(after);
  const changed = [...now].filter(([path, value]) => old.get(path) !== value).map(([path]) => path);
  const apart = writer.statusApart && writer.subresource !== "status";
  const taken = new Set(changed.filter((path) => !apart || !path.startsWith("f:status")));
  const entries = (before?.metadata.managedFields ?? []).map((entry) => ({
    entry,
    mine: isWriter(entry, writer, after),
    fields: decodeFields(entry.fieldsV1),
  }));
  const kept = entries.map(({ entry, mine, fields }) => {
    const left = [...fields].filter((path) => now.has(path) && (mine || !taken.has(path)));
    const set = new Set(mine ? [...left, ...taken] : left);
    // Encoding is the dear part, and most writes move no field from one manager to another.
    const same = left.length === fields.size && set.size === fields.size;
    const fieldsV1 = same ? (entry.fieldsV1 ?? {}) : encodeFields(set);
    return { ...entry, ...(mine && taken.size > 0 ? { time: writer.time } : {}), fieldsV1 };
  });
  const others = kept.filter(({ fieldsV1 }) => Object.keys(fieldsV1 as object).length > 0);
  if (taken.size === 0 || entries.some(({ mine }) => mine)) return others.sort(byTime);
  const own = {
    manager: writer.manager,
    operation: "Update",
    apiVersion: after.apiVersion,
    time: writer.time,
    fieldsType: "FieldsV1",
    fieldsV1: encodeFields(taken),
    ...(writer.subresource ? { subresource: writer.subresource } : {}),
  };
  return [...others, own].sort(byTime);
}

function isWriter(entry: ManagedFieldsEntry, writer: Writer, object: Stored): boolean {
  const { manager, subresource, operation } = entry;
  const version = "apiVersion" in entry ? entry.apiVersion : undefined;
  return (
    manager === writer.manager &&
    subresource === writer.subresource &&
    operation === "Update" &&
    version === object.apiVersion
  );
}

/** Entries are kept by time, then by manager. */
function byTime(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  const text = ({ time = "", manager = "" }: ManagedFieldsEntry) => `${time} ${manager}`;
  return text(a) < text(b) ? -1 : 1;
}
