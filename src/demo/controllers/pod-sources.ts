import { dig, objects, text } from "../../model/object.ts";
import type { SourceKind } from "../../model/ref.ts";
import { type Fields, fields, isFields, type Stored } from "../object.ts";
import { resourceOf } from "../resources.ts";
import type { Access } from "./access.ts";

/** What a pod finds when it starts. */
export interface Findings {
  /** Content of every source that is there, by `Kind/name`, in plain text. */
  readonly view: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** `Kind/name` of every source asked for, there or not. */
  readonly asked: ReadonlySet<string>;
  /** Why a container cannot be made, by its name, in kubelet's words. */
  readonly faults: ReadonlyMap<string, string>;
  /** A volume cannot be filled: no container is made, and none says why. */
  readonly unmountable: boolean;
}

interface Wish {
  readonly kind: SourceKind;
  readonly name: string;
  readonly keys: readonly string[];
  readonly optional: boolean;
}

/** Looks up everything the pod's containers and volumes take from ConfigMaps and Secrets (`kubelet.makeEnvironmentVariables`). */
export function findSources(access: Access, pod: Stored): Findings {
  const view = new Map<string, Record<string, string>>();
  const asked = new Set<string>();
  const { namespace, annotations } = pod.metadata;
  const missing =
    annotations?.["lab/missing-key"] === "true" ? `couldn't find key lab in ConfigMap ${namespace}/lab` : undefined;

  function fault({ kind, name, keys, optional }: Wish): string | undefined {
    const local = `${kind}/${name}`;
    asked.add(local);
    const content = view.get(local) ?? contentOf(access.store.get(resourceOf(kind), namespace, name));
    if (content) view.set(local, content);
    if (optional) return undefined;
    if (!content) return `${kind.toLowerCase()} "${name}" not found`;
    const absent = keys.find((key) => !Object.hasOwn(content, key));
    return absent === undefined ? undefined : `couldn't find key ${absent} in ${kind} ${namespace}/${name}`;
  }

  const spec = fields(pod, "spec");
  const unmountable = objects(spec.volumes)
    .flatMap(volumeWishes)
    .map(fault)
    .some((found) => found !== undefined);
  const faults = new Map<string, string>();
  for (const container of [...objects(spec.initContainers), ...objects(spec.containers)]) {
    const found = environmentWishes(container)
      .map(fault)
      .find((each) => each !== undefined);
    if ((found ?? missing) !== undefined) faults.set(String(container.name), found ?? missing ?? "");
  }
  return { view, asked, faults, unmountable };
}

/** Content of a source in plain text; `undefined` where there is no such source. */
function contentOf(source: Stored | undefined): Record<string, string> | undefined {
  if (!source) return undefined;
  const decode = (value: unknown) => Buffer.from(String(value), "base64").toString();
  const data = Object.entries(fields(source, "data"));
  const binary = Object.entries(fields(source, "binaryData"));
  return Object.fromEntries([
    ...data.map(([key, value]) => [key, source.kind === "Secret" ? decode(value) : String(value)]),
    ...binary.map(([key, value]) => [key, decode(value)]),
  ]);
}

function wish(kind: SourceKind, reference: unknown, name: unknown, keys: readonly (string | undefined)[]): Wish[] {
  const named = text(name);
  if (!isFields(reference) || !named) return [];
  return [{ kind, name: named, keys: keys.filter((key) => key !== undefined), optional: reference.optional === true }];
}

function environmentWishes(container: Fields): Wish[] {
  const from = (entry: Fields, kind: SourceKind, field: string) =>
    wish(kind, entry[field], dig(entry, field, "name"), []);
  const key = (entry: Fields, kind: SourceKind, field: string) => {
    const reference = dig(entry, "valueFrom", field);
    return wish(kind, reference, dig(reference, "name"), [text(dig(reference, "key"))]);
  };
  return [
    ...objects(container.envFrom).flatMap((entry) => [
      ...from(entry, "ConfigMap", "configMapRef"),
      ...from(entry, "Secret", "secretRef"),
    ]),
    ...objects(container.env).flatMap((entry) => [
      ...key(entry, "ConfigMap", "configMapKeyRef"),
      ...key(entry, "Secret", "secretKeyRef"),
    ]),
  ];
}

function volumeWishes(volume: Fields): Wish[] {
  const keys = (reference: unknown) => objects(dig(reference, "items")).map((item) => text(item.key));
  const one = (kind: SourceKind, reference: unknown, name: unknown) => wish(kind, reference, name, keys(reference));
  return [
    ...one("ConfigMap", volume.configMap, dig(volume, "configMap", "name")),
    ...one("Secret", volume.secret, dig(volume, "secret", "secretName")),
    ...objects(dig(volume, "projected", "sources")).flatMap((source) => [
      ...one("ConfigMap", source.configMap, dig(source, "configMap", "name")),
      ...one("Secret", source.secret, dig(source, "secret", "name")),
    ]),
  ];
}
