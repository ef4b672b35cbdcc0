/** Prefix of Stakater Reloader's annotations, and of ours. The rest of a key is the same in both. */
export const stakaterDomain = "reloader.stakater.com";
export const ownDomain = "reroll.dev";

/** Written by direct mode on the pod template. */
export const stampAnnotation = `${ownDomain}/stamp`;
/** Written by git mode, so that reroll and Flux never own the same field. */
export const gitStampAnnotation = `${ownDomain}/git-stamp`;
/** On what of Flux reads ConfigMaps and Secrets, with git.reconcileReferences: the content that it was last asked to read, or was found with. */
export const referencesAnnotation = `${ownDomain}/references`;
export const stampAnnotations = { direct: stampAnnotation, git: gitStampAnnotation } as const;
/** On a Job that is suspended to be resumed at once: the stamp it will have then. Whoever finds it resumes the Job. */
export const recreateAnnotation = `${ownDomain}/recreate`;
/** On the Lease: when a run last renewed it. Others that take the Lease leave it as it is. */
export const lastRunAnnotation = `${ownDomain}/last-run`;
/** What kubectl rollout restart writes; some operators keep only this one. */
export const restartedAtAnnotation = "kubectl.kubernetes.io/restartedAt";

/** Which kind of object carries an annotation. A pod template counts as its workload. */
export type Carrier = "workload" | "source" | "namespace";

interface Vocabulary {
  /** Text before and after the domain: `configmap.` + domain + `/reload`. */
  readonly before: string;
  readonly after: string;
  /** Which objects it is read from. On a Namespace that is our key alone: Stakater's vocabulary knows no Namespaces. */
  readonly on: readonly Carrier[];
  /** Only reroll knows it: there is no Stakater key. */
  readonly own: boolean;
  /** `served`: does what it says. `noticed`: known, so that it is not taken for a misspelling, and without effect. */
  readonly effect: "served" | "noticed";
  readonly doc: string;
}

const row = (
  before: string,
  after: string,
  on: Carrier | readonly Carrier[],
  doc: string,
  more: Partial<Pick<Vocabulary, "own" | "effect">> = {},
): Vocabulary => ({ before, after, on: [on].flat(), own: false, effect: "served", doc, ...more });

const own = (after: string, on: Carrier | readonly Carrier[], doc: string): Vocabulary =>
  row("", after, on, doc, { own: true });

const everywhere = ["workload", "source", "namespace"] as const;

