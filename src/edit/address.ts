import type { Refusal, RefusalCode } from "../model/refusals.ts";

/** Where an object is in a file. */
export interface Address {
  /** Index of the document as `parseAllDocuments` of yaml counts: documents that hold nothing count too. */
  readonly document: number;
  /** Index in `items`, where the document is a `List`. */
  readonly item?: number;
}

/** Keys of maps and indexes of lists, from the object down. */
export type Path = readonly (string | number)[];

/** The text of the whole file after an edit; the same text where nothing had to change. */
export interface Edited {
  readonly text: string;
}

/** The path from the root of the document. */
export function fromRoot(address: Address, path: Path): Path {
  return address.item === undefined ? path : ["items", address.item, ...path];
}

/** A refusal of this room. The message says the line and the path within the file; which file, the caller says. */
export function refuse(code: RefusalCode, message: string): Refusal {
  return { code, message };
}

/** Tells a refusal from what was asked for. */
export function isRefusal(result: object): result is Refusal {
  return "code" in result && "message" in result;
}

/** A path as people write it: `spec.template.metadata.annotations["reroll.dev/git-stamp"]`. */
export function showPath(path: Path): string {
  if (path.length === 0) return "the document";
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `["${step}"]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

/** What plain data holds at a path; `undefined` where there is nothing. */
export function valueIn(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    data,
  );
}
