import { dig } from "../model/object.ts";
import { type Fields, fields, isFields, type Stored, same } from "./object.ts";
import type { ResourceRow } from "./resources.ts";
import { type Cause, invalid } from "./status.ts";

/** Faults of an object; `before` is absent when it is being created. */
type Rule = (after: Stored, before: Stored | undefined) => Cause[];

const sizeLimit = 1024 * 1024;

function fault(field: string, message: string): Cause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${message}`, field };
}

function required(field: string, message = ""): Cause {
  return { reason: "FieldValueRequired", message: message ? `Required value: ${message}` : "Required value", field };
}

function forbidden(field: string, message: string): Cause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${message}`, field };
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const qualifiedName = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const labelValue = /^(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?$/;
const dataKey = /^[-._a-zA-Z0-9]{1,253}$/;

const metadata: Rule = ({ kind, metadata: { name, labels = {}, annotations = {} } }) => {
  const causes: Cause[] = [];
  const [pattern, form, limit] =
    kind === "Namespace" ? ([label, "label", 63] as const) : ([subdomain, "subdomain", 253] as const);
  if (!name) causes.push(required("metadata.name", "name or generateName is required"));
  else if (!pattern.test(name) || name.length > limit)
    causes.push(
      fault(
        "metadata.name",
        `"${name}": a lowercase RFC 1123 ${form} must consist of lower case alphanumeric characters`,
      ),
    );
  for (const [key, value] of Object.entries(labels)) {
    if (!qualifiedName.test(key)) causes.push(fault("metadata.labels", `"${key}": name part must be a qualified name`));
    if (!labelValue.test(value)) causes.push(fault("metadata.labels", `"${value}": a valid label must be short`));
  }
  for (const key of Object.keys(annotations)) {
    if (!qualifiedName.test(key.toLowerCase()))
      causes.push(fault("metadata.annotations", `"${key}": name part must be a qualified name`));
  }
  return causes;
};

const source: Rule = (after, before) => {
  const maps = { data: fields(after, "data"), binaryData: fields(after, "binaryData") };
  const causes: Cause[] = [];
  let size = 0;
  for (const [name, map] of Object.entries(maps)) {
    for (const [key, value] of Object.entries(map)) {
      if (!dataKey.test(key)) causes.push(fault(`${name}[${key}]`, `"${key}": a valid config key must be short`));
      if (name === "binaryData" && key in maps.data)
        causes.push(fault(`data[${key}]`, `"${key}": duplicate of key present in binaryData`));
      size += Buffer.byteLength(String(value), after.kind === "Secret" || name === "binaryData" ? "base64" : "utf8");
    }
  }
  if (size > sizeLimit) {
    const field = after.kind === "Secret" ? "data" : "[]";
    const message = `Too long: may not be more than ${sizeLimit} bytes`;
    causes.push({ reason: "FieldValueTooLong", message, field });
  }
  if (before?.immutable === true) {
    const frozen = "field is immutable when `immutable` is set";
    for (const field of ["immutable", "data", "binaryData"])
      if (!same(after[field], before[field])) causes.push(forbidden(field, frozen));
  }
  if (before && after.kind === "Secret" && after.type !== before.type)
    causes.push(fault("type", `"${String(after.type)}": field is immutable`));
  return causes;
};

const template: Rule = (after, before) => {
  const causes: Cause[] = [];
  const selector = dig(after, "spec", "selector");
  const wanted = fields(selector, "matchLabels");
  const labels = dig(after, "spec", "template", "metadata", "labels");
  const matches = Object.entries(wanted).every(([key, value]) => fields(labels)[key] === value);
  if (!isFields(selector)) causes.push(required("spec.selector"));
  else if (before && !same(selector, dig(before, "spec", "selector")) && after.kind !== "StatefulSet")
    causes.push(fault("spec.selector", `${JSON.stringify(selector)}: field is immutable`));
  if (!isFields(selector) || !matches) {
    const message = `${JSON.stringify(labels ?? null)}: \`selector\` does not match template \`labels\``;
    causes.push(fault("spec.template.metadata.labels", message));
  }
  const containers = dig(after, "spec", "template", "spec", "containers");
  if (!Array.isArray(containers)) causes.push(required("spec.template.spec.containers"));
  return causes;
};

const changeable = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
];

const statefulSet: Rule = (after, before) => {
  const fixed = (object: Stored | undefined): Fields =>
    Object.fromEntries(Object.entries(fields(object, "spec")).filter(([key]) => !changeable.includes(key)));
  if (!before || same(fixed(after), fixed(before))) return [];
  const names = changeable.map((name) => `'${name}'`);
  const last = names.pop();
  const which = `updates to statefulset spec for fields other than ${names.join(", ")} and ${last} are forbidden`;
  return [forbidden("spec", which)];
};

const jobTemplate = (spec: unknown, field: string): Cause[] => {
  const containers = dig(spec, "template", "spec", "containers");
  const policy = dig(spec, "template", "spec", "restartPolicy");
  const odd = `${JSON.stringify(policy)}: supported values: "OnFailure", "Never"`;
  return [
    ...(Array.isArray(containers) ? [] : [required(`${field}.template.spec.containers`)]),
    ...(policy === "OnFailure" || policy === "Never"
      ? []
      : [{ ...fault(`${field}.template.spec.restartPolicy`, odd), reason: "FieldValueNotSupported" }]),
  ];
};

/** Its pods carry its name as a label; what they are made from never changes, unless nothing was started yet. */
const job: Rule = (after, before) => {
  const { name } = after.metadata;
  const causes = jobTemplate(after.spec, "spec");
  if (!before && name.length > 63)
    causes.push(fault("spec.template.labels", `"${name}": must be no more than 63 bytes`));
  for (const field of before ? ["template", "selector", "completions", "completionMode"] : []) {
    if (!same(fields(after, "spec")[field], fields(before, "spec")[field]))
      causes.push(fault(`spec.${field}`, `${JSON.stringify(fields(after, "spec")[field])}: field is immutable`));
  }
  return causes;
};

/** Names of its Jobs are eleven characters longer (`batch.validateCronJob`). */
const cronJob: Rule = (after, before) => {
  const causes = jobTemplate(dig(after, "spec", "jobTemplate", "spec"), "spec.jobTemplate.spec");
  if (!dig(after, "spec", "schedule")) causes.push(required("spec.schedule"));
  if (!before && after.metadata.name.length > 52)
    causes.push(fault("metadata.name", `"${after.metadata.name}": must be no more than 52 characters`));
  return causes;
};

const lease: Rule = (after) => {
  const seconds = dig(after, "spec", "leaseDurationSeconds");
  return typeof seconds === "number" && seconds <= 0
    ? [fault("spec.leaseDurationSeconds", `${seconds}: must be greater than 0`)]
    : [];
};

/** Rules by kind, besides those for metadata that hold for all. */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  ConfigMap: [source],
  Secret: [source],
  Deployment: [template],
  DaemonSet: [template],
  StatefulSet: [template, statefulSet],
  ReplicaSet: [template],
  Job: [job],
  CronJob: [cronJob],
  Lease: [lease],
};

/** Throws a 422 that lists every fault at once. */
export function validate(resource: ResourceRow, after: Stored, before: Stored | undefined): void {
  const causes = [metadata, ...(rules[resource.kind] ?? [])].flatMap((rule) => rule(after, before));
  const { group, kind } = resource;
  if (causes.length > 0) throw invalid({ group, kind, name: after.metadata.name }, causes);
}
