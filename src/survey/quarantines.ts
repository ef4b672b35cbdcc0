import { PortError } from "../model/errors.ts";
import { sourceResources } from "../model/kinds.ts";
import { endText, loopText } from "../model/loops.ts";
import type { KubeObject } from "../model/object.ts";
import type { Issue } from "../model/plan.ts";
import { mapPool } from "../model/pool.ts";
import { blamed, type Quarantined, retryCommand } from "../model/quarantined.ts";
import { compareText, formatRef, localName, type SourceKind, type SourceRef } from "../model/ref.ts";
import { withWriters } from "../plan/quarantine.ts";
import type { Cluster } from "../ports.ts";
import type { Surveyed } from "./subjects.ts";

/** Workloads named in one issue. */
const named = 3;
/** Sources looked at at the same time. */
const width = 4;

/** Kinds whose object holds the content itself, so that its field managers are those who write it. */
const written: ReadonlySet<SourceKind> = new Set<SourceKind>(["ConfigMap", "Secret"]);

/** Adds who writes the sources that are in quarantine, all of one namespace. Costs a request for the metadata of each; who cannot be seen is not named. */
export async function nameWriters<Each extends Surveyed>(
  cluster: Cluster,
  surveyed: readonly Each[],
): Promise<readonly Each[]> {
  const sources = new Map(
    surveyed.flatMap(({ comparison, loops }): [string, SourceRef][] =>
      comparison.sources
        .filter(({ ref }) => written.has(ref.kind) && loops.quarantines.some(({ source }) => source === localName(ref)))
        .map(({ ref }) => [localName(ref), ref]),
    ),
  );
  if (sources.size === 0) return surveyed;
  const found = await mapPool([...sources], width, async ([name, ref]): Promise<[string, readonly string[]]> => {
    return [name, writersOf(await look(cluster, ref))];
  });
  return surveyed.map((each) => ({ ...each, loops: withWriters(each.loops, new Map(found)) }));
}

async function look(cluster: Cluster, { kind, namespace, name }: SourceRef): Promise<KubeObject | undefined> {
  try {
    return await cluster.get(sourceResources[kind], namespace, name, { metadataOnly: true });
  } catch (error) {
    if (error instanceof PortError) return undefined;
    throw error;
  }
}

/** Names of field managers, the latest write first. */
function writersOf(object: KubeObject | undefined): string[] {
  const entries = object?.metadata.managedFields ?? [];
  return [...entries]
    .sort((a, b) => compareText(b.time ?? "", a.time ?? ""))
    .flatMap(({ manager }) => (manager ? [manager] : []));
}

/** One issue per source that does not come to rest, however many workloads it would restart. */
export function quarantineIssues(quarantines: readonly Quarantined[]): Issue[] {
  const groups = Map.groupBy(quarantines, (each) => formatRef(blamed(each)));
  return [...groups].flatMap(([path, group]): Issue[] => {
    const [first] = group;
    if (!first) return [];
    const text = loopText({ rule: first.rule, count: first.count });
    const end = endText(first, retryCommand(blamed(first)));
    return [
      { code: "quarantined", path, message: `${sentence(text)}. ${heldText(group)} ${end}.${writersText(group)}` },
    ];
  });
}

function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}`;
}

function heldText(group: readonly Quarantined[]): string {
  const held = group.filter(({ holds }) => holds).map(({ workload }) => formatRef(workload));
  if (held.length === 0) return "No restart is held back for it just now; one would be";
  const rest = held.length > named ? ` and ${held.length - named} more` : "";
  return `The restart of ${held.slice(0, named).join(", ")}${rest} is held back`;
}

function writersText(group: readonly Quarantined[]): string {
  const writers = [...new Set(group.flatMap((each) => each.writers ?? []))];
  if (writers.length === 0) return "";
  const hint = writers.some((each) => each.startsWith("cert-manager"))
    ? "; look for two Certificates with the same secretName"
    : "; find out which of them should not, or why it writes what it wrote before";
  return ` Seen writing it: ${writers.join(", ")}${hint}.`;
}
