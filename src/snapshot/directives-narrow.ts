import { quote } from "../model/printable.ts";
import { type SourceKind, sourceKinds } from "../model/ref.ts";
import type { AnnotationRead, DirectiveProblem } from "../model/workload.ts";
import type { Side } from "./directives-side.ts";

/** What `match` and `kind` on a workload leave for `auto` to react to. */
export interface Narrowing {
  readonly kinds: readonly SourceKind[];
  readonly problems: readonly DirectiveProblem[];
}

const accepted = "configmap, secret, secretproviderclass, or some of them joined by |";
const everything: Narrowing = { kinds: sourceKinds, problems: [] };

function problem(read: AnnotationRead, code: string, message: string): DirectiveProblem {
  return { code, path: read.key, message };
}

function readWords(read: AnnotationRead): Narrowing {
  const words = read.value.split("|").map((word) => word.trim().toLowerCase());
  if (words.every((word) => word === "")) {
    return {
      ...everything,
      problems: [problem(read, "annotation-empty", `is empty and narrows nothing; give ${accepted}`)],
    };
  }
  if (read.name === "narrowMatch" && words.length === 1 && ["true", "false"].includes(words[0] ?? "")) {
    const message = `${read.value} has no effect on a workload: put it on the source, or give ${accepted}`;
    return { ...everything, problems: [problem(read, "annotation-no-effect", message)] };
  }
  const kinds = sourceKinds.filter((kind) => words.includes(kind.toLowerCase()));
  const unknown = words.filter((word) => !sourceKinds.some((kind) => kind.toLowerCase() === word));
  const quoted = unknown.map((word) => quote(word)).join(", ");
  const rest = kinds.length > 0 ? "the other words count" : "auto reacts to nothing until this is put right";
  return {
    kinds,
    problems:
      unknown.length > 0
        ? [problem(read, "annotation-unknown-word", `${quoted} is no kind of source: give ${accepted}; ${rest}`)]
        : [],
  };
}

/**
 * The kinds of source `auto` may react to: those that `match` and `kind` both name; all of them where neither is there.
 * Each is read from the workload, or else from its pod template. Words nobody knows narrow: restarting for what was
 * perhaps not meant is worse than a problem that says so.
 */
export function narrowing(workload: Side, template: Side): Narrowing {
  const reads = (["narrowMatch", "narrowKind"] as const).flatMap(
    (name) => workload.get(name) ?? template.get(name) ?? [],
  );
  const each = reads.map(readWords);
  const kinds = sourceKinds.filter((kind) => each.every((narrowed) => narrowed.kinds.includes(kind)));
  const problems = each.flatMap((narrowed) => narrowed.problems);
  const first = reads[0];
  if (first && kinds.length === 0 && each.every((narrowed) => narrowed.kinds.length > 0)) {
    const both = reads.map((read) => `${read.key}: ${quote(read.value)}`).join(" and ");
    problems.push(
      problem(first, "annotation-contradiction", `${both} leave no kind of source, so auto reacts to nothing`),
    );
  }
  return { kinds, problems };
}
