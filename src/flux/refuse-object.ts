import type { ObjectId, OwnerMarks } from "../model/flux.ts";
import type { Refusal } from "../model/refusals.ts";
import { ignoredPath } from "./ignore-rules.ts";
import type { LiveKustomization } from "./live.ts";
import { idName, nameOf } from "./names.ts";

/** What has to be found in a repository, with what its own metadata say. */
export interface Sought {
  readonly id: ObjectId;
  readonly marks: OwnerMarks;
  /** JSON Pointers to where the stamp may be written. */
  readonly pointers: readonly string[];
}

const direct = "or use mode: direct";
const domain = "kustomize.toolkit.fluxcd.io";

/** Whether a label or an annotation says so, in any case (fluxcd/pkg ssa/utils/meta.go, AnyInMetadata). */
function says({ labels, annotations }: OwnerMarks, key: string, word: string): boolean {
  return [labels[key], annotations[key]].some((value) => value?.toLowerCase() === word.toLowerCase());
}

/** Whether kustomize-controller applies changes of an object that exists. */
export function applies(marks: OwnerMarks): boolean {
  return (
    !says(marks, `${domain}/reconcile`, "disabled") && !unapplied.some((word) => says(marks, `${domain}/ssa`, word))
  );
}

/** Whether kustomize-controller lets other field managers be, whatever it was told of them. */
export function merges(marks: OwnerMarks): boolean {
  return says(marks, `${domain}/ssa`, "Merge");
}

const unapplied = ["Ignore", "IfNotPresent"] as const;

type ObjectRule = (sought: Sought, kustomization: LiveKustomization) => Refusal | undefined;

/** Why Flux would not apply a change of an object that it manages, in the order in which they are told. */
export const objectRules: readonly ObjectRule[] = [
  ({ id, marks }) => {
    if (!says(marks, `${domain}/reconcile`, "disabled")) return undefined;
    const message = `${idName(id)} says ${domain}/reconcile: disabled, so a commit would not reach it; take that away, ${direct}`;
    return { code: "RECONCILE_DISABLED", message };
  },
  ({ id, marks }) => {
    const word = unapplied.find((each) => says(marks, `${domain}/ssa`, each));
    if (!word) return undefined;
    const message = `${idName(id)} says ${domain}/ssa: ${word}, so a commit would not reach it; take that away, ${direct}`;
    return { code: "SSA_IGNORED", message };
  },
  ({ id, pointers }, kustomization) => {
    const path = ignoredPath(kustomization, id, pointers);
    if (path === undefined) return undefined;
    const by = nameOf("Kustomization", kustomization);
    const message = `spec.ignore of ${by} keeps ${path || "everything"} of ${idName(id)} as it is, so the stamp would not reach it; narrow that rule, ${direct}`;
    return { code: "FIELD_IGNORED", message };
  },
];