/** Every annotation reroll knows: a new row is a new annotation. */
export const vocabulary = {
  auto: row(
    "",
    "auto",
    ["workload", "namespace"],
    "true: restart for every ConfigMap, Secret and SecretProviderClass the pod template uses",
  ),
  configmapAuto: row("configmap.", "auto", "workload", "true: restart for every ConfigMap the pod template uses"),
  secretAuto: row("secret.", "auto", "workload", "true: restart for every Secret the pod template uses"),
  csiAuto: row(
    "secretproviderclass.",
    "auto",
    "workload",
    "true: restart for every SecretProviderClass the pod template mounts",
  ),
  configmapReload: row("configmap.", "reload", "workload", "comma list of patterns: restart for these ConfigMaps"),
  secretReload: row("secret.", "reload", "workload", "comma list of patterns: restart for these Secrets"),
  csiReload: row(
    "secretproviderclass.",
    "reload",
    "workload",
    "comma list of patterns: restart for these SecretProviderClasses",
  ),
  search: row("", "search", "workload", "true: restart for the used sources that carry match: true"),
  match: row("", "match", "source", "true: workloads with search: true restart for this source"),
  ignore: row("", "ignore", "source", "true: never restart anything for this source"),
  configmapExclude: row("configmaps.exclude.", "reload", "workload", "comma list of ConfigMap names to leave out"),
  secretExclude: row("secrets.exclude.", "reload", "workload", "comma list of Secret names to leave out"),
  csiExclude: row(
    "secretproviderclasses.exclude.",
    "reload",
    "workload",
    "comma list of SecretProviderClass names to leave out",
  ),
  imagePullSecrets: own(
    "image-pull-secrets",
    ["workload", "namespace"],
    "true: the Secrets that images are pulled with count too",
  ),
  narrowMatch: row(
    "",
    "match",
    "workload",
    "configmap, secret, secretproviderclass, or some of them joined by |: what auto reacts to",
  ),
  narrowKind: row(
    "",
    "kind",
    "workload",
    "configmap, secret, secretproviderclass, or some of them joined by |: what auto reacts to",
  ),
  restartedAt: own("restarted-at", ["workload", "namespace"], "true: also write kubectl.kubernetes.io/restartedAt"),
  perKey: own("per-key", ["workload", "namespace"], "false: watch whole sources, not only the keys the pod can read"),
  reloadOnCreate: own("reload-on-create", everywhere, "true: restart also when a source appears that was already used"),
  reloadOnDelete: own("reload-on-delete", everywhere, "true: restart also when a source disappears"),
  paused: own("paused", everywhere, "true: what is due stays owed, and is done once this is taken away"),
  strategy: own(
    "strategy",
    ["workload", "namespace"],
    "how it is restarted, where its kind can be restarted in several ways",
  ),
  mode: own("mode", ["workload", "namespace"], "direct or git: how its restarts are asked for"),
  helmValuesPath: own(
    "helm-values-path",
    "workload",
    "in git mode, where the values of its HelmRelease take annotations of its pods, such as podAnnotations",
  ),
  pausePeriod: row("deployment.", "pause-period", "workload", "not needed: one run is one restart", {
    effect: "noticed",
  }),
  pausedAt: row("deployment.", "paused-at", "workload", "written by Stakater Reloader", { effect: "noticed" }),
  rolloutStrategy: row(
    "",
    "rollout-strategy",
    "workload",
    "on an Argo Rollout, the same as strategy: rollout or restart",
  ),
  lastReloadedFrom: row("", "last-reloaded-from", "workload", "written by Stakater Reloader", { effect: "noticed" }),
} as const satisfies Record<string, Vocabulary>;

export type AnnotationName = keyof typeof vocabulary;

/** Names in table order. */
export const annotationNames = Object.keys(vocabulary) as AnnotationName[];

/** Our key of an annotation: `configmap.reroll.dev/reload`. */
export function ownKey(name: AnnotationName): string {
  const { before, after } = vocabulary[name];
  return `${before}${ownDomain}/${after}`;
}

/** Stakater's key of an annotation, or the one configured instead; `undefined` where only reroll knows it. */
export function stakaterKey(
  name: AnnotationName,
  configured: Readonly<Partial<Record<AnnotationName, string>>>,
): string | undefined {
  const { before, after, own } = vocabulary[name];
  return configured[name] ?? (own ? undefined : `${before}${stakaterDomain}/${after}`);
}

/** The keys under which an annotation is read, ours first: where both are there, ours decides. */
export function annotationKeys(
  name: AnnotationName,
  configured: Readonly<Partial<Record<AnnotationName, string>>>,
): readonly string[] {
  const known = keysUnder.get(configured) ?? new Map<AnnotationName, readonly string[]>();
  keysUnder.set(configured, known);
  const keys = known.get(name) ?? [ownKey(name), stakaterKey(name, configured)].filter((key) => key !== undefined);
  known.set(name, keys);
  return keys;
}

/** They are asked for some times for every source that is in use. */
const keysUnder = new WeakMap<object, Map<AnnotationName, readonly string[]>>();

/** The keys under which an annotation is read on such an object. */
export function keysOn(
  carrier: Carrier,
  name: AnnotationName,
  configured: Readonly<Partial<Record<AnnotationName, string>>>,
): readonly string[] {
  if (!vocabulary[name].on.includes(carrier)) return [];
  return carrier === "namespace" ? [ownKey(name)] : annotationKeys(name, configured);
}

/** Go's strconv.ParseBool, which Stakater Reloader reads `auto` with; `undefined` for every other text. */
export function parseBool(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  return ["0", "f", "F", "false", "FALSE", "False"].includes(value) ? false : undefined;
}

/** Whether a key may be one of ours, of Stakater's, or one configured instead: also a misspelt one under either domain. */
export function concernsReroll(key: string, configured: Readonly<Partial<Record<AnnotationName, string>>>): boolean {
  return key.includes(ownDomain) || key.includes(stakaterDomain) || Object.values(configured).includes(key);
}
