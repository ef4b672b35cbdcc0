/**
 * Judges runs by what the API server wrote down, and by nothing reroll says or means: a pod runs what its sources held when it was created,
 * and a change of nothing but a template's annotations is a restart. Revisions, not clocks, tell before from after.
 */
import type { Chronicle, SourceMoment, WorkloadMoment } from "./chronicle.ts";

/** A run of the command, by the newest revision before it was started and after it had ended. */
export interface RunSpan {
  readonly from: number;
  readonly to: number;
  /** It saw everything and could do everything, as far as its exit code says. */
  readonly complete: boolean;
}

/** One key of a source, or all of it. */
interface Read {
  /** `Kind/name`. */
  readonly source: string;
  readonly key?: string;
}

type Evidence = Pick<Chronicle, "sources" | "workloads" | "pods">;

/** What pods read that is not what their sources hold now; sources that are gone are left out. */
export function missed({ sources, workloads, pods }: Evidence): string[] {
  return [...workloads].flatMap(([ref, moments]) => {
    const last = moments.at(-1);
    // What is paused gets its new pods later: nobody can restart it now.
    if (!last || last.gone || last.paused) return [];
    const [namespace, , name] = ref.split("/");
    const reads = readsOf(last.template);
    const own = [...pods.values()].filter(
      ({ app, gone, leaving }) => app === `${namespace}/${name}` && !gone && !leaving,
    );
    return own.flatMap((pod) =>
      reads.flatMap((read) => {
        const moments = sources.get(`${namespace}/${read.source}`) ?? [];
        const now = moments.at(-1)?.content;
        const then = at(moments, pod.created)?.content;
        if (now === undefined || viewOf(now, read) === viewOf(then, read)) return [];
        return [`${ref}: pod ${pod.name} of revision ${pod.created} started before ${read.source} ${read.key ?? ""}`];
      }),
    );
  });
}

/** One restart by reroll. */
export interface Restart {
  /** `namespace/Kind/name`. */
  readonly ref: string;
  readonly revision: number;
}

/** Every change of a pod template that changed nothing but annotations. */
export function restarts({ workloads }: Pick<Evidence, "workloads">): Restart[] {
  return [...workloads].flatMap(([ref, moments]) =>
    moments.flatMap((moment, index) => {
      const before = moments[index - 1];
      const stamped = before && !before.gone && !moment.gone && before.annotations !== moment.annotations;
      return stamped && before.rest === moment.rest ? [{ ref, revision: moment.revision }] : [];
    }),
  );
}

/**
 * Restarts that nothing asked for: outside of any run, a second one in the same run, or one without a change of its own. A change may be
 * the reason of one restart: by the first complete run that began after it, or by an earlier one.
 */
export function needless(evidence: Evidence, runs: readonly RunSpan[]): string[] {
  const all = Map.groupBy(restarts(evidence), ({ ref }) => ref);
  return [...all].flatMap(([ref, own]) => {
    const reasons = reasonsFor(evidence, ref);
    const paused = pausedSpans(evidence.workloads.get(ref) ?? []);
    const served = new Set<RunSpan>();
    return own.flatMap(({ revision }) => {
      const run = runs.find(({ from, to }) => from < revision && revision <= to);
      if (!run) return [`${ref} at ${revision}: restarted while no run was at work`];
      if (served.has(run)) return [`${ref} at ${revision}: restarted twice in one run`];
      served.add(run);
      const seeing = runs.findLast((each) => each.complete && each.to <= run.from && !paused(each));
      const after = seeing?.from ?? 0;
      const index = reasons.findIndex((reason) => reason > after && reason <= revision);
      if (index < 0) return [`${ref} at ${revision}: restarted without a change since ${after}`];
      reasons.splice(0, index + 1);
      if (cancelled(evidence, ref, after, run.from, revision))
        return [`${ref} at ${revision}: restarted for what had come back`];
      return [];
    });
  });
}

