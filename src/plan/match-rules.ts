import { annotationKeys, parseBool } from "../model/annotations.ts";
import type { DecidingAnnotation, No, RuleName, SourceFacts, Yes } from "../model/decision.ts";
import type { SkipReason } from "../model/plan.ts";
import type { Policy } from "../model/policy.ts";
import { quote } from "../model/printable.ts";
import { pluralOf } from "../model/ref.ts";
import { meaning } from "../model/settings.ts";
import type { WatchedKeys } from "../model/source.ts";
import type { KindDirectives, Workload } from "../model/workload.ts";
import { type Directive, findAnnotation, sourceAnnotation } from "./match-annotation.ts";
import { literalName, matches } from "./pattern.ts";

/** Everything the rules may look at. */
export interface Question {
  readonly workload: Pick<Workload, "ref" | "directives">;
  readonly source: SourceFacts;
  readonly policy: Policy;
  readonly kind: KindDirectives;
  /** Keys the template reads, with per-key precision taken into account; `undefined`: it does not use the source. */
  readonly keys: WatchedKeys | undefined;
}

type Answer = Omit<Yes, "rule"> | Omit<No, "rule">;

interface Rule {
  readonly name: RuleName;
  /** `undefined` leaves the question to the next rule. */
  readonly answer: (question: Question) => Answer | undefined;
}

function no(reason: SkipReason, message: string, annotation?: DecidingAnnotation, unsure = false): Omit<No, "rule"> {
  return { eligible: false, reason, message, annotation, unsure };
}

/** Yes, provided that the template uses the source and can read something of it. */
function ifUsed(question: Question, message: string, annotation?: DecidingAnnotation): Answer {
  const { keys, source } = question;
  if (keys === undefined) return no("not-used", `the pod template does not use this ${source.ref.kind}`, annotation);
  if (keys.length === 0) {
    return no("keys-not-used", "every mount of its volume has a subPath, and none reaches a key of it", annotation);
  }
  const unsure = source.annotations === undefined;
  return { eligible: true, whole: false, byPattern: false, keys, message, annotation, unsure };
}

/** The directive of the workload, on the object that decides for this kind. */
function directive(
  question: Question,
  name: Directive,
  accept?: (value: string) => boolean,
): DecidingAnnotation | undefined {
  return findAnnotation(question.workload.directives, question.source.ref.kind, name, question.kind.from, accept);
}

function autoAnnotation(question: Question, verdict: boolean): DecidingAnnotation | undefined {
  const accept = (value: string): boolean => (parseBool(value) ?? false) === verdict && (verdict || value !== "");
  return directive(question, "auto", accept) ?? directive(question, "typedAuto", accept);
}

/** What the annotation of the namespace sets for those that say nothing. */
function namespaceAuto({ policy: { namespaceSaid } }: Question, verdict: boolean): DecidingAnnotation | undefined {
  const auto = namespaceSaid?.auto;
  return auto && meaning("auto", auto.value) === verdict ? { ...auto, from: "namespace" } : undefined;
}

function narrowedOut({ workload: { directives }, source: { ref } }: Question): Answer {
  const annotation =
    findAnnotation(directives, ref.kind, "narrowKind") ?? findAnnotation(directives, ref.kind, "narrowMatch");
  return no("kind-narrowed-out", `match or kind on the workload leave ${pluralOf(ref.kind)} out of auto`, annotation);
}

