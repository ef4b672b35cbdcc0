import { type AnnotationName, parseBool, vocabulary } from "../model/annotations.ts";
import { quote } from "../model/printable.ts";
import { type SettingName, settingNames, settingProblem, settings } from "../model/settings.ts";
import type { AnnotationRead, DirectiveProblem } from "../model/workload.ts";
import type { Side } from "./directives-side.ts";

/** The elements of a comma list, trimmed; empty ones are left out, since no object has an empty name. */
export function listElements(value: string): string[] {
  return value
    .split(",")
    .map((element) => element.trim())
    .filter((element) => element !== "");
}

type Check = (value: string) => readonly [code: string, message: string] | undefined;

const flag =
  (name: SettingName): Check =>
  (value) =>
    settingProblem(name, value);

const exactTrue: Check = (value) => {
  if (value === "true" || value === "" || parseBool(value) === false) return undefined;
  return ["annotation-invalid-value", `${quote(value)} counts as false; give exactly "true", in lower case`];
};

const list: Check = (value) =>
  listElements(value).length > 0
    ? undefined
    : ["annotation-empty", "is empty and names nothing; give names or patterns, separated by commas"];

const exactNames: Check = (value) => {
  const element = listElements(value).find((name) => !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name));
  if (element === undefined) return undefined;
  return [
    "annotation-invalid-value",
    `${quote(element)} is no object name and leaves nothing out: names are compared exactly here, patterns are not read`,
  ];
};

const word: Check = (value) =>
  value.trim() === "" ? ["annotation-empty", "is empty, which counts as not said"] : undefined;

const notServed: Check = () => ["annotation-not-served", "has no effect here"];

const checks: Partial<Record<AnnotationName, Check>> = {
  ...Object.fromEntries(settingNames.map((name) => [settings[name].annotation, flag(name)])),
  configmapAuto: flag("auto"),
  secretAuto: flag("auto"),
  csiAuto: flag("auto"),
  search: exactTrue,
  configmapReload: list,
  secretReload: list,
  csiReload: list,
  configmapExclude: exactNames,
  secretExclude: exactNames,
  csiExclude: exactNames,
  pausePeriod: notServed,
  strategy: word,
  rolloutStrategy: word,
};

function described(side: Side, read: AnnotationRead, [code, message]: readonly [string, string]): DirectiveProblem {
  const where = side.from === "template" ? "on the pod template: " : "";
  const why = code === "annotation-not-served" ? `: ${vocabulary[read.name].doc}` : "";
  return { code, path: read.key, message: `${where}${message}${why}` };
}

function conflict(side: Side, read: AnnotationRead): DirectiveProblem | undefined {
  const winner = side.get(read.name);
  if (!winner || winner === read || winner.value === read.value) return undefined;
  const message = `${quote(read.value)} is not read, because ${winner.key} says ${quote(winner.value)}; keep one of the two`;
  return described(side, read, ["annotation-conflict", message]);
}

/** What the annotations of one object say that cannot mean what their author thinks. */
export function problemsOf(side: Side): DirectiveProblem[] {
  return side.read.flatMap((read) => {
    if (side.get(read.name) !== read) return conflict(side, read) ?? [];
    const found = checks[read.name]?.(read.value);
    return found ? described(side, read, found) : [];
  });
}