/** Revisions at which something happened that a restart may be for: a change of what is read, or a template that reads more. */
function reasonsFor({ sources, workloads }: Evidence, ref: string): number[] {
  const moments = workloads.get(ref) ?? [];
  const namespace = ref.slice(0, ref.indexOf("/"));
  const templates = [...new Map(moments.map(({ rest, template }) => [rest, template])).values()];
  const reads = templates.flatMap(readsOf);
  const changes = reads.flatMap((read) =>
    (sources.get(`${namespace}/${read.source}`) ?? []).flatMap(({ revision, content }, index, all) =>
      index === 0 || viewOf(all[index - 1]?.content, read) !== viewOf(content, read) ? [revision] : [],
    ),
  );
  const edits = moments.flatMap(({ revision, rest, gone }, index) => {
    const before = moments[index - 1];
    return !gone && (before === undefined || before.gone || before.rest !== rest) ? [revision] : [];
  });
  return [...new Set([...changes, ...edits])].sort((a, b) => a - b);
}

/** Whether nothing is left of what changed since `after`: every value is back, and nobody restarted or edited the workload meanwhile. */
function cancelled({ sources, workloads }: Evidence, ref: string, after: number, from: number, until: number): boolean {
  const moments = workloads.get(ref) ?? [];
  const before = moments.findLast(({ revision }) => revision <= after);
  const between = moments.filter(({ revision }) => revision > after && revision < until);
  if (!before || before.gone) return false;
  if (between.some(({ rest, annotations }) => rest !== before.rest || annotations !== before.annotations)) return false;
  const namespace = ref.slice(0, ref.indexOf("/"));
  return readsOf(before.template).every((read) => {
    const all = sources.get(`${namespace}/${read.source}`) ?? [];
    const view = (revision: number) => viewOf(at(all, revision)?.content, read);
    const moved = all.some(({ revision }) => revision > from && revision <= until && view(revision) !== view(from));
    return !moved && view(after) === view(until);
  });
}

/** Whether a workload was paused at any moment of a span: then what was due was left for later. */
function pausedSpans(moments: readonly WorkloadMoment[]): (span: RunSpan) => boolean {
  return ({ from, to }) =>
    moments.some(
      ({ revision, paused }, index) => paused && revision <= to && (moments[index + 1]?.revision ?? to) >= from,
    );
}

/** What held at a revision: the newest moment that is not younger. */
function at(moments: readonly SourceMoment[], revision: number): SourceMoment | undefined {
  return moments.findLast((moment) => moment.revision <= revision);
}

function viewOf(content: SourceMoment["content"], { key }: Read): string {
  if (content === undefined) return "gone";
  if (key !== undefined) return content.get(key) ?? "absent";
  return JSON.stringify([...content].sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Json = { readonly [field: string]: Json } & readonly Json[] & string;

/** What a pod of a template reads, in the forms the scenarios use. */
export function readsOf(template: unknown): Read[] {
  const { spec = {} } = (template ?? {}) as Json;
  const { containers = [], initContainers = [], volumes = [] } = spec as Json;
  const name = (object: Json | undefined) => object?.name ?? object?.secretName;
  const whole = (kind: string, object: Json | undefined) =>
    name(object) ? [{ source: `${kind}/${name(object)}` }] : [];
  const single = (kind: string, ref: Json | undefined) =>
    ref ? [{ source: `${kind}/${ref.name}`, key: String(ref.key) }] : [];
  const items = (kind: string, object: Json | undefined) =>
    object?.items
      ? (object.items as readonly Json[]).map((item) => ({ source: `${kind}/${name(object)}`, key: String(item.key) }))
      : whole(kind, object);
  const ofVolume = (volume: Json) => [...items("ConfigMap", volume.configMap), ...items("Secret", volume.secret)];
  return [
    ...[...(containers as readonly Json[]), ...(initContainers as readonly Json[])].flatMap((container) => [
      ...((container.envFrom ?? []) as readonly Json[]).flatMap((from) => [
        ...whole("ConfigMap", from.configMapRef),
        ...whole("Secret", from.secretRef),
      ]),
      ...((container.env ?? []) as readonly Json[]).flatMap(({ valueFrom }) => [
        ...single("ConfigMap", valueFrom?.configMapKeyRef),
        ...single("Secret", valueFrom?.secretKeyRef),
      ]),
    ]),
    ...(volumes as readonly Json[]).flatMap((volume) => [
      ...ofVolume(volume),
      ...((volume.projected?.sources ?? []) as readonly Json[]).flatMap(ofVolume),
    ]),
  ];
}
