import { PortError } from "../../model/errors.ts";
import { resources, sourceResources } from "../../model/kinds.ts";
import { dig, type KubeObject, stringMap } from "../../model/object.ts";
import { compareText } from "../../model/ref.ts";
import type { Cluster, StateStore, StoredDocument } from "../../ports.ts";
import { createCall, readCall, writeCall } from "./calls.ts";
import { fieldManager, ownLabels } from "./conventions.ts";
import { missingNamespace } from "./namespace.ts";
import { readObject } from "./objects.ts";
import { queryString } from "./paths.ts";
import type { Rest } from "./rest.ts";

/** Marks a ConfigMap as a piece of the state. */
const stateLabel = "reroll.dev/state";
/** What belongs to the state although somebody took the label off. */
const namePrefix = "reroll-state";

const configMaps = sourceResources.ConfigMap;

/** The `StateStore` port over ConfigMaps of one namespace, which must exist. */
export function createStateStore(rest: Rest, cluster: Cluster, namespace: string): StateStore {
  return {
    namespace,

    async read(name) {
      const object = await cluster.get(configMaps, namespace, name);
      return object && readDocument(object);
    },

    async names() {
      const names = new Set<string>();
      for await (const page of cluster.list(configMaps, { namespace, metadataOnly: true })) {
        for (const { metadata } of page.items) {
          if (metadata.labels?.[stateLabel] === "true" || metadata.name.startsWith(namePrefix))
            names.add(metadata.name);
        }
      }
      return [...names].sort(compareText);
    },

    async write(document, version) {
      const body = writeDocument(document, namespace, version);
      if (version === undefined) {
        const call = createCall(configMaps, namespace, body);
        const answer = await rest.call(call).catch(missingNamespace(namespace));
        return readObject(call, answer.body, document.name).metadata.resourceVersion;
      }
      const call = writeCall("PUT", configMaps, namespace, document.name, body);
      const { body: written } = await rest.call({ ...call, path: call.path + queryString({ fieldManager }) });
      return readObject(call, written, document.name).metadata.resourceVersion;
    },

    async remove(name, version) {
      const preconditions = { resourceVersion: version };
      const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions };
      try {
        await rest.call(writeCall("DELETE", configMaps, namespace, name, body));
      } catch (error) {
        if (!(error instanceof PortError && error.code === "not-found")) throw error;
      }
    },

    async namespaceExists() {
      // The namespace as the scope of its own GET: a Role in it can then grant this.
      const call = readCall(resources.namespace, undefined, namespace);
      try {
        await rest.call({ ...call, right: { ...call.right, namespace } });
        return true;
      } catch (error) {
        if (error instanceof PortError && error.code === "not-found") return false;
        throw error;
      }
    },
  };
}

function readDocument(object: KubeObject): StoredDocument {
  const binaryData: Record<string, Uint8Array> = Object.create(null);
  for (const [key, base64] of Object.entries(stringMap(dig(object, "binaryData")))) {
    binaryData[key] = Buffer.from(base64, "base64");
  }
  const { name, resourceVersion } = object.metadata;
  return { name, data: stringMap(dig(object, "data")), binaryData, version: resourceVersion };
}

function writeDocument(document: Omit<StoredDocument, "version">, namespace: string, version: string | undefined) {
  const binary = Object.entries(document.binaryData);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: document.name,
      namespace,
      labels: { ...ownLabels, [stateLabel]: "true" },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    data: document.data,
    binaryData: Object.fromEntries(binary.map(([key, bytes]) => [key, Buffer.from(bytes).toString("base64")])),
  };
}
