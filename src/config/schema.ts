import { type AnnotationName, annotationNames, stakaterKey, vocabulary } from "../model/annotations.ts";
import { sourceResources } from "../model/kinds.ts";
import { modes } from "../model/mode.ts";
import type { SourceKind } from "../model/ref.ts";
import { kindList } from "./kinds.ts";
import {
  annotationKey,
  choice,
  dnsLabel,
  duration,
  durationOrZero,
  flag,
  integer,
  kind,
  list,
  type OptionType,
  objectName,
  oneLine,
  secretName,
  selector,
  sourceName,
  text,
  wordMap,
  workloadKind,
} from "./types.ts";

/** What the process knows about where it runs. */
export interface Facts {
  /** The namespace of the pod, from its service account; absent outside a cluster. */
  readonly inPodNamespace?: string;
  /** Whether the log goes to a terminal. */
  readonly isTerminal?: boolean;
}

/** One option: a row gives file path, environment variable, flag, default, documentation and JSON Schema. */
export interface Option<Input = unknown, Value = unknown> {
  readonly type: OptionType<Input, Value>;
  /** In the words of the file; `undefined`: not set unless somebody sets it. */
  readonly default: Input | undefined;
  readonly doc: string;
  /** What holds where nothing is set and there is no default, or where the default depends on where reroll runs. */
  readonly otherwise?: string;
  /** In commander's form. */
  readonly flag?: string;
  readonly fact?: (facts: Facts) => Input | undefined;
}

type More<Input> = Pick<Option<Input>, "flag" | "fact" | "otherwise">;

const option = <Input, Value>(
  type: OptionType<Input, Value>,
  initial: Input,
  doc: string,
  more: More<Input> = {},
): Option<Input, Value> => ({ type, default: initial, doc, ...more });

const optional = <Input, Value>(
  type: OptionType<Input, Value>,
  doc: string,
  more: More<Input> = {},
): Option<Input, Value | undefined> => ({ type, default: undefined, doc, ...more });

type KeyOption = Option<string, string | undefined>;
type KeyOptions = { readonly [Name in AnnotationName as `annotationKeys.${Name}`]: KeyOption };

const keyOptions = Object.fromEntries(
  annotationNames
    .filter((name) => vocabulary[name].effect === "served" && stakaterKey(name, {}) !== undefined)
    .map((name): [string, KeyOption] => {
      const row = vocabulary[name];
      const usual = stakaterKey(name, {}) ?? "";
      return [
        `annotationKeys.${name}`,
        optional(annotationKey, `Key read on a ${row.on[0]} in place of Stakater Reloader's`, { otherwise: usual }),
      ];
    }),
) as KeyOptions;

