import {
  type AnnotationName,
  annotationKeys,
  annotationNames,
  gitStampAnnotation,
  ownDomain,
  ownKey,
  stakaterDomain,
  stakaterKey,
  stampAnnotation,
  vocabulary,
} from "../model/annotations.ts";
import { nearest } from "../model/nearest.ts";
import { compareText } from "../model/ref.ts";
import type { DirectiveProblem } from "../model/workload.ts";
import type { Annotations, ConfiguredKeys } from "./directives-side.ts";

/** Which kind of object carries the annotations. A pod template counts as its workload. */
export type Carrier = "workload" | "source";

const people: Readonly<Record<Carrier, string>> = {
  workload: "workloads and their pod templates",
  source: "ConfigMaps and Secrets",
};

const furthest = 3;

function isOurs(key: string): boolean {
  const domain = key.slice(0, Math.max(0, key.indexOf("/")));
  return [stakaterDomain, ownDomain].some((known) => domain === known || domain.endsWith(`.${known}`));
}

function keysOn(on: Carrier, configuredKeys: ConfiguredKeys): string[] {
  const keys = annotationNames
    .filter((name) => vocabulary[name].on === on)
    .flatMap((name) => annotationKeys(name, configuredKeys));
  return on === "workload" ? [...keys, stampAnnotation, gitStampAnnotation] : keys;
}

/** The annotation whose usual key this would be, had the configuration not put another in its place. */
function replaced(key: string, on: Carrier, configuredKeys: ConfiguredKeys): AnnotationName | undefined {
  return annotationNames.find(
    (name) => vocabulary[name].on === on && stakaterKey(name, {}) === key && configuredKeys[name],
  );
}

/**
 * Annotation keys of Stakater's or our domain, sub-domains included, that nobody reads on this kind of object: misspelt
 * ones with the nearest known key, and known ones that stand on the wrong kind of object. Sorted by key.
 */
export function unknownAnnotations(
  annotations: Annotations,
  configuredKeys: ConfiguredKeys,
  on: Carrier,
): DirectiveProblem[] {
  const ours = Object.keys(annotations).filter(isOurs);
  if (ours.length === 0) return [];
  const known = keysOn(on, configuredKeys);
  const elsewhere: Carrier = on === "workload" ? "source" : "workload";
  const foreign = keysOn(elsewhere, configuredKeys);
  const explain = (key: string): Omit<DirectiveProblem, "path"> => {
    const instead = replaced(key, on, configuredKeys);
    if (instead) {
      const message = `is not read: the configuration reads ${configuredKeys[instead]} in its place (${ownKey(instead)} works too)`;
      return { code: "annotation-unknown", message };
    }
    if (foreign.includes(key)) {
      return { code: "annotation-misplaced", message: `has no effect here: it is read on ${people[elsewhere]}` };
    }
    const near = nearest(key, [...known, ...foreign], furthest);
    const suggestion = near ? `; did you mean ${near}?` : "";
    return { code: "annotation-unknown", message: `is not an annotation reroll knows${suggestion}` };
  };
  return ours
    .filter((key) => !known.includes(key))
    .sort(compareText)
    .map((key) => ({ path: key, ...explain(key) }));
}
