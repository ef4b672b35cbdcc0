import type { ObjectId } from "../model/flux.ts";
import type { Json } from "../model/object.ts";
import type { Refusal } from "../model/refusals.ts";

/** One kustomization that a definition goes through. */
export interface ChainLink {
  /** The kustomization file; `undefined`: the folder has none, and Flux makes one for the time of its build. */
  readonly path: string | undefined;
  /** The folder, which paths in the file are relative to; empty: the root of the repository. */
  readonly directory: string;
  readonly kind: "Kustomization" | "Component";
  /**
   * What the object is called where this kustomization's own patches look for it, before its own namespace, prefix and suffix: a patch with a target
   * matches this or the original id (kustomize api/resmap `Select`).
   */
  readonly entered: ObjectId;
}

/** Where a patch stands. */
export interface PatchPlace {
  /** The kustomization file with the entry; `undefined`: `spec.patches` of the Flux Kustomization. */
  readonly kustomization: string | undefined;
  readonly field: "patches" | "patchesStrategicMerge" | "patchesJson6902";
  readonly index: number;
  /** The patch's own file; `undefined`: it stands in the entry itself. */
  readonly file: string | undefined;
  /** Of the patch's own text. */
  readonly document: number;
}

/** A patch that touches a definition. */
export interface PatchUse extends PatchPlace {
  readonly form: "merge" | "json6902";
  /** It says by a target what it is for, and so may be for others too. */
  readonly targeted: boolean;
  /** What it does: the map of a strategic merge patch, or the list of operations of a JSON Patch. */
  readonly patch: Json;
}

/** A text in parts, of which those that are not known are `undefined`. */
export type NameParts = readonly (string | undefined)[];

/** One object that a Flux Kustomization builds, and where it is written. */
export interface Definition {
  /** The file, from the root of the repository. */
  readonly path: string;
  /** Index of the document in the file. */
  readonly document: number;
  /** Index in `items` where the document is a `List`. */
  readonly item: number | undefined;
  /** As the file has it. A namespace that is not written is empty. */
  readonly original: ObjectId;
  /** As it is applied, as far as that is known: see {@link Definition.open}. An object of no namespace has that of its Flux Kustomization. */
  readonly built: ObjectId;
  /** What is known of name and namespace where a variable that nobody read decides them: `undefined` stands for such a variable. */
  readonly open: { readonly name: NameParts; readonly namespace: NameParts } | undefined;
  /** Outermost first. */
  readonly chain: readonly ChainLink[];
  /** In the order they are applied. */
  readonly patches: readonly PatchUse[];
  /** The document is encrypted by SOPS. */
  readonly encrypted: boolean;
  /** The value as the file has it. Shared: not to be changed. */
  readonly written: Json;
  /** The value as kustomize builds it, variables of `postBuild` not yet replaced. Shared: not to be changed. */
  readonly value: Json;
  /** Why the built value may be otherwise than told here: transformers that are not followed, patches that could not be applied. */
  readonly doubts: readonly string[];
}

/** A place where the walk ends without a definition: what comes from there is not known. */
export interface Leaf {
  readonly refusal: Refusal;
  /** The kustomization file that names it. */
  readonly kustomization: string | undefined;
  /** The entry as written: a URL, a chart, a generator. */
  readonly entry: string;
}

/** Something on the way that could not be read as it should: kustomize would fail on it, or reroll does not read it. */
export interface Problem {
  readonly refusal: Refusal;
  readonly path: string;
}

/** What one Flux Kustomization builds of a tree. */
export interface Walk {
  /** Namespace and name of the Flux Kustomization. */
  readonly namespace: string;
  readonly name: string;
  readonly definitions: readonly Definition[];
  readonly leaves: readonly Leaf[];
  readonly problems: readonly Problem[];
  /** Every file that decides what is built: kustomizations, resources, patches. Also those whose content was of no interest. */
  readonly files: ReadonlySet<string>;
}
