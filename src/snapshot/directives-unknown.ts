import {
  type AnnotationName,
  annotationNames,
  type Carrier,
  gitStampAnnotation,
  keysOn,
  ownDomain,
  ownKey,
  recreateAnnotation,
  stakaterDomain,
  stakaterKey,
  stampAnnotation,
  vocabulary,
} from "../model/annotations.ts";
import { nearest } from "../model/nearest.ts";
import { compareText } from "../model/ref.ts";
import type { DirectiveProblem } from "../model/workload.ts";
import type { Annotations, ConfiguredKeys } from "./directives-side.ts";

const people: Readonly<Record<Carrier, string>> = {
  workload: "workloads and their pod templates",
  source: "ConfigMaps, Secrets and SecretProviderClasses",
  namespace: "Namespaces",
};

const carriers = Object.keys(people) as Carrier[];

const furthest = 3;

function isOurs(key: string): boolean {
  const domain = key.slice(0, Math.max(0, key.indexOf("/")));
  return [stakaterDomain, ownDomain].some((known) => domain === known || domain.endsWith(`.${known}`));
}

function allKeys(on: Carrier, configuredKeys: ConfiguredKeys): string[] {
  const keys = annotationNames.flatMap((name) => keysOn(on, name, configuredKeys));
  return on === "workload" ? [...keys, stampAnnotation, gitStampAnnotation, recreateAnnotation] : keys;
}

/** The annotation whose usual key this would be, had the configuration not put another in its place. */
function replaced(key: string, on: Carrier, configuredKeys: ConfiguredKeys): AnnotationName | undefined {
  if (on === "namespace") return undefined;
  return annotationNames.find(
    (name) => vocabulary[name].on.includes(on) && stakaterKey(name, {}) === key && configuredKeys[name],
  );
}

/** Stakater Reloader reads nothing from Namespaces, so a key of theirs there is somebody's guess: say which of ours was meant, if any. */
function guessedOnNamespace(key: string): Omit<DirectiveProblem, "path"> | undefined {
  if (!key.includes(stakaterDomain)) return undefined;
  const meant = annotationNames.find((name) => stakaterKey(name, {}) === key);
  const read = meant !== undefined && vocabulary[meant].on.includes("namespace");
  const hint = read ? `; ${ownKey(meant)} is, and sets what holds for the whole namespace` : "";
  return { code: "annotation-misplaced", message: `is not read on Namespaces${hint}` };
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
  const known = allKeys(on, configuredKeys);
  const elsewhere = carriers.filter((carrier) => carrier !== on);
  const foreign = elsewhere.flatMap((carrier) => allKeys(carrier, configuredKeys));
  const explain = (key: string): Omit<DirectiveProblem, "path"> => {
    const instead = replaced(key, on, configuredKeys);
    if (instead) {
      const message = `is not read: the configuration reads ${configuredKeys[instead]} in its place (${ownKey(instead)} works too)`;
      return { code: "annotation-unknown", message };
    }
    const guessed = on === "namespace" ? guessedOnNamespace(key) : undefined;
    if (guessed) return guessed;
    if (foreign.includes(key)) {
      const readers = elsewhere.filter((carrier) => allKeys(carrier, configuredKeys).includes(key));
      const where = readers.map((carrier) => people[carrier]).join(", and on ");
      return { code: "annotation-misplaced", message: `has no effect here: it is read on ${where}` };
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
