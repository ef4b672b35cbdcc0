import { dig, type KubeObject, text } from "../../model/object.ts";
import { type Attempt, badAnswer } from "./errors.ts";

/** Whether the value has what every stored object has: metadata with name, uid and resourceVersion. */
export function isObject(value: unknown): value is KubeObject {
  const metadata = dig(value, "metadata");
  return ["name", "uid", "resourceVersion"].every((field) => text(dig(metadata, field)) !== undefined);
}

/** The answer as the object that was asked for; `bad-answer` where it is another thing. */
export function readObject(attempt: Pick<Attempt, "right">, body: unknown, name: string): KubeObject {
  if (!isObject(body)) throw badAnswer(attempt, "the answer is no Kubernetes object");
  if (body.metadata.name !== name) throw badAnswer(attempt, "the answer is about another object");
  return body;
}

/** Metadata only, also where the server does not know how to leave the rest out. */
export function withoutBody(object: KubeObject): KubeObject {
  return { metadata: object.metadata };
}