/** Every option of reroll: a new row is a new option. Keys are paths in the file. */
export const options = {
  kubeconfig: optional(text, "Kubeconfig file", {
    flag: "--kubeconfig <file>",
    otherwise: "KUBECONFIG, ~/.kube/config, or the pod's service account",
  }),
  context: optional(text, "Context of the kubeconfig", { flag: "--context <name>", otherwise: "its current context" }),
  mode: option(
    choice(...modes),
    "direct",
    "How a restart is asked for: `direct` patches the workload, `git` commits to the repository that Flux reconciles",
  ),
  "git.repositories": option(
    list(sourceName),
    ["flux-system/*"],
    "GitRepositories that commits may go to; their URLs get the credential",
  ),
  "git.secretRef": optional(secretName, "Secret with the credential for commits", {
    otherwise: "none; see git.useSourceSecret",
  }),
  "git.useSourceSecret": option(
    flag,
    false,
    "Without git.secretRef, commit with the credential that Flux reads with; Flux often has one that may only read",
  ),
  "git.authorName": option(oneLine, "reroll", "Name of the author of commits"),
  "git.authorEmail": option(oneLine, "reroll@localhost", "E-mail address of the author of commits"),
  "git.message": option(
    oneLine,
    "chore(reroll): restart {workloads}",
    "Subject line of commits; {workloads}, {sources} and {cluster} are filled in",
  ),
  "git.skipCi": option(flag, false, "End the subject line of commits with [skip ci]"),
  "git.cluster": optional(oneLine, "Name of this cluster in commits", { otherwise: "not said" }),
  "git.await": option(
    durationOrZero,
    "3m",
    "How long a run waits for Flux to apply what it committed; 0s: not at all, the next run looks",
  ),
  "git.timeout": option(duration, "30s", "How long one call to a Git server may take"),
  "git.onUnresolvable": option(
    choice("direct", "skip", "fail"),
    "skip",
    "What is done where no commit can restart a workload: `direct` patches it, `skip` leaves it owed, `fail` counts as failed",
  ),
  "git.reconcileReferences": option(
    flag,
    false,
    "Ask Flux to reconcile HelmReleases and Kustomizations that take values or variables from a changed source",
  ),
  "state.namespace": option(dnsLabel, "reroll-system", "Namespace of state, key and lock; it must exist", {
    fact: (facts) => facts.inPodNamespace,
    otherwise: "in a pod: its own namespace",
  }),
  "state.name": option(objectName, "reroll-state", "Name of the ConfigMap that holds the state"),
  namespaces: option(
    list(dnsLabel),
    [],
    "Namespaces to look at, each listed by itself; several by commas or repetition; none: all",
    {
      flag: "-n, --namespace <name>",
    },
  ),
  ignoreNamespaces: option(list(dnsLabel), [], "Namespaces to leave alone"),
  namespaceSelector: option(selector, "", "Label selector for namespaces to look at; empty: all"),
  namespaceAnnotations: option(
    flag,
    true,
    "Read the annotations of namespaces, their defaults and pauses; off: they say nothing, and no right to read them is needed",
  ),
  selector: option(selector, "", "Label selector for sources to look at; empty: all"),
  ignoreSources: option(list(kind<SourceKind>(sourceRows())), [], "Kinds of source to leave alone"),
  kinds: option(kindList, [], "Kinds of workload besides the known ones: custom resources that hold a pod template"),
  ignoreWorkloads: option(list(workloadKind), [], "Kinds of workload to leave alone"),
  strategies: option(
    wordMap(workloadKind, "a strategy of the kind"),
    {},
    "How workloads of a kind are restarted, where no annotation of theirs says so: kind and strategy",
  ),
  autoReloadAll: option(flag, false, "Treat a workload that says nothing as if it said `auto`"),
  reloadOnCreate: option(flag, false, "Restart also when a source appears that a workload already used"),
  reloadOnDelete: option(flag, false, "Restart also when a source disappears"),
  perKey: option(flag, true, "Restart only for keys the pods can read, where that is known"),
  imagePullSecrets: option(flag, false, "Restart also for the Secrets that images are pulled with"),
  anchoring: option(
    choice("grouped", "stakater"),
    "grouped",
    "How `a|b` in a name list matches: `grouped` the whole name; `stakater` binds the ends to the outer alternatives only",
  ),
  ...keyOptions,
  "loopBreaker.returns": option(
    integer(0, 10),
    3,
    "Hold restarts for a source back once one of its contents came back so often; 0: never",
  ),
  "loopBreaker.within": option(duration, "24h", "The time in which those returns are counted"),
  "loopBreaker.restarts": option(
    integer(0, 60),
    12,
    "Hold every restart of a workload back once it was restarted so often within an hour; 0: never",
  ),
  "loopBreaker.settle": option(
    duration,
    "1h",
    "How long the content must stand still before what is held back is done",
  ),
  concurrency: option(
    integer(1, 100),
    10,
    "Patches under way at the same time, and after them rollouts watched at the same time; it does not stagger rollouts: all that is due is patched first",
  ),
  "timeouts.run": option(duration, "50m", "How long a run may take; what is not done by then is left to the next run"),
  "timeouts.rollout": optional(duration, "How long the rollout of one workload is watched", {
    otherwise: "by kind and size",
  }),
  "log.level": option(choice("debug", "info", "warn", "error"), "info", "Least severe messages that are logged", {
    flag: "--log-level <level>",
  }),
  "log.format": option(choice("json", "text"), "json", "Form of the log on stderr", {
    flag: "--log-format <format>",
    fact: (facts) => (facts.isTerminal ? "text" : undefined),
    otherwise: "on a terminal: text",
  }),
} as const satisfies Readonly<Record<string, Option>>;

function sourceRows(): { kind: SourceKind; plural: string }[] {
  return (Object.keys(sourceResources) as SourceKind[]).map((name) => ({
    kind: name,
    plural: sourceResources[name].plural,
  }));
}

type Options = typeof options;

/** Path of an option in the file: `state.namespace`. */
export type OptionPath = keyof Options;

/** Every option with the value in force. */
export type Settings = {
  readonly [Path in OptionPath]: Options[Path] extends Option<infer _, infer Value> ? Value : never;
};

/** In table order. */
export const optionPaths = Object.keys(options) as OptionPath[];

/** The row of an option. */
export function optionRow(path: OptionPath): Option {
  return options[path];
}

/** `state.namespace` -> `REROLL_STATE_NAMESPACE`. */
export function envName(path: OptionPath): string {
  const words = path.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(".", "_");
  return `REROLL_${words.toUpperCase()}`;
}

/** The long flag of an option, `--context`; `undefined` where it has none. */
export function flagName(path: OptionPath): string | undefined {
  return /--[\w-]+/.exec(optionRow(path).flag ?? "")?.[0];
}
