import { type JudgedReader, judgeReader } from "../flux/judge-references.ts";
import { nameOf } from "../flux/names.ts";
import { readReferences } from "../flux/read-references.ts";
import { annotationsPatch, reconcilePatch } from "../flux/reconcile.ts";
import { type Reader, readersOf } from "../flux/references.ts";
import { referencesAnnotation } from "../model/annotations.ts";
import { PortError } from "../model/errors.ts";
import type { ExitCode } from "../model/exit.ts";
import { fluxResources } from "../model/flux-resources.ts";
import { resources } from "../model/kinds.ts";
import { blindnessAt, type View } from "../model/observation.ts";
import type { Issue } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { mapPool } from "../model/pool.ts";
import { compareText, formatRef, type SourceRef } from "../model/ref.ts";
import type { ReaderReport } from "../model/report-reader.ts";
import { resolve } from "../model/settings.ts";
import type { Ports } from "../ports.ts";
import type { FluxReading } from "./flux-reading.ts";
import { exitOf, type Prepared } from "./prepare.ts";

/** Something of Flux that takes values from sources, with what is to be done about it; `held`: why nothing is asked for now. */
interface FoundReader extends JudgedReader {
  readonly held: string | undefined;
}

/** What of Flux takes values from sources. */
export interface Readers {
  readonly found: readonly FoundReader[];
  /** What could not be looked at. */
  readonly issues: readonly Issue[];
  readonly exits: readonly ExitCode[];
}

/** What of Flux takes values from sources, where `git.reconcileReferences` asks for it. Writes nothing. */
export async function findReaders(
  cluster: Ports["cluster"],
  { git: { reconcileReferences } }: Policy,
  { survey: { observation: view }, digester }: Pick<Prepared, "survey" | "digester">,
  flux: FluxReading,
): Promise<Readers> {
  if (!reconcileReferences) return { found: [], issues: [], exits: [] };
  const owners = await flux.owners();
  const readers = readersOf(owners, (source) => concerns(source, view));
  const read = await readReferences(cluster, readers, digester);
  const shelves = [["HelmRelease", owners.helmReleases] as const, ["Kustomization", owners.kustomizations] as const];
  const unread = [
    ...shelves.flatMap(([path, shelf]) => (shelf.is === "unread" ? [{ path, error: shelf.error }] : [])),
    ...[...read].flatMap(([path, source]) => (source.is === "unread" ? [{ path, error: source.error }] : [])),
  ];
  return {
    found: readers.map((reader) => ({ ...judgeReader(reader, read, digester), held: holdOf(reader, view) })),
    issues: unread.map(({ path, error }) => ({ code: "not-observed", path, message: error.message })),
    exits: unread.map(({ error }) => exitOf(error)),
  };
}

/** Nothing is known of a namespace that is not looked at, or whose annotations could not be read. */
function concerns({ kind, namespace }: SourceRef, view: View): boolean {
  if (!view.covers(namespace) || blindnessAt(view, resources.namespace.kind, namespace)) return false;
  return !view.policyOf(namespace).ignoreSources.includes(kind);
}

function holdOf({ object }: Reader, view: View): string | undefined {
  if (object.suspended) return "it is suspended; it reads them once it is resumed";
  const { namespaceSaid } = view.policyOf(object.namespace);
  const paused = namespaceSaid && resolve("paused", false, { namespace: namespaceSaid }).value;
  return paused ? `Namespace ${object.namespace} is paused; it is asked after that` : undefined;
}

/** What a plan shows of them. */
export function dueReaders({ found }: Readers): ReaderReport[] {
  return sorted(
    found.filter(isConcerned).map((each) => report(each, each.held === undefined ? "due" : "held", each.held)),
  );
}

/** Requests sent at the same time. */
const width = 4;

/** What was asked for. */
export interface AskedReaders {
  readonly reports: readonly ReaderReport[];
  readonly exits: readonly ExitCode[];
}

/**
 * Asks readers of changed sources to reconcile. What they are asked to read is written on them by the same patch, so nothing can happen
 * between the two: a run that is killed neither forgets a change nor asks twice. What a reader is found with for the first time is written
 * too, and asks for nothing.
 */
export async function askReaders(
  { cluster, clock, journal }: Pick<Ports, "cluster" | "clock" | "journal">,
  { found }: Readers,
  stop: AbortSignal,
): Promise<AskedReaders> {
  const exits: ExitCode[] = [];
  const reports = await mapPool(found, width, async (each): Promise<ReaderReport[]> => {
    const { reader, changed, remember, held } = each;
    if (held !== undefined || remember === undefined || stop.aborted) {
      return isConcerned(each) ? [report(each, held === undefined ? "due" : "held", held)] : [];
    }
    const { kind, object } = reader;
    const values = { [referencesAnnotation]: remember };
    const now = cluster.serverTime() ?? clock.now();
    const patch = isConcerned(each) ? reconcilePatch(object, now, values) : annotationsPatch(object, values);
    try {
      await cluster.patch(fluxResources[kind], object.namespace, object.name, patch);
      if (!isConcerned(each)) return [];
      journal.info("asked Flux to reconcile", { object: nameOf(kind, object), because: changed.map(formatRef) });
      return [report(each, "asked")];
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      exits.push(exitOf(error));
      journal.warn("could not ask Flux to reconcile", { object: nameOf(kind, object), reason: error.message });
      return [report(each, "failed", `${error.message}; the next run tries again`)];
    }
  });
  return { reports: sorted(reports.flat()), exits };
}

function isConcerned({ changed }: FoundReader): boolean {
  return changed.length > 0;
}

function report({ reader, changed }: FoundReader, outcome: ReaderReport["outcome"], message = ""): ReaderReport {
  const { kind, object } = reader;
  return { object: { kind, namespace: object.namespace, name: object.name }, because: changed, outcome, message };
}

function sorted(reports: readonly ReaderReport[]): ReaderReport[] {
  return [...reports].sort((a, b) => compareText(nameOf(a.object.kind, a.object), nameOf(b.object.kind, b.object)));
}
