import type { Policy } from "../model/policy.ts";
import { environmentLayer, factLayer, flagLayer, type Layer } from "./layers.ts";
import type { ConfigProblem, Given, Origin, Origins } from "./origin.ts";
import { toPolicy } from "./policy.ts";
import { rules } from "./rules.ts";
import { type Facts, type OptionPath, optionPaths, optionRow, type Settings } from "./schema.ts";
import { shown } from "./shown.ts";

/** Everything a configuration is made of besides its file, already read. */
export interface SettledInputs {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text as typed, by option; repeated flags joined by commas. */
  readonly flags: Readonly<Partial<Record<OptionPath, string>>>;
  readonly facts: Facts;
  /** `--catch-up`: belongs to one run, so it is no option of the file. */
  readonly catchUp?: boolean;
}

/** A configuration that may be used. */
export interface Loaded {
  readonly config: Settings;
  readonly policy: Policy;
  readonly origins: Origins;
}

/** `problems` holds everything that is wrong, not only the first. */
export type LoadResult = Loaded | { readonly problems: readonly ConfigProblem[] };

function validate(path: OptionPath, given: Given, problems: ConfigProblem[]): unknown {
  const { type } = optionRow(path);
  const result = type.schema.safeParse(given.value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const [index] = issue.path;
    const inside = Array.isArray(given.value) && typeof index === "number";
    const option = inside ? `${path}[${index}]` : path;
    const value = inside ? (given.value as unknown[])[index] : given.value;
    const wrong = (inside && type.wrong?.(value)) || [];
    const messages = wrong.map(({ part, message }) => `${option}${part ? `.${part}` : ""}: ${message}`);
    const whole = `${option}: expected ${inside ? type.element : type.expected}, found ${shown(value)}`;
    for (const message of messages.length > 0 ? messages : [whole])
      problems.push({ code: "wrong-type", path: given.origin.where, option: path, message });
  }
  return undefined;
}

/** Rules whose options are all readable; after a file that could not be read, none: what it said is not known. */
function brokenRules(settings: Settings, origins: Origins, problems: readonly ConfigProblem[]): ConfigProblem[] {
  if (problems.some(({ code }) => code === "invalid-yaml")) return [];
  const unreadable = problems.map(({ option }) => option).filter((option) => option !== undefined);
  const readable = (path: OptionPath): boolean =>
    unreadable.every((option) => path !== option && !path.startsWith(`${option}.`));
  return rules.filter((rule) => rule.about.every(readable)).flatMap((rule) => rule.check(settings, origins));
}

/** Where there is no file. */
export const noFile: Layer = { given: new Map(), problems: [] };

/**
 * Puts the configuration together: flag before environment before file before surroundings before default.
 * Every value is validated, also one that another layer hides; what users wrote never makes it throw.
 */
export function settleConfig(inputs: SettledInputs, file: Layer): LoadResult {
  const layers = [flagLayer(inputs.flags), environmentLayer(inputs.env), file, factLayer(inputs.facts)];
  const problems = layers.flatMap((layer) => [...layer.problems]);
  const settings: Partial<Record<OptionPath, unknown>> = {};
  const origins: Partial<Record<OptionPath, Origin>> = {};
  for (const path of optionPaths) {
    const stated = layers.map((layer) => layer.given.get(path)).filter((given) => given !== undefined);
    const initial = optionRow(path).default;
    if (initial !== undefined) stated.push({ value: initial, origin: { from: "default", where: "default" } });
    const values = stated.map((given) => validate(path, given, problems));
    settings[path] = values[0];
    origins[path] = stated[0]?.origin ?? { from: "default", where: "default" };
  }
  const found = { config: settings as Settings, origins: origins as Origins };
  problems.push(...brokenRules(found.config, found.origins, problems));
  if (problems.length > 0) return { problems: inReadingOrder(problems) };
  return { ...found, policy: toPolicy(found.config, inputs.catchUp ?? false) };
}

function inReadingOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const once = new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem]));
  const line = ({ path }: ConfigProblem): number => Number(/:(\d+)$/.exec(path)?.[1] ?? 0);
  return [...once.values()].sort((a, b) => line(a) - line(b));
}
