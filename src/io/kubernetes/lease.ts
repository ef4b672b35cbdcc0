import { PortError } from "../../model/errors.ts";
import { resources } from "../../model/kinds.ts";
import { dig, number, text } from "../../model/object.ts";
import type { LeaseReading, Lock } from "../../ports.ts";
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

/**
 * The `Lock` port over a `coordination.k8s.io/v1` Lease. Times are the API server's: written from its Date headers, compared with the
 * Date of the answer that carried the Lease, so that the clock of this machine does not matter.
 */
export function createLock(rest: Rest, namespace: string): Lock {
  let spec: LeaseSpec = {};

  function read(): Promise<LeaseReading> {
    const call = readCall(resources.lease, namespace, leaseName);
    return rest.call(call).then(
      ({ body, date }) => {
        const object = readObject(call, body, leaseName);
        spec = specOf(object);
        if (date === undefined) throw badAnswer(call, "the answer has no Date header");
        return { ...readSpec(spec), version: object.metadata.resourceVersion, serverTime: date };
      },
      (error: unknown) => {
        const now = rest.serverTime();
        if (!(error instanceof PortError && error.code === "not-found" && now !== undefined)) throw error;
        spec = {};
        return { ...readSpec(spec), version: undefined, serverTime: now };
      },
    );
  }

  async function write(holder: string | undefined, version: string | undefined): Promise<string> {
    const next = nextSpec(spec, holder, rest.serverNow() ?? Date.now());
    const body = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: {
        name: leaseName,
        namespace,
        labels: ownLabels,
        ...(version === undefined ? {} : { resourceVersion: version }),
      },
      spec: next,
    };
    const update = writeCall("PUT", resources.lease, namespace, leaseName, body);
    const call =
      version === undefined
        ? createCall(resources.lease, namespace, body)
        : { ...update, path: update.path + queryString({ fieldManager }) };
    const answer = await (version === undefined ? rest.call(call).catch(missingNamespace(namespace)) : rest.call(call));
    const object = readObject(call, answer.body, leaseName);
    spec = specOf(object);
    return object.metadata.resourceVersion;
  }

  return { read, write };
}

function specOf(object: unknown): LeaseSpec {
  const spec = dig(object, "spec");
  return typeof spec === "object" && spec !== null ? (spec as LeaseSpec) : {};
}

function readSpec(spec: LeaseSpec): Pick<LeaseReading, "holder" | "renewedAt" | "durationSeconds"> {
  const renewedAt = Date.parse(text(spec.renewTime) ?? "");
  return {
    holder: text(spec.holderIdentity) || undefined,
    renewedAt: Number.isFinite(renewedAt) ? renewedAt : undefined,
    durationSeconds: number(spec.leaseDurationSeconds) ?? leaseSeconds,
  };
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
