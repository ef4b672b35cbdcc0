import { type AnnotationName, parseBool } from "./annotations.ts";

/** Where a setting may be said, the weakest first. A pod template counts as its workload. */
export const levels = ["configuration", "namespace", "workload", "source"] as const;

export type Level = (typeof levels)[number];

/** One word of one level: the annotation it was read from, and what it says there. */
export interface Statement {
  readonly key: string;
  readonly value: string;
}

/** The options that are the weakest level of a setting. */
type Configured = Readonly<
  Record<"autoReloadAll" | "perKey" | "imagePullSecrets" | "reloadOnCreate" | "reloadOnDelete", boolean>
>;

interface Setting {
  /** The option that sets it for all; absent: nothing but annotations does, and it is off. */
  readonly option?: keyof Configured;
  readonly annotation: AnnotationName;
  /** `strongest`: the last level that says something decides. `any`: true at one level is true. */
  readonly decides: "strongest" | "any";
  /** What a value counts as that is neither true nor false: the meaning that does least harm. `undefined`: as not said. */
  readonly unreadable: boolean | undefined;
  /** The same for an empty value. */
  readonly empty: boolean | undefined;
}

const never = { decides: "strongest", unreadable: false, empty: undefined } as const;

/** Every setting that has more than one level: a new row is a new one. Which objects carry it is told by its row of the vocabulary. */
export const settings = {
  auto: { ...never, option: "autoReloadAll", annotation: "auto" },
  perKey: { ...never, option: "perKey", annotation: "perKey", unreadable: undefined },
  imagePullSecrets: { ...never, option: "imagePullSecrets", annotation: "imagePullSecrets" },
  reloadOnCreate: { ...never, option: "reloadOnCreate", annotation: "reloadOnCreate" },
  reloadOnDelete: { ...never, option: "reloadOnDelete", annotation: "reloadOnDelete" },
  restartedAt: { ...never, annotation: "restartedAt" },
  // Whoever pauses may not know who else does, and a typing error must not let restarts through.
  paused: { annotation: "paused", decides: "any", unreadable: true, empty: true },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** In table order. */
export const settingNames = Object.keys(settings) as SettingName[];

/** What the configuration says of it. */
export function configured(name: SettingName, options: Configured): boolean {
  const { option }: Setting = settings[name];
  return option ? options[option] : false;
}

/** What one object says, by setting. */
export type SettingsSaid = Readonly<Partial<Record<SettingName, Statement>>>;

/** What holds, and which level said so. */
export interface Resolved {
  readonly value: boolean;
  readonly level: Level;
  /** The annotation that decided; absent where the configuration did. */
  readonly by: Statement | undefined;
}

/** The meaning of an annotation's value; `undefined`: as if it were not there. */
export function meaning(name: SettingName, value: string): boolean | undefined {
  const row: Setting = settings[name];
  return value === "" ? row.empty : (parseBool(value) ?? row.unreadable);
}

/** What holds of what is said at the levels: configuration < namespace < workload < source. */
export function resolve(
  name: SettingName,
  configuration: boolean,
  said: Readonly<Partial<Record<Exclude<Level, "configuration">, SettingsSaid | undefined>>>,
): Resolved {
  let resolved: Resolved = { value: configuration, level: "configuration", by: undefined };
  for (const level of levels) {
    const by = level === "configuration" ? undefined : said[level]?.[name];
    const value = by && meaning(name, by.value);
    if (value === undefined) continue;
    if (settings[name].decides === "any" && resolved.value) break;
    resolved = { value, level, by };
  }
  return resolved;
}

/** What is wrong with a value, in words, and what it counts as; `undefined` where it is understood. */
export function settingProblem(name: SettingName, value: string): readonly [code: string, message: string] | undefined {
  if (parseBool(value) !== undefined) return undefined;
  const meant = meaning(name, value);
  const counts =
    name === "paused" ? "counts as paused" : `counts as ${meant === undefined ? "not said" : String(meant)}`;
  const give = 'give "true" or "false" (also 1, t, T, TRUE, True and 0, f, F, FALSE, False)';
  if (value === "") return ["annotation-empty", `is empty, which ${counts}; ${give}`];
  return ["annotation-invalid-value", `${JSON.stringify(value)} is neither true nor false and ${counts}; ${give}`];
}
