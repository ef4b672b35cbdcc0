import { modeOf } from "../model/mode.ts";
import type { Policy } from "../model/policy.ts";
import { formatRef, type SourceRef } from "../model/ref.ts";
import type { ExplainedMode, ExplainedSetting, ExplainedStrategy } from "../model/report-explain.ts";
import {
  configured,
  type Level,
  type Resolved,
  resolve,
  type SettingName,
  type SettingsSaid,
  settingNames,
} from "../model/settings.ts";
import { strategyOf } from "../model/strategies.ts";
import type { Outline } from "../model/workload.ts";
import type { HeadersByName } from "../plan/eligible.ts";
import { settingsOn } from "../snapshot/settings.ts";
import type { Subject } from "../survey/subjects.ts";

/** How it is restarted, also while nothing is due. `policy` is that of the namespace. */
export function explainStrategy(
  { ref, directives }: Pick<Outline, "ref" | "directives">,
  policy: Policy,
): ExplainedStrategy {
  const strategy = strategyOf({ ref, directives }, policy);
  const { level, by } = strategy.choice;
  const object = level === "namespace" ? `Namespace/${ref.namespace}` : formatRef(ref);
  return {
    word: strategy.is === "known" ? strategy.name : strategy.word,
    known: strategy.is === "known",
    level,
    object: by && object,
    annotation: by,
  };
}

/** How its restarts are asked for, also while nothing is due. `policy` is that of the namespace. */
export function explainMode(
  { ref, directives }: Pick<Outline, "ref" | "directives">,
  policy: Pick<Policy, "mode" | "modeSaid">,
): ExplainedMode {
  const mode = modeOf({ directives }, policy);
  const { level, by } = mode.choice;
  const object = level === "namespace" ? `Namespace/${ref.namespace}` : formatRef(ref);
  return {
    word: mode.is === "known" ? mode.name : mode.word,
    known: mode.is === "known",
    level,
    object: by && object,
    annotation: by,
  };
}

/** Every setting as it stands for a workload, and for those of its sources that say otherwise. `policy` is that of the namespace. */
export function explainSettings(
  { workload, candidacies }: Subject,
  headers: HeadersByName,
  policy: Policy,
): ExplainedSetting[] {
  const auto = workload.directives.read.find(({ name }) => name === "auto");
  const said = {
    namespace: policy.namespaceSaid,
    workload: auto ? { ...workload.directives.said, auto } : workload.directives.said,
  };
  const described = (name: SettingName, resolved: Resolved, source: SourceRef | undefined): ExplainedSetting => {
    const objects: Readonly<Record<Level, string | undefined>> = {
      configuration: undefined,
      namespace: `Namespace/${workload.ref.namespace}`,
      workload: formatRef(workload.ref),
      source: source && formatRef(source),
    };
    const { value, level, by } = resolved;
    return { name, value, level, object: objects[level], annotation: by && { key: by.key, value: by.value }, source };
  };
  const onSources = candidacies
    .filter(({ eligible }) => eligible)
    .map(({ ref }) => ({ ref, header: headers.get(`${ref.kind}/${ref.name}`) }))
    .map(({ ref, header }): { ref: SourceRef; source: SettingsSaid } => ({
      ref,
      source: header ? settingsOn("source", header.annotations, policy.annotationKeys) : {},
    }));
  return settingNames.flatMap((name) => {
    // What the namespace set is in the policy already, and is said once more by its annotation.
    const weakest = configured(name, policy);
    const own = resolve(name, weakest, said);
    const others = onSources
      .map(({ ref, source }) => ({ ref, resolved: resolve(name, weakest, { ...said, source }) }))
      .filter(({ resolved }) => resolved.level === "source");
    return [described(name, own, undefined), ...others.map(({ ref, resolved }) => described(name, resolved, ref))];
  });
}
