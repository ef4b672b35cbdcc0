import { UsageError } from "../model/errors.ts";
import { watchLess } from "../record/codec.ts";
import { loadState } from "../record/remember.ts";
import { count } from "../report/words.ts";
import { holderOf, lastRunOf } from "../run/lock.ts";
import { type Finding, fine, type Patient, problem, warning } from "./doctor-finding.ts";
import { bytesOf, sizeOf } from "./status.ts";

/** A ConfigMap holds 1 MiB, and a shard has more than this only where one namespace alone needs it: somebody should know before it is full. */
const largeShard = 800 * 1024;

/** Whether the namespace of the state exists. */
export async function checkNamespace({ ports: { states } }: Patient): Promise<Finding> {
  const name = "state namespace";
  if (await states.namespaceExists()) return fine(name, `${states.namespace} exists`);
  const advice = `Make it with: kubectl create namespace ${states.namespace} - or name another one (state.namespace, REROLL_STATE_NAMESPACE).`;
  return problem(name, `${states.namespace}, where the state is kept, does not exist`, advice, 2);
}

/** Whether the state can be read, and what is in it. */
export async function checkState({ ports: { states }, stateName }: Patient): Promise<Finding> {
  const remembered = await loadState(states, stateName);
  const where = `ConfigMap ${states.namespace}/${stateName}`;
  if (remembered.first) {
    return fine("state", `${where} is not there yet: the first run takes today as the baseline`);
  }
  const namespaces = Object.values(remembered.state.namespaces);
  const total = (of: (each: (typeof namespaces)[number]) => object) =>
    namespaces.reduce((sum, each) => sum + Object.keys(of(each)).length, 0);
  const { bytes, shards } = sizeOf(remembered);
  const size = `${bytes} bytes${shards > 0 ? ` in ${count(shards, "shard")}` : ""}`;
  const found = `${where} remembers ${count(
    total(({ workloads }) => workloads),
    "workload",
  )} and ${count(
    total(({ sources }) => sources),
    "source",
  )} (${size})`;
  const [fullest = "", most = 0] = [...remembered.documents.values()]
    .map((document): [string, number] => [document.name, bytesOf(document)])
    .reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0]);
  if (most <= largeShard) return fine("state", found);
  const full = `${found}; ConfigMap ${fullest} has ${most} of at most ${1024 * 1024} bytes, because one namespace has so much`;
  return warning("state", full, `${watchLess} A state that does not fit is not written.`);
}

/** Whether the digest key can be read, and fits the state. */
export async function checkKey({ ports: { keys, states }, stateName }: Patient): Promise<Finding> {
  const name = "digest key";
  const stored = await keys.read();
  const where = `Secret ${states.namespace}/reroll-key`;
  if (stored) {
    const retired = stored.length - 1;
    return fine(name, `${where} holds a key${retired > 0 ? ` and ${retired} retired` : ""}`);
  }
  const first = await isFirst(states, stateName);
  return first
    ? fine(name, `${where} is not there yet: the first run makes it`)
    : warning(
        name,
        `${where} is gone, so nothing recorded before can be compared`,
        "Restore it, or let the next run take today as the baseline; changes since the last run then go unseen.",
      );
}

/** A state that is broken is told by its own check; it is no first run. */
async function isFirst(states: Patient["ports"]["states"], stateName: string): Promise<boolean> {
  try {
    return (await loadState(states, stateName)).first;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** Who is at work now. */
export async function checkLock({ ports: { lock } }: Patient): Promise<Finding> {
  const reading = await lock.read();
  const held = holderOf(reading, "");
  const last = lastRunOf(reading);
  const what = last?.holder === undefined ? "a command that writes the state" : "a run";
  if (held) return fine("lock", `held by ${held.holder}, ${what} that is at work now`);
  return fine("lock", `free; ${last ? `last run ${last.at}` : "no run yet"}`);
}