/** The rules in the order in which they are asked; the first answer stands. */
export const rules: readonly Rule[] = [
  {
    name: "other-namespace",
    answer: ({ workload, source }) =>
      workload.ref.namespace === source.ref.namespace
        ? undefined
        : no("other-namespace", "a workload can only use sources of its own namespace"),
  },
  {
    name: "ignored-kind",
    answer: ({ workload, source, policy }) => {
      const kinds: readonly string[] = [...policy.ignoreWorkloads, ...policy.ignoreSources];
      const ignored = [workload.ref.kind, source.ref.kind].find((kind) => kinds.includes(kind));
      return ignored === undefined ? undefined : no("kind-ignored", `the configuration leaves out every ${ignored}`);
    },
  },
  {
    name: "ignored-source",
    answer: ({ source, policy }) => {
      const annotation = sourceAnnotation(source, annotationKeys("ignore", policy.annotationKeys));
      return annotation?.value === "true"
        ? no("source-ignored", `the ${source.ref.kind} says that nothing restarts for it`, annotation)
        : undefined;
    },
  },
  {
    name: "excluded",
    answer: (question) => {
      const { name } = question.source.ref;
      if (!question.kind.exclude.includes(name)) return undefined;
      const { directives } = question.workload;
      const lists = (value: string): boolean => value.split(",").some((element) => element.trim() === name);
      const annotation = findAnnotation(directives, question.source.ref.kind, "exclude", undefined, lists);
      return no("excluded", `the workload excludes ${name} by name`, annotation);
    },
  },
  {
    name: "named",
    answer: (question) => {
      const { source, kind, policy } = question;
      const hit = kind.named.find(({ text }) => matches(text, source.ref.name, policy.anchoring));
      if (!hit) return undefined;
      const exact = kind.named.some(({ text }) => literalName(text) === source.ref.name);
      return {
        eligible: true,
        whole: true,
        keys: "*",
        byPattern: !exact && source.keys === undefined,
        message: exact ? "the workload names it" : `the workload names it by the pattern ${hit.text}`,
        annotation: directive(question, "reload"),
        unsure: source.annotations === undefined,
      };
    },
  },
  {
    name: "search",
    answer: (question) => {
      const { source, kind, policy } = question;
      const annotation = sourceAnnotation(source, annotationKeys("match", policy.annotationKeys));
      if (!kind.search || annotation?.value !== "true") return undefined;
      return ifUsed(question, "the workload searches, and the source says match", annotation);
    },
  },
  {
    name: "auto",
    answer: (question) => {
      if (!question.kind.auto) return undefined;
      if (question.kind.narrowedOut) return unsureSearch(question) ?? narrowedOut(question);
      return ifUsed(question, "the workload restarts for what its pod template uses", autoAnnotation(question, true));
    },
  },
  {
    name: "auto-reload-all",
    answer: (question) => {
      const { kind, policy } = question;
      if (kind.auto || !kind.autoUnset || !policy.autoReloadAll) return undefined;
      if (kind.narrowedOut) return unsureSearch(question) ?? narrowedOut(question);
      const annotation = namespaceAuto(question, true);
      const who = annotation ? "the namespace asks for it" : "auto-reload-all";
      return ifUsed(question, `${who}: the workload does not say otherwise`, annotation);
    },
  },
  { name: "nothing-asked", answer: (question) => unsureSearch(question) ?? nothingAsked(question) },
];

/** A workload that searches, and a source that may say `match`, but could not be read. */
function unsureSearch(question: Question): Answer | undefined {
  const { source, kind } = question;
  if (!kind.search || source.annotations !== undefined || question.keys === undefined) return undefined;
  const message = `whether this ${source.ref.kind} says match is not known, because it is not there or could not be read`;
  return no("no-match", message, directive(question, "search"), true);
}

function nothingAsked(question: Question): Answer {
  const { kind, source } = question;
  const { kind: sourceKind, name } = source.ref;
  if (kind.search) {
    return no(
      "no-match",
      `the workload searches, but the ${sourceKind} does not say match: "true"`,
      directive(question, "search"),
    );
  }
  if (kind.named.length > 0) {
    return no("not-named", `no pattern of the list matches ${name}`, directive(question, "reload"));
  }
  const off = kind.autoUnset ? undefined : autoAnnotation(question, false);
  if (off) return no("auto-off", `${off.key} is ${quote(off.value)}, so auto is off`, off);
  const away = kind.autoUnset ? namespaceAuto(question, false) : undefined;
  if (away) return no("auto-off", `${away.key} is ${quote(away.value)} on the namespace, so auto is off`, away);
  return no("not-opted-in", `no annotation asks for restarts when a ${sourceKind} changes`);
}
