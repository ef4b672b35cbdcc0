import { lastRunAnnotation } from "../../model/annotations.ts";
import { PortError } from "../../model/errors.ts";
import { resources } from "../../model/kinds.ts";
import { dig, type KubeObject, number, text } from "../../model/object.ts";
import type { LeaseReading, Lock, LockUse } from "../../ports.ts";
import { createCall, readCall, writeCall } from "./calls.ts";
import { fieldManager, ownLabels } from "./conventions.ts";
import { badAnswer } from "./errors.ts";
import { missingNamespace } from "./namespace.ts";
import { readObject } from "./objects.ts";
import { queryString } from "./paths.ts";
import type { Rest } from "./rest.ts";

const leaseName = "reroll";
const leaseSeconds = 60;

type LeaseSpec = Readonly<Record<string, unknown>>;

/** What is known of the Lease, for writing it whole. */
interface Known {
  readonly spec: LeaseSpec;
  readonly annotations: Readonly<Record<string, string>>;
}

const nothing: Known = { spec: {}, annotations: {} };

/**
 * The `Lock` port over a `coordination.k8s.io/v1` Lease. Times are the API server's: written from its Date headers, compared with the
 * Date of the answer that carried the Lease, so that the clock of this machine does not matter.
 */
export function createLock(rest: Rest, namespace: string): Lock {
  let known = nothing;

  function read(): Promise<LeaseReading> {
    const call = readCall(resources.lease, namespace, leaseName);
    return rest.call(call).then(
      ({ body, date }) => {
        const object = readObject(call, body, leaseName);
        known = knownOf(object);
        if (date === undefined) throw badAnswer(call, "the answer has no Date header");
        return { ...reading(known), version: object.metadata.resourceVersion, serverTime: date };
      },
      (error: unknown) => {
        const now = rest.serverTime();
        if (!(error instanceof PortError && error.code === "not-found" && now !== undefined)) throw error;
        known = nothing;
        return { ...reading(known), version: undefined, serverTime: now };
      },
    );
  }

  async function write(holder: string | undefined, version: string | undefined, use: LockUse): Promise<string> {
    const spec = nextSpec(known.spec, holder, rest.serverNow() ?? Date.now());
    const ran = holder !== undefined && use === "run" ? { [lastRunAnnotation]: text(spec.renewTime) ?? "" } : {};
    const annotations = { ...known.annotations, ...ran };
    const body = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name: leaseName,
        namespace,
        labels: ownLabels,
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
        ...(version === undefined ? {} : { resourceVersion: version }),
      },
      spec,
    };
    const update = writeCall("PUT", resources.lease, namespace, leaseName, body);
    const call =
      version === undefined
        ? createCall(resources.lease, namespace, body)
        : { ...update, path: update.path + queryString({ fieldManager }) };
    const answer = await (version === undefined ? rest.call(call).catch(missingNamespace(namespace)) : rest.call(call));
    const object = readObject(call, answer.body, leaseName);
    known = knownOf(object);
    return object.metadata.resourceVersion;
  }

  return { read, write };
}

function knownOf(object: KubeObject): Known {
  const spec = dig(object, "spec");
  const { annotations = {} } = object.metadata;
  return { spec: typeof spec === "object" && spec !== null ? (spec as LeaseSpec) : {}, annotations };
}

function reading({ spec, annotations }: Known): Omit<LeaseReading, "version" | "serverTime"> {
  return {
    holder: text(spec.holderIdentity) || undefined,
    renewedAt: instant(text(spec.renewTime)),
    ranAt: instant(annotations[lastRunAnnotation]),
    durationSeconds: number(spec.leaseDurationSeconds) ?? leaseSeconds,
  };
}

function instant(time: string | undefined): number | undefined {
  const parsed = Date.parse(time ?? "");
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** What is written next: a release keeps the time of the last renewal, a new holder counts as a transition (`client-go` leaderelection). */
function nextSpec(last: LeaseSpec, holder: string | undefined, now: number): LeaseSpec {
  if (holder === undefined) return { ...last, holderIdentity: "" };
  const time = microTime(now);
  const transitions = number(last.leaseTransitions) ?? 0;
  const renewed = { ...last, holderIdentity: holder, leaseDurationSeconds: leaseSeconds, renewTime: time };
  if (last.holderIdentity === holder) return renewed;
  const first = last.renewTime === undefined;
  return { ...renewed, acquireTime: time, leaseTransitions: first ? 0 : transitions + 1 };
}

/** `meta/v1.MicroTime`: exactly six fractional digits; fewer are refused. `milliseconds` may have a fraction. */
function microTime(milliseconds: number): string {
  const micros = Math.floor((milliseconds - Math.floor(milliseconds)) * 1_000);
  return new Date(milliseconds).toISOString().replace("Z", `${String(micros).padStart(3, "0")}Z`);
}
