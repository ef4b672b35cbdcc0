import assert from "node:assert/strict";
import type { Walk } from "../../src/locate/definition.ts";
import { readerOf } from "../../src/locate/reader.ts";
import { type WalkedFacts, walk } from "../../src/locate/walk.ts";
import { memoryTree } from "./folder-tree.ts";

/** A Flux Kustomization `flux-system/apps` that changes nothing of what is at a path. */
export const facts = (path: string, changes: Partial<WalkedFacts> = {}): WalkedFacts => ({
  ...{ namespace: "flux-system", name: "apps", path, targetNamespace: undefined, namePrefix: "", nameSuffix: "" },
  ...{ patches: [], components: [], ignoreMissingComponents: false, substitute: undefined },
  ...changes,
});

/** A Deployment with more lines in its spec. */
export const deployment = (name: string, spec = "  replicas: 1", metadata = ""): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\n${metadata}spec:\n${spec}\n`;

/** What a Flux Kustomization builds of some files; it must not be refused. */
export function walked(
  files: Readonly<Record<string, string>>,
  path: string,
  changes: Partial<WalkedFacts> = {},
): Walk {
  const result = walk(readerOf(memoryTree(files)), facts(path, changes));
  assert.ok(!("code" in result), "code" in result ? result.message : "");
  return result;
}
