import * as z from "zod/mini";
import { durationPattern, parseDuration } from "../model/duration.ts";
import { readSelector } from "./selector.ts";

/** A type of option. `Input` is what the file holds, `Value` what is in force. */
export interface OptionType<Input, Value> {
  readonly schema: z.ZodMiniType<Value, Input>;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** The same for one element of a list. */
  readonly element?: string;
  /** Everything that is wrong with one element, for elements that have parts of their own: `expected …, found …`, after the part it is about. */
  readonly wrong?: (element: unknown) => readonly { readonly part?: string; readonly message: string }[];
  /** From the text of a flag or an environment variable to what the file would hold; unreadable text stays text, for the schema to refuse. */
  readonly fromText: (text: string) => unknown;
  /** A valid input. */
  readonly sample: Input;
}

const asIs = (text: string): string => text;
const commaList = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** Free text, not empty. */
export const text: OptionType<string, string> = {
  schema: z.string().check(z.minLength(1)),
  expected: "text",
  fromText: asIs,
  sample: "text",
};

/** `true` or `false`. */
export const flag: OptionType<boolean, boolean> = {
  schema: z.boolean(),
  expected: "true or false",
  fromText: (given) => (given === "true" ? true : given === "false" ? false : given),
  sample: true,
};

/** A whole number between two bounds, both included. */
export function integer(least: number, most: number): OptionType<number, number> {
  return {
    schema: z.int().check(z.minimum(least), z.maximum(most)),
    expected: `a whole number from ${least} to ${most}`,
    fromText: (given) => (/^-?\d{1,15}$/.test(given) ? Number(given) : given),
    sample: least,
  };
}

/** One of a few words; the last is the sample. */
export function choice<const Word extends string>(...words: readonly [Word, ...Word[]]): OptionType<Word, Word> {
  return {
    schema: z.enum(words),
    expected: words.length === 1 ? words[0] : `one of ${words.join(", ")}`,
    fromText: asIs,
    sample: words.at(-1) ?? words[0],
  };
}

/** A week: timers of Node overflow beyond 24 days and then fire at once. */
const longest = 7 * 24 * 3_600_000;

/** A Go duration longer than zero; in force as milliseconds. */
export const duration: OptionType<string, number> = {
  schema: z.pipe(
    z.string().check(
      z.regex(durationPattern),
      z.refine((given) => parseDuration(given) > 0 && parseDuration(given) <= longest),
    ),
    z.transform(parseDuration),
  ),
  expected: "a duration such as 90s, 50m or 1h30m, at most 168h",
  fromText: asIs,
  sample: "90s",
};

/** The same, or none at all. */
export const durationOrZero: OptionType<string, number> = {
  schema: z.pipe(
    z.string().check(
      z.regex(durationPattern),
      z.refine((given) => parseDuration(given) <= longest),
    ),
    z.transform(parseDuration),
  ),
  expected: "a duration such as 90s or 3m, at most 168h, or 0s",
  fromText: asIs,
  sample: "0s",
};

/** Text that fits on one line: it goes into a commit. */
export const oneLine: OptionType<string, string> = {
  schema: z.string().check(z.minLength(1), z.maxLength(200), z.regex(/^[^\p{Cc}]+$/u)),
  expected: "text on one line, at most 200 characters",
  fromText: asIs,
  sample: "text",
};

const label = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
const subdomain = `${label}(?:\\.${label})*`;

/** Names objects of one kind: one, or all of a namespace. */
export const sourceName: OptionType<string, string> = {
  schema: z.string().check(z.maxLength(317), z.regex(new RegExp(`^${label}/(?:${subdomain}|\\*)$`))),
  expected: "NAMESPACE/NAME, or NAMESPACE/* for all of a namespace",
  fromText: asIs,
  sample: "flux-system/flux-system",
};

