import * as z from "zod/mini";
import { type SelectorPath, type WorkloadKind, workloadKinds } from "../model/kinds.ts";
import { suggestion } from "./misspelt.ts";
import { shown } from "./shown.ts";
import type { OptionType } from "./types.ts";

const apiVersion = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?v[0-9]+((alpha|beta)[0-9]+)?$/;
const kindName = /^[A-Z][A-Za-z0-9]{0,62}$/;
const path = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/));

const described = z.strictObject({
  apiVersion: z.string().check(z.regex(apiVersion)),
  kind: z.string().check(z.regex(kindName)),
  /** As it stands in the URL of the API; by the usual English rule where it is not given. */
  plural: z.optional(z.string().check(z.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/))),
  template: z.optional(path),
  selector: z.optional(path),
  health: z.optional(z.enum(["kstatus", "none"])),
});

const short = z.string().check(z.regex(new RegExp(`${apiVersion.source.slice(0, -1)} +${kindName.source.slice(1)}`)));

/** A kind as the configuration describes it. */
type KindEntry = z.infer<typeof described>;

/** Kinds of workload besides the known ones: `GROUP/VERSION Kind`, or the same as a mapping that says more. */
export const kindList: OptionType<(string | KindEntry)[], readonly KindEntry[]> = {
  schema: z.pipe(
    z.array(z.union([short, described])),
    z.transform((given) => given.map((entry) => (typeof entry === "string" ? readShort(entry) : entry))),
  ),
  expected: "a list of kinds of workload, each GROUP/VERSION Kind or a mapping",
  wrong: wrongEntry,
  element:
    'a kind of workload, such as "apps.kruise.io/v1alpha1 CloneSet" or {apiVersion, kind, plural, template, selector, health: kstatus or none}',
  fromText: (text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  sample: ["apps.kruise.io/v1alpha1 CloneSet"],
};

function readShort(entry: string): KindEntry {
  const [version = "", kind = ""] = entry.split(/ +/);
  return { apiVersion: version, kind };
}

/** What each field of a mapping is, as the end of the sentence "expected …". */
const fields: Readonly<Record<keyof KindEntry, string>> = {
  apiVersion: "GROUP/VERSION such as apps.kruise.io/v1alpha1",
  kind: "a name in CamelCase such as CloneSet",
  plural: "a name in lower case such as clonesets, as it stands in the URL of the API",
  template: "a path such as spec.template",
  selector: "a path such as spec.selector",
  health: "kstatus or none",
};

function wrongEntry(entry: unknown): { readonly part?: string; readonly message: string }[] {
  if (typeof entry === "string") return wrongShort(entry);
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
    return [{ message: `expected GROUP/VERSION Kind or a mapping, found ${shown(entry)}` }];
  }
  const issues = described.safeParse(entry).error?.issues ?? [];
  return issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      const names = Object.keys(fields);
      return issue.keys.map((key) => ({
        message: `${key} is no field of a kind${suggestion(key, names) || `; known are ${names.join(", ")}`}`,
      }));
    }
    const part = String(issue.path[0]) as keyof KindEntry;
    const value = (entry as Partial<Record<string, unknown>>)[part];
    return [{ part, message: `expected ${fields[part]}, found ${value === undefined ? "nothing" : shown(value)}` }];
  });
}

/** An entry of one line: which of its two words it is. */
function wrongShort(entry: string): { readonly message: string }[] {
  const words = entry.split(/ +/);
  const [version = "", kind = ""] = words;
  if (words.length !== 2) {
    return [
      { message: `expected GROUP/VERSION and Kind, such as "apps.kruise.io/v1alpha1 CloneSet", found ${shown(entry)}` },
    ];
  }
  const parts = [
    ...(apiVersion.test(version) ? [] : [`${fields.apiVersion}, found ${shown(version)}`]),
    ...(kindName.test(kind) ? [] : [`${fields.kind}, found ${shown(kind)}`]),
  ];
  return parts.map((part) => ({ message: `expected ${part}` }));
}

/** One line for people. */
export function kindText({ apiVersion: version, kind }: KindEntry): string {
  return `${version} ${kind}`;
}

/** Every kind of workload that is known: the table's, then those of the configuration in its order. */
export function allKinds(entries: readonly KindEntry[]): readonly WorkloadKind[] {
  if (entries.length === 0) return workloadKinds;
  const rows = entries.map(toRow);
  const all = [...workloadKinds, ...rows];
  const taken = (row: WorkloadKind) => all.some((other) => other !== row && other.kind === row.kind);
  const named = rows.map((row) =>
    taken(row) && row.group !== "" ? { ...row, name: `${row.kind}.${row.group}` } : row,
  );
  return [...workloadKinds, ...named];
}

function toRow(entry: KindEntry): WorkloadKind {
  const { apiVersion: version, kind } = entry;
  const slash = version.indexOf("/");
  const plural = entry.plural ?? pluralOf(kind.toLowerCase());
  return {
    group: version.slice(0, Math.max(0, slash)),
    version: version.slice(slash + 1),
    plural,
    short: plural,
    kind,
    name: kind,
    optional: true,
    template: (entry.template ?? "spec.template").split("."),
    selectors: entry.selector === undefined ? usualSelectors : selectorsAt(entry.selector.split(".")),
    observed: entry.health === "none" ? "never" : "perhaps",
    health: entry.health ?? "kstatus",
    strategies: ["rollout"],
  };
}

function selectorsAt(at: readonly string[]): SelectorPath[] {
  return (["labels", "map", "query"] as const).map((form) => ({ path: at, form }));
}

/** The second is where the scale subresource of a custom resource usually finds it. */
const usualSelectors: readonly SelectorPath[] = [
  ...selectorsAt(["spec", "selector"]),
  { path: ["status", "selector"], form: "query" },
  { path: ["status", "labelSelector"], form: "query" },
];

/** The plural of an English noun in lower case, as makers of custom resources form it. */
function pluralOf(noun: string): string {
  if (/(s|x|z|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
