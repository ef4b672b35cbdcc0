import { PortError } from "../model/errors.ts";
import { dig, type KubeObject, text } from "../model/object.ts";
import { formatRef, type SourceKind } from "../model/ref.ts";

/** How the text of a field becomes bytes. Secret.data and both binaryData are base64 (`core/v1` types), ConfigMap.data is text; `objects` holds the version of each object that a class mounts, by its id. */
const fields: Readonly<Record<SourceKind, readonly (readonly [string, "utf8" | "base64"])[]>> = {
  ConfigMap: [
    ["data", "utf8"],
    ["binaryData", "base64"],
  ],
  Secret: [["data", "base64"]],
  SecretProviderClass: [["objects", "utf8"]],
};

const base64 = /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/;

/**
 * The keys of a source with their bytes, so that equal bytes are equal whichever field they stand in.
 * Throws a `PortError` `bad-answer` that names object, field and key, never a value, where something is not as the API
 * promises: an unreadable body must not look like an empty one.
 */
export function* readBody(kind: SourceKind, object: KubeObject): Generator<readonly [string, Uint8Array]> {
  const name = text(dig(object, "metadata", "name")) ?? "?";
  const where = formatRef({ kind, namespace: text(dig(object, "metadata", "namespace")) ?? "?", name });
  const bad = (what: string): PortError =>
    new PortError("bad-answer", `${where}: ${what}; this source is left as it was last seen`);
  for (const [field, encoding] of fields[kind]) {
    const map = dig(object, field) ?? {};
    if (typeof map !== "object" || Array.isArray(map)) throw bad(`${field} is not a map`);
    for (const [name, value] of Object.entries(map)) {
      if (typeof value !== "string") throw bad(`${field}, key ${name}: the value is not a string`);
      if (encoding === "base64" && !base64.test(value)) throw bad(`${field}, key ${name}: the value is not base64`);
      yield [name, Buffer.from(value, encoding)];
    }
  }
}
