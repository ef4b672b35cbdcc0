import { annotationKeys, annotationNames, vocabulary } from "../model/annotations.ts";
import { formatDuration } from "../model/duration.ts";
import { findWorkloadKind, type WorkloadKind } from "../model/kinds.ts";
import { quote } from "../model/printable.ts";
import { sourceKinds } from "../model/ref.ts";
import { suggestion } from "./misspelt.ts";
import type { ConfigProblem, Origins } from "./origin.ts";
import { configuredKeys, configuredKinds } from "./policy.ts";
import type { OptionPath, Settings } from "./schema.ts";

/** A condition on several options at once, each of them valid by itself. */
export interface Rule {
  readonly name: string;
  /** The options it looks at; the first that somebody set is the one to blame. */
  readonly about: readonly OptionPath[];
  readonly check: (settings: Settings, origins: Origins) => readonly ConfigProblem[];
}

/** A rule that says at most one thing. */
function rule(
  name: string,
  about: readonly [OptionPath, ...OptionPath[]],
  broken: (settings: Settings, origins: Origins) => string | undefined,
): Rule {
  return {
    name,
    about,
    check: (settings, origins) => {
      const message = broken(settings, origins);
      if (message === undefined) return [];
      const option = about.find((path) => origins[path].from !== "default") ?? about[0];
      return [{ code: name, path: origins[option].where, option, message }];
    },
  };
}

function isSame(row: WorkloadKind, other: WorkloadKind): boolean {
  return row.group === other.group && row.plural === other.plural;
}

function ignoresAll(settings: Settings): boolean {
  const kinds = configuredKinds(settings);
  const ignored = settings.ignoreWorkloads.map((typed) => findWorkloadKind(typed, kinds)?.name);
  return kinds.every(({ name }) => ignored.includes(name));
}

function unknownKinds(option: string, typed: readonly string[], settings: Settings): string | undefined {
  const kinds = configuredKinds(settings);
  const unknown = typed.filter((name) => !findWorkloadKind(name, kinds));
  const known = kinds.map(({ plural }) => plural);
  const hint = unknown.length === 1 ? suggestion(unknown[0] ?? "", known) : "";
  return unknown.length > 0
    ? `${option}: ${unknown.join(", ")} is no kind of workload${hint}; known are ${known.join(", ")}`
    : undefined;
}

function unknownStrategies(settings: Settings): string | undefined {
  const kinds = configuredKinds(settings);
  const wrong = Object.entries(settings.strategies).flatMap(([typed, word]) => {
    const row = findWorkloadKind(typed, kinds);
    return row && !row.strategies.some((name) => name === word)
      ? [`strategies.${typed}: ${quote(word)} is no strategy of ${row.name}; it knows ${row.strategies.join(", ")}`]
      : [];
  });
  return wrong.length > 0 ? wrong.join("; ") : undefined;
}

/** What `git.message` may hold in braces. */
const placeholders = ["{workloads}", "{sources}", "{cluster}"];

function unfilled({ "git.message": message, "git.cluster": cluster }: Settings): string | undefined {
  const unknown = (message.match(/\{[^{}]*\}/g) ?? []).filter((each) => !placeholders.includes(each));
  if (unknown.length > 0)
    return `git.message: ${unknown.join(", ")} is not filled in; known are ${placeholders.join(", ")}`;
  return message.includes("{cluster}") && cluster === undefined
    ? "git.message has {cluster}, and git.cluster does not say what this cluster is called; set it, or take {cluster} out"
    : undefined;
}

