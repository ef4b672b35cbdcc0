import { type Fields, isFields } from "./object.ts";
import { apiVersion, type ResourceRow } from "./resources.ts";
import { badRequest } from "./status.ts";

/** Text of the first field whose type is wrong, in the words of Go's decoder; `undefined` where all is well. */
export function typeFault(resource: ResourceRow, object: Fields): string | undefined {
  const { kind } = resource;
  const metadata = isFields(object.metadata) ? object.metadata : {};
  const maps: [string, unknown][] = [
    ["ObjectMeta.metadata.labels", metadata.labels],
    ["ObjectMeta.metadata.annotations", metadata.annotations],
  ];
  if (kind === "ConfigMap") maps.push(["ConfigMap.data", object.data]);
  if (kind === "Secret") maps.push(["Secret.data", object.data], ["Secret.stringData", object.stringData]);
  for (const [field, map] of maps) {
    const wrong = isFields(map) ? Object.values(map).find((value) => value !== null && typeof value !== "string") : map;
    if (wrong !== undefined && wrong !== null)
      return `json: cannot unmarshal ${goType(wrong)} into Go struct field ${field} of type string`;
  }
  const encoded = kind === "Secret" ? object.data : kind === "ConfigMap" ? object.binaryData : undefined;
  if (isFields(encoded) && Object.values(encoded).some((value) => !base64.test(String(value ?? ""))))
    return "illegal base64 data at input byte 0";
  const times = kind === "Lease" && isFields(object.spec) ? [object.spec.acquireTime, object.spec.renewTime] : [];
  const odd = times.find((time) => typeof time === "string" && !microTime.test(time));
  return odd === undefined
    ? undefined
    : `parsing time "${String(odd)}" as "2006-01-02T15:04:05.000000Z07:00": cannot parse it`;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

function goType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** The object of a request's body, with unknown top-level fields dropped. Throws a 400. */
export function decodeObject(resource: ResourceRow, body: unknown): Fields {
  const { kind, version } = resource;
  if (!isFields(body)) throw badRequest(`the object provided is unrecognized (must be of type ${kind})`);
  const given = body.kind ?? kind;
  const of = body.apiVersion ?? apiVersion(resource);
  if (given !== kind || of !== apiVersion(resource)) {
    const problem = `${String(given)} in version "${String(of)}" cannot be handled as a ${kind}`;
    throw badRequest(`${problem}: converting it is not possible`);
  }
  const fault = typeFault(resource, body);
  if (fault) throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${fault}`);
  return knownFields(resource, body);
}

/** kind, apiVersion, metadata and the resource's own fields. */
export function knownFields(resource: ResourceRow, object: Fields): Fields {
  const known = resource.fields.filter((field) => object[field] !== undefined && object[field] !== null);
  return {
    kind: resource.kind,
    apiVersion: apiVersion(resource),
    metadata: isFields(object.metadata) ? object.metadata : {},
    ...Object.fromEntries(known.map((field) => [field, object[field]])),
  };
}
