import type { Json } from "../model/object.ts";
import { isMap, listAt } from "./json.ts";
import { isReadable, type Reader } from "./reader.ts";
import { idOf, type Resource } from "./resource.ts";
import type { Trace } from "./trace.ts";

/** The kinds that are looked for. */
export interface Kinds {
  readonly names: ReadonlySet<string>;
  /** What a text must hold to hold one of them. */
  readonly mention: RegExp;
}

export function kindsOf(names: ReadonlySet<string>): Kinds {
  return { names, mention: new RegExp([...names].map(escaped).join("|")) };
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** The objects of a file that are looked for: of every document, and of every item of a list (kustomize inlines any `...List`). */
export function objectsOf(reader: Reader, trace: Trace, path: string, kinds: Kinds): readonly Resource[] {
  trace.files.add(path);
  // Most files of a repository hold nothing that is looked for, and parsing is what takes time.
  const text = reader.text(path);
  if (text === undefined || (isReadable(text) && !kinds.mention.test(text))) return [];
  const parsed = reader.documents(path);
  if (!parsed) return [];
  if ("problem" in parsed) {
    trace.problem(parsed.code, path, `cannot be read: ${parsed.problem}`);
    return [];
  }
  return parsed.documents.flatMap(({ index: document, value }) => {
    if (!isMap(value)) return [];
    const encrypted = "sops" in value;
    const isList = typeof value.kind === "string" && value.kind.endsWith("List") && Array.isArray(value.items);
    if (!isList) return objectOf({ path, document, item: undefined, encrypted }, value, trace, kinds);
    return listAt(value, "items").flatMap((each, item) =>
      objectOf({ path, document, item, encrypted }, each, trace, kinds),
    );
  });
}

type Place = Pick<Resource, "path" | "document" | "item" | "encrypted">;

function objectOf(place: Place, value: Json, trace: Trace, kinds: Kinds): Resource[] {
  const original = idOf(value);
  if (!kinds.names.has(original.kind)) return [];
  trace.count(place.path);
  if (original.name !== "")
    return [{ ...place, ...{ written: value, value, original, current: original }, ...fresh() }];
  trace.problem("UNPARSABLE", place.path, `holds a ${original.kind} without a name`);
  return [];
}

const fresh = (): Pick<Resource, "previous" | "chain" | "patches" | "doubts"> => ({
  ...{ previous: [], chain: [], patches: [], doubts: [] },
});
