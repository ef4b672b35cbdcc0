import { type AnnotationName, parseBool } from "../model/annotations.ts";
import { pluralOf, type SourceKind, sourceKinds } from "../model/ref.ts";
import { type SettingName, type SettingsSaid, type Statement, settingNames, settings } from "../model/settings.ts";
import type { AnnotationRead, DirectiveProblem, Directives, KindDirectives, NamePattern } from "../model/workload.ts";
import { narrowing } from "./directives-narrow.ts";
import { listElements, problemsOf } from "./directives-problems.ts";
import { type Annotations, type ConfiguredKeys, readSide, type Side } from "./directives-side.ts";

/** Which annotations speak about one kind of source. */
const typed = {
  ConfigMap: { auto: "configmapAuto", reload: "configmapReload", exclude: "configmapExclude" },
  Secret: { auto: "secretAuto", reload: "secretReload", exclude: "secretExclude" },
  SecretProviderClass: { auto: "csiAuto", reload: "csiReload", exclude: "csiExclude" },
} as const satisfies Record<SourceKind, Record<string, AnnotationName>>;

/** Any of these on the workload, whatever its value, makes the workload decide for this kind, and not its pod template. */
function deciding(kind: SourceKind): readonly AnnotationName[] {
  return [typed[kind].reload, "auto", typed[kind].auto, "search"];
}

function patterns(read: AnnotationRead | undefined): NamePattern[] {
  return read ? listElements(read.value).map((text) => ({ text, annotation: read.key })) : [];
}

function kindDirectives(kind: SourceKind, workload: Side, template: Side, narrowedOut: boolean): KindDirectives {
  const side = deciding(kind).some((name) => workload.get(name)) ? workload : template;
  const autos = [side.get("auto")?.value, side.get(typed[kind].auto)?.value];
  return {
    from: side.from,
    auto: autos.some((value) => parseBool(value) === true),
    autoUnset: autos.every((value) => !value),
    search: side.get("search")?.value === "true",
    named: patterns(side.get(typed[kind].reload)),
    exclude: [workload, template].flatMap((each) => listElements(each.get(typed[kind].exclude)?.value ?? "")),
    narrowedOut,
  };
}

type ByKind = Directives["byKind"];

/** A typed auto for a kind that `match` or `kind` leave out. */
function contradictions(byKind: ByKind, workload: Side, template: Side): DirectiveProblem[] {
  return sourceKinds.flatMap((kind) => {
    const { from, narrowedOut } = byKind[kind];
    const read = (from === "workload" ? workload : template).get(typed[kind].auto);
    if (!narrowedOut || !read || parseBool(read.value) !== true) return [];
    const message = `has no effect, because match or kind leave ${pluralOf(kind)} out; take one of the two away`;
    return [{ code: "annotation-contradiction", path: read.key, message }];
  });
}

/** Annotations of the pod template that nobody reads, because the workload decides, and differently. */
function hiddenOnTemplate(byKind: ByKind, workload: Side, template: Side): DirectiveProblem[] {
  const names = new Set(sourceKinds.flatMap((kind) => deciding(kind)));
  return [...names].flatMap((name) => {
    const concerned = sourceKinds.filter((kind) => deciding(kind).includes(name));
    const read = template.get(name);
    const hidden = concerned.every((kind) => byKind[kind].from === "workload");
    if (!read || !hidden || read.value === workload.get(name)?.value) return [];
    const message = "on the pod template is not read, because the workload's own annotations decide; move it there";
    return [{ code: "annotation-hidden", path: read.key, message }];
  });
}

/** What the workload, or else its pod template, says of what has levels. `auto` is a matter of each kind of source: see `KindDirectives`. */
function settingsSaid(workload: Side, template: Side): SettingsSaid {
  const names = settingNames.filter((name) => name !== "auto");
  const said = names.flatMap((name): [SettingName, Statement][] => {
    const read = workload.get(settings[name].annotation) ?? template.get(settings[name].annotation);
    return read ? [[name, { key: read.key, value: read.value }]] : [];
  });
  return Object.fromEntries(said);
}

/**
 * What the annotations of a workload and of its pod template ask. Per kind of source the pod template is read only when
 * the workload carries none of the four annotations that decide for that kind (stakater/Reloader pkg/common/common.go,
 * ShouldReload). Two differences: `exclude` counts on the pod template too, and `match` or `kind` on a workload narrow
 * what `auto` reacts to. Never throws: what cannot be understood decides as it does for Stakater, and is a problem.
 */
export function readDirectives(
  workloadAnnotations: Annotations,
  templateAnnotations: Annotations,
  configuredKeys: ConfiguredKeys,
): Directives {
  const workload = readSide("workload", workloadAnnotations, configuredKeys);
  const template = readSide("template", templateAnnotations, configuredKeys);
  const narrowed = narrowing(workload, template);
  const byKind = Object.fromEntries(
    sourceKinds.map((kind) => [kind, kindDirectives(kind, workload, template, !narrowed.kinds.includes(kind))]),
  ) as Record<SourceKind, KindDirectives>;
  return {
    byKind,
    said: settingsSaid(workload, template),
    read: [...workload.read, ...template.read],
    problems: [
      ...problemsOf(workload),
      ...problemsOf(template),
      ...narrowed.problems,
      ...contradictions(byKind, workload, template),
      ...hiddenOnTemplate(byKind, workload, template),
    ],
  };
}
