import { PortError } from "../model/errors.ts";
import { findWorkloadKind, podTemplate, type Resource, sourceResources, workloadKinds } from "../model/kinds.ts";
import { dig, type KubeObject, stringMap } from "../model/object.ts";
import type { Policy } from "../model/policy.ts";
import { compareText, sourceKinds } from "../model/ref.ts";
import type { DirectiveProblem } from "../model/workload.ts";
import { namedListIssues } from "../plan/match-issues.ts";
import { exitOf } from "../run/prepare.ts";
import { readDirectives } from "../snapshot/directives.ts";
import { sourceProblems } from "../snapshot/directives-source.ts";
import { unknownAnnotations } from "../snapshot/directives-unknown.ts";
import { sourceOptions } from "../snapshot/observe.ts";
import { readList, resolveScope } from "../snapshot/scope.ts";
import { type Finding, fine, type Patient, problem, warning } from "./doctor-finding.ts";

/** Lines shown; the rest is counted. */
const shown = 50;

type Read = (object: KubeObject, policy: Policy) => readonly DirectiveProblem[];

/** What people wrote into annotations and what is not understood: misspelt or misplaced keys, and values that do not mean what they seem to. */
export async function checkAnnotations({ ports: { cluster }, policy }: Patient): Promise<Finding> {
  const name = "annotations";
  const scope = await resolveScope(cluster, policy.namespaces);
  const sources = sourceKinds
    .filter((kind) => !policy.ignoreSources.includes(kind))
    .map((kind) => sourceResources[kind]);
  const workloads = workloadKinds.filter(({ kind }) => !policy.ignoreWorkloads.includes(kind));
  const lines: string[] = [];
  const errors: PortError[] = [];
  let objects = 0;
  for (const resource of [...workloads, ...sources]) {
    for (const namespace of scope.namespaces ?? [undefined]) {
      const filter = sourceKinds.find((kind) => kind === resource.kind);
      const where = namespace === undefined ? {} : { namespace };
      const options = { ...(filter ? sourceOptions(filter, policy) : {}), ...where };
      try {
        const found = await readList(cluster, resource, options, (item) => {
          if (!scope.covers(item.metadata.namespace ?? "")) return [];
          objects += 1;
          return linesOf(resource, item, policy);
        });
        lines.push(...found);
      } catch (error) {
        if (!(error instanceof PortError) || error.code === "aborted") throw error;
        errors.push(error);
      }
    }
  }
  return finding(name, objects, lines.sort(compareText), errors);
}

function finding(name: string, objects: number, lines: readonly string[], errors: readonly PortError[]): Finding {
  const [error] = errors;
  const rest = lines.length > shown ? [`and ${lines.length - shown} more`] : [];
  const details = [...lines.slice(0, shown), ...rest];
  if (error) {
    const message = `${errors.length === 1 ? "a list" : `${errors.length} lists`} could not be read: ${error.message}`;
    return problem(name, message, "What could not be read was not checked.", exitOf(error), details);
  }
  if (lines.length === 0) return fine(name, `those of ${objects} objects are all understood`);
  return warning(
    name,
    `${lines.length} of ${objects} objects' annotations do not mean what they seem to`,
    "Correct them; reroll explain KIND/NAMESPACE/NAME shows what is read from a workload.",
    details,
  );
}

function isSource({ kind }: Resource): boolean {
  return sourceKinds.some((each) => each === kind);
}

function linesOf(resource: Resource, object: KubeObject, policy: Policy): string[] {
  const read: Read = isSource(resource) ? sourceFaults : workloadFaults(resource.kind);
  const { namespace = "", name } = object.metadata;
  return read(object, policy).map(({ path, message }) => `${resource.kind}/${namespace}/${name} ${path}: ${message}`);
}

const sourceFaults: Read = ({ metadata }, { annotationKeys }) => {
  const annotations = stringMap(metadata.annotations);
  return [...sourceProblems(annotations, annotationKeys), ...unknownAnnotations(annotations, annotationKeys, "source")];
};

function workloadFaults(kindName: string): Read {
  const kind = findWorkloadKind(kindName);
  return (object, policy) => {
    const onWorkload = stringMap(object.metadata.annotations);
    const onTemplate = stringMap(kind && dig(podTemplate(object, kind), "metadata", "annotations"));
    const directives = readDirectives(onWorkload, onTemplate, policy.annotationKeys);
    const { namespace = "", name } = object.metadata;
    const patterns = namedListIssues({ ref: { kind: kindName, namespace, name }, directives }, [], policy);
    return [
      ...directives.problems,
      // Their path names the workload too, which stands before every line anyway.
      ...patterns.map(({ code, path, message }) => ({ code, path: path.slice(path.indexOf(" ") + 1), message })),
      ...unknownAnnotations(onWorkload, policy.annotationKeys, "workload"),
      ...unknownAnnotations(onTemplate, policy.annotationKeys, "workload").map((each) => ({
        ...each,
        message: `on the pod template: ${each.message}`,
      })),
    ];
  };
}
