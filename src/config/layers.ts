import { suggestion } from "./misspelt.ts";
import type { ConfigProblem, Given } from "./origin.ts";
import { envName, type Facts, flagName, type OptionPath, optionPaths, optionRow } from "./schema.ts";

/** One place that options are read from. */
export interface Layer {
  readonly given: ReadonlyMap<OptionPath, Given>;
  readonly problems: readonly ConfigProblem[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that are read, but are no options. */
const otherVariables = ["REROLL_CONFIG"];
/** For tests and benches, and what Kubernetes sets in every pod beside a Service called reroll (pkg/kubelet/envvars). */
const foreign =
  /^REROLL_(?:(?:TEST|BENCH)_.*|(?:.*_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.*)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?))$/;

/** Options set by flags, in the text people typed. */
export function flagLayer(flags: Readonly<Partial<Record<OptionPath, string>>>): Layer {
  const given = new Map<OptionPath, Given>();
  for (const path of optionPaths) {
    const text = flags[path];
    if (text !== undefined)
      given.set(path, {
        value: optionRow(path).type.fromText(text),
        origin: { from: "flag", where: flagName(path) ?? path },
      });
  }
  return { given, problems: [] };
}

/** Options set by environment variables; any other `REROLL_` variable is taken for a misspelling. */
export function environmentLayer(env: Environment): Layer {
  const given = new Map<OptionPath, Given>();
  const names = new Map(optionPaths.map((path) => [envName(path), path]));
  const problems: ConfigProblem[] = [];
  for (const name of Object.keys(env)) {
    const text = name.startsWith("REROLL_") ? env[name] : undefined;
    if (text === undefined) continue;
    const path = names.get(name);
    if (path !== undefined)
      given.set(path, { value: optionRow(path).type.fromText(text), origin: { from: "environment", where: name } });
    else if (!otherVariables.includes(name) && !foreign.test(name)) {
      const hint = suggestion(name, [...names.keys(), ...otherVariables]);
      problems.push({ code: "unknown-variable", path: name, message: `${name} is no option${hint}` });
    }
  }
  return { given, problems };
}

/** Options that follow from where reroll runs. */
export function factLayer(facts: Facts): Layer {
  const given = new Map<OptionPath, Given>();
  for (const path of optionPaths) {
    const value = optionRow(path).fact?.(facts);
    if (value !== undefined)
      given.set(path, { value, origin: { from: "surroundings", where: optionRow(path).otherwise ?? "" } });
  }
  return { given, problems: [] };
}
