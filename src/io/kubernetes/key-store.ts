import { randomBytes } from "node:crypto";
import { UsageError } from "../../model/errors.ts";
import { sourceResources } from "../../model/kinds.ts";
import { dig, stringMap } from "../../model/object.ts";
import { compareText } from "../../model/ref.ts";
import type { Cluster, KeyStore } from "../../ports.ts";
import { createCall } from "./calls.ts";
import { ownLabels } from "./conventions.ts";
import { missingNamespace } from "./namespace.ts";
import type { Rest } from "./rest.ts";

const secretName = "reroll-key";
/** The entry new digests are made with. Every other entry is a retired key: digests made with it are still understood. */
const currentEntry = "current";
const keyLength = 32;
const shortestKey = 16;

const secrets = sourceResources.Secret;

/**
 * The `KeyStore` port over the Secret `reroll-key`. One entry is named `current`; to rotate by hand, rename it (`retired-1`, any
 * other name) and put new random bytes under `current`. A key that is short or missing is a `UsageError`, never a new key.
 */
export function createKeyStore(rest: Rest, cluster: Cluster, namespace: string): KeyStore {
  const where = `Secret ${namespace}/${secretName}`;
  return {
    async read() {
      const object = await cluster.get(secrets, namespace, secretName);
      return object && readKeys(stringMap(dig(object, "data")), where);
    },

    generate: () => randomBytes(keyLength),

    async create() {
      const key = randomBytes(keyLength);
      const body = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: secretName, namespace, labels: ownLabels },
        type: "Opaque",
        data: { [currentEntry]: key.toString("base64") },
      };
      await rest.call(createCall(secrets, namespace, body)).catch(missingNamespace(namespace));
      return [key];
    },
  };
}

function readKeys(data: Readonly<Record<string, string>>, where: string): Uint8Array[] {
  if (data[currentEntry] === undefined) {
    throw new UsageError(
      `${where}: no entry \`${currentEntry}\`. Put the key in use under that name, or delete the Secret to start anew with another key`,
    );
  }
  const retired = Object.keys(data)
    .filter((entry) => entry !== currentEntry)
    .sort(compareText);
  return [currentEntry, ...retired].map((entry) => {
    const bytes = Buffer.from(data[entry] ?? "", "base64");
    if (bytes.length >= shortestKey) return bytes;
    throw new UsageError(
      `${where}: entry \`${entry}\` has ${bytes.length} bytes; a key has at least ${shortestKey}, better ${keyLength}`,
    );
  });
}
