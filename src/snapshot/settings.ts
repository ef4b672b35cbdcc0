import { type Carrier, keysOn } from "../model/annotations.ts";
import {
  type SettingName,
  type SettingsSaid,
  type Statement,
  settingNames,
  settingProblem,
  settings,
} from "../model/settings.ts";
import type { DirectiveProblem } from "../model/workload.ts";
import type { Annotations, ConfiguredKeys } from "./directives-side.ts";

/** What most objects say. */
const nothing: SettingsSaid = Object.freeze({});

/** What the annotations of a Namespace or of a source say about settings. A workload has two sides: see `readDirectives`. */
export function settingsOn(carrier: Carrier, annotations: Annotations, configuredKeys: ConfiguredKeys): SettingsSaid {
  if (Object.keys(annotations).length === 0) return nothing;
  const said = settingNames.flatMap((name): [SettingName, Statement][] => {
    const key = keysOn(carrier, settings[name].annotation, configuredKeys).find((each) =>
      Object.hasOwn(annotations, each),
    );
    return key === undefined ? [] : [[name, { key, value: annotations[key] ?? "" }]];
  });
  return Object.fromEntries(said);
}

/** The values among them that are neither true nor false. */
export function settingsProblems(said: SettingsSaid): DirectiveProblem[] {
  return settingNames.flatMap((name) => {
    const { key, value } = said[name] ?? {};
    const problem = key !== undefined && value !== undefined ? settingProblem(name, value) : undefined;
    return problem && key ? [{ code: problem[0], path: key, message: problem[1] }] : [];
  });
}