/** Every combination that cannot be meant: a new row is a new rule. */
export const rules: readonly Rule[] = [
  rule("namespace-wanted-and-ignored", ["namespaces", "ignoreNamespaces"], (settings) => {
    const both = settings.namespaces.filter((name) => settings.ignoreNamespaces.includes(name));
    return both.length > 0
      ? `namespaces and ignoreNamespaces both name ${both.join(", ")}; take it out of one of them`
      : undefined;
  }),
  rule("namespaces-listed-and-selected", ["namespaceSelector", "namespaces"], (settings, origins) =>
    // A flag narrows what is configured for one run, whichever way it was configured.
    settings.namespaces.length > 0 && settings.namespaceSelector !== "" && origins.namespaces.from !== "flag"
      ? "namespaceSelector cannot be used together with namespaces; keep the list or the selector"
      : undefined,
  ),
  rule("every-source-ignored", ["ignoreSources"], (settings) =>
    sourceKinds.every((kind) => settings.ignoreSources.includes(kind))
      ? "ignoreSources leaves no kind of source to look at; take one out"
      : undefined,
  ),
  rule("every-workload-ignored", ["ignoreWorkloads", "kinds"], (settings) =>
    ignoresAll(settings) ? "ignoreWorkloads leaves no kind of workload to restart; take one out" : undefined,
  ),
  rule("kind-known-already", ["kinds"], (settings) => {
    const all = configuredKinds(settings);
    const again = all.filter((row, index) =>
      all.slice(0, index).some((other) => isSame(row, other) || row.name === other.name),
    );
    return again.length > 0
      ? `kinds: ${again.map(({ plural, group }) => `${plural}.${group}`).join(", ")} is known already; take it out`
      : undefined;
  }),
  rule("unknown-workload-kind", ["ignoreWorkloads", "kinds"], (settings) =>
    unknownKinds("ignoreWorkloads", settings.ignoreWorkloads, settings),
  ),
  rule("unknown-workload-kind", ["strategies", "kinds"], (settings) =>
    unknownKinds("strategies", Object.keys(settings.strategies), settings),
  ),
  rule("unknown-strategy", ["strategies", "kinds"], unknownStrategies),
  rule("run-shorter-than-rollout", ["timeouts.run", "timeouts.rollout"], (settings) => {
    const { "timeouts.run": run, "timeouts.rollout": rollout } = settings;
    return rollout !== undefined && run < rollout
      ? `timeouts.run (${formatDuration(run)}) is shorter than timeouts.rollout (${formatDuration(rollout)}); raise it or lower the other`
      : undefined;
  }),
  rule("git-without-repositories", ["git.repositories", "mode"], (settings) =>
    settings.mode === "git" && settings["git.repositories"].length === 0
      ? "git.repositories is empty, so commits may go nowhere; name GitRepositories, or leave mode: direct"
      : undefined,
  ),
  rule("git-message-not-filled-in", ["git.message", "git.cluster"], unfilled),
  rule("run-shorter-than-await", ["git.await", "timeouts.run"], (settings, origins) => {
    const { "timeouts.run": run, "git.await": wait } = settings;
    return run < wait && origins["git.await"].from !== "default"
      ? `timeouts.run (${formatDuration(run)}) is shorter than git.await (${formatDuration(wait)}); raise it or lower the other`
      : undefined;
  }),
  rule("run-shorter-than-git-call", ["git.timeout", "timeouts.run"], (settings, origins) => {
    const { "timeouts.run": run, "git.timeout": call } = settings;
    return run < call && origins["git.timeout"].from !== "default"
      ? `timeouts.run (${formatDuration(run)}) is shorter than git.timeout (${formatDuration(call)}); raise it or lower the other`
      : undefined;
  }),
  rule("references-of-ignored-sources", ["git.reconcileReferences", "ignoreSources"], (settings) =>
    settings["git.reconcileReferences"] &&
    (["ConfigMap", "Secret"] as const).every((kind) => settings.ignoreSources.includes(kind))
      ? "git.reconcileReferences asks for what reads changed ConfigMaps and Secrets, and ignoreSources leaves both out; take one of them out"
      : undefined,
  ),
  {
    name: "annotation-key-used-twice",
    about: [],
    check: (settings, origins) => {
      const configured = configuredKeys(settings);
      return annotationNames.flatMap((name) => {
        const key = configured[name];
        const [on = "workload"] = vocabulary[name].on;
        const other = annotationNames.find(
          (candidate) =>
            candidate !== name &&
            vocabulary[candidate].on.includes(on) &&
            annotationKeys(candidate, configured).some((taken) => taken === key),
        );
        if (key === undefined || other === undefined) return [];
        const option: OptionPath = `annotationKeys.${name}`;
        const message = `${option}: ${key} is already the key of ${other} on a ${on}; choose another`;
        return [{ code: "annotation-key-used-twice", path: origins[option].where, option, message }];
      });
    },
  },
];
