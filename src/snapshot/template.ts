import { concernsReroll, gitStampAnnotation, stampAnnotation } from "../model/annotations.ts";
import { workloadKinds } from "../model/kinds.ts";
import type { Policy } from "../model/policy.ts";
import { compareText } from "../model/ref.ts";
import type { Directives } from "../model/workload.ts";
import { readDirectives } from "./directives.ts";
import type { Annotations } from "./directives-side.ts";
import { unknownAnnotations } from "./directives-unknown.ts";
import type { Sharing } from "./sharing.ts";

/** Raised whenever more is read of a pod template than before: what is remembered of templates is then read again. */
const version = 2;

/** How templates are read under a policy: what was remembered under another one may lack something. */
export function templateReader({ annotationKeys, kinds }: Policy): string {
  const own = kinds.filter((kind) => !workloadKinds.includes(kind));
  const paths = own.map(({ name, template }) => `${name}=${template.join(".")}`);
  return [version, ...[...Object.values(annotationKeys), ...paths].sort(compareText)].join(" ");
}

const none: Annotations = Object.freeze({});

/** Those of an object's annotations that may concern reroll, sorted. */
export function concerningAnnotations(annotations: Annotations, { annotationKeys }: Policy): Annotations {
  const kept = Object.entries(annotations).filter(([key]) => concernsReroll(key, annotationKeys));
  return kept.length === 0 ? none : Object.fromEntries(kept.sort(([a], [b]) => compareText(a, b)));
}

/** The same without the stamps: what they say is remembered elsewhere, and no directive depends on it. */
export function tellingAnnotations(annotations: Annotations, policy: Policy): Annotations {
  const {
    [stampAnnotation]: _direct,
    [gitStampAnnotation]: _git,
    ...rest
  } = concerningAnnotations(annotations, policy);
  return Object.keys(rest).length === 0 ? none : rest;
}

/** What a workload asks, with the annotations nobody reads among the problems: a misspelt one looks like one that has no effect. */
export function directivesOf(
  onWorkload: Annotations,
  onTemplate: Annotations,
  policy: Policy,
  sharing: Sharing,
): Directives {
  const { annotationKeys } = policy;
  const sides = [tellingAnnotations(onWorkload, policy), tellingAnnotations(onTemplate, policy)] as const;
  return sharing.once(`directives ${JSON.stringify(sides)}`, () => {
    const directives = readDirectives(...sides, annotationKeys);
    const unknown = unknownAnnotations({ ...sides[1], ...sides[0] }, annotationKeys, "workload");
    return unknown.length === 0 ? directives : { ...directives, problems: [...directives.problems, ...unknown] };
  });
}
