import { parse } from "yaml";
import { applier, inventoryOf, tell } from "./applied.ts";
import type { DirectApi, Manifest } from "./direct.ts";
import { type Fields, fields, isFields, type Stored } from "./object.ts";

/**
 * Plays helm-controller, as far as a demo needs it: a chart is what it renders whatever the values say, and of post-renderers the merge
 * patches of kustomize count. `charts`: the objects by the name of the chart. Throws where there is no such chart.
 */
export function playHelm(api: DirectApi, charts: ReadonlyMap<string, readonly Manifest[]>): (release: Stored) => void {
  const apply = applier(api, "helm-controller");
  return (release) => {
    const { name, namespace = "" } = release.metadata;
    const chart = String(fields(release.spec, "chart", "spec").chart);
    const rendered = charts.get(chart);
    if (!rendered) throw new Error(`there is no chart ${chart}`);
    const marks = {
      labels: { "helm.toolkit.fluxcd.io/name": name, "helm.toolkit.fluxcd.io/namespace": namespace },
      annotations: { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace },
    };
    const patches = patchesOf(release);
    const objects = rendered.map((object) => apply(patches.reduce(patched, object), marks));
    const message = `Helm upgrade succeeded for release ${namespace}/${name}`;
    const inventory = inventoryOf(objects);
    tell(api, release, { is: true, told: { reason: "UpgradeSucceeded", message } }, { inventory });
  };
}

function patchesOf({ spec }: Stored): Fields[] {
  return list(fields(spec).postRenderers).flatMap((each) => list(fields(each, "kustomize").patches));
}

function list(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

/** The name of a target is a regular expression for the whole name (kustomize, `types.Selector`). */
function patched(object: Manifest, { target, patch }: Fields): Manifest {
  const { kind, name } = fields(target);
  const meant = kind === object.kind && new RegExp(`^(?:${name})$`).test(object.metadata.name);
  return meant ? (merged(object, fields(parse(String(patch)))) as Manifest) : object;
}

function merged(object: Fields, patch: Fields): Fields {
  const put = Object.entries(patch).map(([key, value]) => {
    const before = object[key];
    return [key, isFields(value) && isFields(before) ? merged(before, value) : value];
  });
  return { ...object, ...Object.fromEntries(put) };
}
