/** Media types of the Kubernetes API. `as=PartialObjectMetadata` leaves spec, status and data out. */
export const partialObject = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
export const partialObjectList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
export const jsonPatch = "application/json-patch+json";

/** Kinds whose values the server may quote when it refuses what was sent. */
export const confidentialKinds: ReadonlySet<string> = new Set(["Secret", "ConfigMap"]);

/** Who reroll is to the API server, in `managedFields`. */
export const fieldManager = "reroll";

/** On everything reroll creates. */
export const ownLabels = { "app.kubernetes.io/managed-by": "reroll" } as const;
