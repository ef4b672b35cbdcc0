import { type AnnotationName, annotationKeys, annotationNames, vocabulary } from "../model/annotations.ts";
import type { AnnotationRead } from "../model/workload.ts";

/** The annotations of one object, as they are in its metadata. */
export type Annotations = Readonly<Record<string, string>>;

/** Keys that the configuration puts in the place of Stakater's. */
export type ConfiguredKeys = Readonly<Partial<Record<AnnotationName, string>>>;

/** One of the two objects that carry directives. */
export interface Side {
  readonly from: AnnotationRead["from"];
  /** What decides: ours before Stakater's. `undefined`: the annotation is not there; an empty value is there. */
  get(name: AnnotationName): AnnotationRead | undefined;
  /** Everything of the vocabulary that is there, in the order of its table, ours before Stakater's. */
  readonly read: readonly AnnotationRead[];
}

const workloadNames = annotationNames.filter((name) => vocabulary[name].on.includes("workload"));

/** Picks the annotations of the vocabulary out of an object's annotations. */
export function readSide(from: Side["from"], annotations: Annotations, configuredKeys: ConfiguredKeys): Side {
  const read = workloadNames.flatMap((name) =>
    annotationKeys(name, configuredKeys).flatMap((key) => {
      const value = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
      return value === undefined ? [] : [{ name, key, value, from }];
    }),
  );
  return { from, read, get: (name) => read.find((entry) => entry.name === name) };
}
