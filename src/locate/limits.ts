import type { Refusal } from "../model/refusals.ts";

/** How much of a repository is read: beyond it the answer is a refusal, never a guess. What one file may hold, `yamlLimits` says. */
export interface Limits {
  /** Files that are read, of one tree. */
  readonly files: number;
  /** Bytes of all files that are read. */
  readonly bytes: number;
  /** Parts (`partsOf`) of all documents together that take the YAML parser, which needs about ten seconds for a million of them. */
  readonly parsedParts: number;
  /** Nodes that one file may grow to, aliases resolved: what keeps a YAML bomb out. */
  readonly nodes: number;
  /** Objects and folders of one walk, each as often as it is included: what keeps bases that include each other many times over out. */
  readonly objects: number;
  /** How often patches of one walk are held against an object. */
  readonly patchTries: number;
  /** Kustomizations inside kustomizations, and folders inside folders. */
  readonly depth: number;
}

/** Far above the largest repositories seen (987 YAML files, 2 MiB) and their largest files (bundles of CRDs). */
export const defaultLimits: Limits = {
  files: 20_000,
  bytes: 64 * 1024 * 1024,
  parsedParts: 4_000_000,
  nodes: 500_000,
  objects: 50_000,
  patchTries: 5_000_000,
  depth: 64,
};

/** Ends a walk: what was asked for cannot be told. Never leaves the room: the functions it exports return the refusal. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}