/** Names a Secret, in the namespace of the state where no other is given. */
export const secretName: OptionType<string, string> = {
  schema: z.string().check(z.maxLength(317), z.regex(new RegExp(`^(?:${label}/)?${subdomain}$`))),
  expected: "NAME of a Secret in the namespace of the state, or NAMESPACE/NAME",
  fromText: asIs,
  sample: "reroll-git",
};

/** A label selector; in force in the form of the API's query. Empty: everything. */
export const selector: OptionType<string, string> = {
  schema: z.pipe(
    z.string().check(z.refine((given) => "query" in readSelector(given))),
    z.transform((given) => {
      const read = readSelector(given);
      return "query" in read ? read.query : "";
    }),
  ),
  expected: "a label selector, such as app=web,tier in (a,b)",
  fromText: asIs,
  sample: "app=web,tier in (a,b),!legacy",
};

/** RFC 1123 label, as `validation.IsDNS1123Label` of apimachinery. */
export const dnsLabel: OptionType<string, string> = {
  schema: z.string().check(z.maxLength(63), z.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)),
  expected: "a name of lower-case letters, digits and -, at most 63 characters",
  fromText: asIs,
  sample: "team-a",
};

/** A name that leaves room for the suffixes of shards; RFC 1123 subdomain otherwise. */
export const objectName: OptionType<string, string> = {
  schema: z
    .string()
    .check(z.maxLength(180), z.regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/)),
  expected: "a name of lower-case letters, digits, - and ., at most 180 characters",
  fromText: asIs,
  sample: "reroll.state-2",
};

/** Key of an annotation: optional DNS prefix, `/`, name (`validation.IsQualifiedName` of apimachinery). */
export const annotationKey: OptionType<string, string> = {
  schema: z
    .string()
    .check(z.regex(/^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/)),
  expected: "an annotation key, such as example.com/reload",
  fromText: asIs,
  sample: "example.com/reload",
};

/** A list, in a flag or an environment variable separated by commas; in force sorted, without repetitions. */
export function list<Input, Value extends string>(
  item: OptionType<Input, Value>,
): OptionType<Input[], readonly Value[]> {
  return {
    schema: z.pipe(
      z.array(item.schema),
      z.transform((given) => [...new Set(given)].sort()),
    ),
    expected: `a list, each element ${item.expected}`,
    element: item.expected,
    fromText: commaList,
    sample: [item.sample],
  };
}

/** A kind by its name or its plural; in force the name. */
export function kind<Kind extends string>(
  rows: readonly { readonly kind: Kind; readonly plural: string }[],
): OptionType<string, Kind> {
  const byName = new Map<string, Kind>(
    rows.flatMap((row) => [[row.plural, row.kind] as const, [row.kind, row.kind] as const]),
  );
  const fallback = rows[0]?.kind as Kind;
  return {
    schema: z.pipe(
      z.enum([...byName.keys()]),
      z.transform((given) => byName.get(given) ?? fallback),
    ),
    expected: `one of ${rows.map((row) => row.plural).join(", ")}`,
    fromText: asIs,
    sample: rows[0]?.plural ?? "",
  };
}

/** A kind of workload as people type it; whether there is one of that name is for a rule to say, since kinds can be configured. */
export const workloadKind: OptionType<string, string> = {
  schema: z.string().check(z.regex(/^[A-Za-z][-A-Za-z0-9.]{0,252}$/)),
  expected: "a kind of workload, such as Deployment or deployments",
  fromText: asIs,
  sample: "deployments",
};

/** A mapping of names to words; in a flag or an environment variable `name=word`, separated by commas. */
export function wordMap(
  name: OptionType<string, string>,
  what: string,
): OptionType<Record<string, string>, Readonly<Record<string, string>>> {
  return {
    schema: z.record(name.schema, z.string().check(z.minLength(1))),
    expected: `a mapping of ${name.expected} to ${what}`,
    fromText: (given) => {
      const pairs = commaList(given).map((part) => part.split("=").map((side) => side.trim()));
      return pairs.every(({ length }) => length === 2) ? Object.fromEntries(pairs) : given;
    },
    sample: { [name.sample]: "rollout" },
  };
}
