import { dig, type KubeObject, type ObjectMeta, text } from "../../model/object.ts";
import { type Attempt, badAnswer } from "./errors.ts";

const required = ["name", "uid", "resourceVersion"] as const;

/** What the API server lets a name be (`k8s.io/apimachinery` pkg/api/validation/path): one step of a path. */
const isName = (value: unknown) => typeof value === "string" && !/^\.{0,2}$|[/%]/.test(value) && value.isWellFormed();
const isText = (value: unknown) => typeof value === "string";
const isMap = (value: unknown) => typeof value === "object" && !Array.isArray(value);
const isListOfMaps = (value: unknown) => Array.isArray(value) && value.every((entry) => entry !== null && isMap(entry));

/** What the rest of reroll takes for granted of the other fields of `meta/v1.ObjectMeta` that it reads, where they are there. */
const shapes: readonly (readonly [keyof ObjectMeta, (value: unknown) => boolean])[] = [
  ["name", isName],
  ["namespace", isName],
  ["generation", Number.isSafeInteger],
  ["creationTimestamp", isText],
  ["deletionTimestamp", isText],
  ["labels", isMap],
  ["annotations", isMap],
  ["ownerReferences", isListOfMaps],
  ["managedFields", isListOfMaps],
];

/** Whether the value has what every stored object has, metadata with name, uid and resourceVersion, and nothing there of another type. */
export function isObject(value: unknown): value is KubeObject {
  const metadata = dig(value, "metadata");
  if (!required.every((field) => text(dig(metadata, field)) !== undefined)) return false;
  return shapes.every(([field, fits]) => {
    const given = dig(metadata, field);
    return given === undefined || given === null || fits(given);
  });
}

/** The answer as the object that was asked for; `bad-answer` where it is another thing. */
export function readObject(attempt: Pick<Attempt, "right">, body: unknown, name: string): KubeObject {
  if (!isObject(body)) throw badAnswer(attempt, "the answer is no Kubernetes object");
  if (body.metadata.name !== name) throw badAnswer(attempt, "the answer is about another object");
  return body;
}

/** Metadata only, also where the server does not know how to leave the rest out. */
export function onlyMetadata({ metadata }: KubeObject): KubeObject {
  return { metadata };
}
