import { dig, objects, text } from "../model/object.ts";
import type { SourceKind } from "../model/ref.ts";
import type { Use } from "../model/workload.ts";
import { type Mount, volumeUses } from "./uses-volume.ts";

const envKinds = [
  ["ConfigMap", "configMapKeyRef", "configMapRef"],
  ["Secret", "secretKeyRef", "secretRef"],
] as const satisfies readonly (readonly [SourceKind, string, string])[];

interface Container {
  readonly body: Record<string, unknown>;
  /** `container app`, `init container setup`. */
  readonly label: string;
}

function containersOf(template: unknown): Container[] {
  const list = (field: string, word: string): Container[] =>
    objects(dig(template, "spec", field)).map((body, index) => ({
      body,
      label: `${word} ${text(dig(body, "name")) || `#${index + 1}`}`,
    }));
  return [...list("initContainers", "init container"), ...list("containers", "container")];
}

function envUses({ body, label }: Container): Use[] {
  const single = objects(dig(body, "env")).flatMap((entry) =>
    envKinds.flatMap(([kind, ref]): Use[] => {
      const name = text(dig(entry, "valueFrom", ref, "name"));
      const key = text(dig(entry, "valueFrom", ref, "key"));
      const where = `${label}, env ${text(dig(entry, "name")) ?? "?"}`;
      return name ? [{ kind, name, keys: key ? [key] : "*", where }] : [];
    }),
  );
  const whole = objects(dig(body, "envFrom")).flatMap((entry) =>
    envKinds.flatMap(([kind, , ref]): Use[] => {
      const name = text(dig(entry, ref, "name"));
      return name ? [{ kind, name, keys: "*", where: `${label}, envFrom` }] : [];
    }),
  );
  return [...single, ...whole];
}

function mountsOf(containers: readonly Container[]): Map<string, Mount[]> {
  const mounts = containers.flatMap(({ body }) =>
    objects(dig(body, "volumeMounts")).map((mount) => ({
      volume: text(dig(mount, "name")) ?? "",
      subPath: text(dig(mount, "subPath")),
    })),
  );
  return Map.groupBy(mounts, (mount) => mount.volume);
}

/**
 * Every way in which a pod template (`core/v1.PodTemplateSpec`) uses a source of its namespace: variables of
 * containers, init containers and sidecars, every volume whether mounted or not, projected sources, the Secrets that volume
 * plugins read, and last the Secrets that images are pulled with, told apart by `pull`. Uses come in template order, several
 * of one source stay apart. Never throws: what is malformed uses nothing.
 */
export function templateUses(template: unknown): Use[] {
  const containers = containersOf(template);
  const mounts = mountsOf(containers);
  const volumes = objects(dig(template, "spec", "volumes")).flatMap((volume) =>
    volumeUses(volume, mounts.get(text(dig(volume, "name")) ?? "") ?? []),
  );
  const pulls = objects(dig(template, "spec", "imagePullSecrets")).flatMap((entry): Use[] => {
    const name = text(dig(entry, "name"));
    return name ? [{ kind: "Secret", name, keys: "*", where: "image pull", pull: true }] : [];
  });
  return [...containers.flatMap(envUses), ...volumes, ...pulls];
}
