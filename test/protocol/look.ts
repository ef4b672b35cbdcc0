import type { EligibleSource } from "../../src/model/comparison.ts";
import type { Digester } from "../../src/model/digest.ts";
import { findWorkloadKind, type WorkloadKind, workloadKinds } from "../../src/model/kinds.ts";
import type { KubeObject } from "../../src/model/object.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Sight } from "../../src/model/source.ts";
import type { SilentRecord, State } from "../../src/model/state.ts";
import { watchedSources } from "../../src/model/watched.ts";
import type { Outline, Workload, WorkloadHeader } from "../../src/model/workload.ts";
import { asks } from "../../src/plan/eligible.ts";
import { workloadHeader } from "../../src/snapshot/outline.ts";
import { createSharing } from "../../src/snapshot/sharing.ts";
import { readWorkload } from "../../src/snapshot/workload.ts";
import { recall, type SilentFact } from "../../src/survey/known.ts";
import { sortReading } from "../../src/survey/look.ts";
import type { World } from "./world.ts";

export const ref = { kind: "Deployment", namespace: "ns", name: "app" } as const;
const kind = findWorkloadKind(ref.kind, workloadKinds) as WorkloadKind;
const sharing = createSharing();

/** The workload as the API has it now. */
export function objectOf(world: World): KubeObject {
  const { uid, generation, observedGeneration, template, paused, asks: opted } = world;
  const env = [...template.uses].map((unit) => {
    const dot = unit.lastIndexOf(".");
    return { name: "X", valueFrom: { configMapKeyRef: { name: unit.slice(0, dot), key: unit.slice(dot + 1) } } };
  });
  return {
    metadata: {
      ...{ name: ref.name, namespace: ref.namespace, uid, resourceVersion: "1", generation },
      ...(opted ? { annotations: { "reroll.dev/auto": "true" } } : {}),
    },
    spec: {
      paused,
      selector: { matchLabels: { app: "app" } },
      template: {
        metadata: template.annotations ? { annotations: { ...template.annotations } } : {},
        spec: { containers: [{ name: "app", env }] },
      },
    },
    status: { observedGeneration },
  };
}

/** What the list of metadata tells, and what the state remembers of such a workload. */
export interface AtAGlance {
  readonly header: WorkloadHeader;
  readonly recalled: Outline | undefined;
  readonly silent: SilentRecord | undefined;
}

interface Remembering {
  readonly state: State;
  readonly policy: Policy;
  readonly digester: Digester;
}

export function glanceAt(world: World, remembering: Remembering): AtAGlance {
  const header = workloadHeader(objectOf(world), kind, remembering.policy, sharing);
  const { recalled, silent } = recall([header], remembering, sharing);
  return { header, recalled: recalled[0]?.outline, silent: silent[0]?.record };
}

/** The workload read whole, some time after it was listed. */
export function lookAt(world: World, header: WorkloadHeader, policy: Policy) {
  const workload: Workload = readWorkload(objectOf(world), kind, policy, sharing);
  const { moved } = sortReading([header], { workloads: [workload], gaps: [] }, policy);
  return { workload, moved: moved.size > 0, asks: asks(workload, policy) };
}

interface Terms {
  readonly perKey: boolean;
  readonly reloadOnCreate: boolean;
  readonly reloadOnDelete: boolean;
  readonly state: State;
  /** It is not what was listed any more. */
  readonly moved: boolean;
  /** Names of the sources that carry a pause. */
  readonly held: ReadonlySet<string>;
}

/** The sources that a workload uses, with what was seen of them before it was read. */
export function eligibleOf(
  { uses }: Outline,
  seen: readonly { readonly ref: EligibleSource["ref"]; readonly sight: Sight }[],
  { perKey, reloadOnCreate, reloadOnDelete, state, moved, held }: Terms,
): EligibleSource[] {
  return watchedSources(uses, ref.namespace).map(({ ref: source, keys }): EligibleSource => {
    const found: Sight = seen.find((each) => each.ref.name === source.name)?.sight ?? { is: "absent" };
    const sight: Sight = moved && found.is === "absent" ? { is: "unobserved" } : found;
    const previous = state.namespaces.ns?.sources[`ConfigMap/${source.name}`];
    const pause = { key: "reroll.dev/paused", value: "true" };
    const paused = sight.is === "present" && held.has(source.name) ? pause : undefined;
    const terms = { reloadOnCreate, reloadOnDelete, paused };
    return { ref: source, keys: perKey ? keys : "*", byPattern: false, used: true, sight, previous, ...terms };
  });
}

/** Neighbours that ask for nothing: where enough of them moved, the state is written for what it remembers of templates alone. */
export function others(world: World): SilentFact[] {
  if (world.random() < 0.5) return [];
  return Array.from({ length: 6 }, (_, index) => ({
    ref: { ...ref, name: `other-${index}` },
    record: { at: `00000000 ${world.time}` },
  }));
}
