import { readdirSync, readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { Manifest } from "../../src/demo/direct.ts";

const root = new URL("../../fixtures/neighbours/", import.meta.url);

/** What the API server writes, and nobody sends. */
const served = ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"] as const;

/** An object as somebody else's software leaves it, ready to be sent, and under which name it writes. */
export interface Neighbour {
  readonly manifest: Manifest;
  readonly manager: string;
}

type Metadata = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly managedFields?: readonly { readonly manager: string }[];
};

/** Every object of `fixtures/neighbours/<name>`, in the order of the files. Owners are left out where `owned` is false: they are not there. */
export function neighbours(name: string, owned = true): Neighbour[] {
  const folder = new URL(`${name}/`, root);
  const files = readdirSync(folder).sort();
  if (files.length === 0) throw new Error(`no fixtures of ${name}`);
  return files
    .flatMap((file) => parseAllDocuments(readFileSync(new URL(file, folder), "utf8")))
    .map((document) => {
      const { metadata, ...rest } = document.toJS() as { kind: string; metadata: Metadata };
      const [first] = metadata.managedFields ?? [];
      if (!first) throw new Error(`${rest.kind} ${metadata.name} of ${name} does not say who manages it`);
      const left: readonly string[] = owned ? served : [...served, "ownerReferences"];
      const kept = Object.entries(metadata).filter(([field]) => !left.includes(field));
      return { manifest: { ...rest, metadata: Object.fromEntries(kept) as Metadata }, manager: first.manager };
    });
}
