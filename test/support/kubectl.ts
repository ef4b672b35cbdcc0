import type { DirectApi } from "../../src/demo/direct.ts";

const kinds: Readonly<Record<string, string>> = {
  configmap: "ConfigMap",
  cronjob: "CronJob",
  deployment: "Deployment",
  namespace: "Namespace",
  secret: "Secret",
  statefulset: "StatefulSet",
};

/** Words of a shell command; quotes keep spaces. */
function words(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) => word.replaceAll(/['"]/g, ""));
}

/** The words with single quotes kept whole, for patches in JSON. */
const quoted = (command: string): string => /-p '([^']*)'/.exec(command)?.[1] ?? "{}";

type Play = (api: DirectApi, namespace: string, args: readonly string[], command: string) => void;

const kindOf = (word: string | undefined): string => {
  const kind = kinds[word ?? ""];
  if (!kind) throw new Error(`no kind is called ${word}`);
  return kind;
};

const keyOf = (assignment: string): [string, string | null] => {
  const at = assignment.indexOf("=");
  return at < 0 ? [assignment.replace(/-$/, ""), null] : [assignment.slice(0, at), assignment.slice(at + 1)];
};

/** What of kubectl the pages use; a command that fits no row fails. */
const plays: readonly (readonly [RegExp, Play])[] = [
  [
    /^create namespace /,
    (api, _, [, , name = ""]) => {
      api.put({ kind: "Namespace", apiVersion: "v1", metadata: { name } });
    },
  ],
  [
    /^patch /,
    (api, namespace, [, kind, name = ""], command) => {
      api.patch(kindOf(kind), kindOf(kind) === "Namespace" ? undefined : namespace, name, JSON.parse(quoted(command)));
    },
  ],
  [
    /^annotate /,
    (api, namespace, [, kind, name = "", ...assignments]) => {
      const annotations = Object.fromEntries(assignments.filter((word) => !word.startsWith("--")).map(keyOf));
      const where = kindOf(kind) === "Namespace" ? undefined : namespace;
      api.patch(kindOf(kind), where, name, { metadata: { annotations } });
    },
  ],
  [
    /^rollout pause deployment /,
    (api, namespace, [, , , name = ""]) => {
      api.patch("Deployment", namespace, name, { spec: { paused: true } });
    },
  ],
  [
    /^rollout resume deployment /,
    (api, namespace, [, , , name = ""]) => {
      api.patch("Deployment", namespace, name, { spec: { paused: null } });
    },
  ],
  [
    /^set env deployment /,
    (api, namespace, [, , , name = "", assignment = ""]) => {
      const deployment = api.get("Deployment", namespace, name) as unknown as {
        spec: { template: { spec: { containers: { env?: unknown[] }[] } } };
      };
      const [key, value] = keyOf(assignment);
      const containers = deployment.spec.template.spec.containers.map((container) => ({
        ...container,
        env: [...(container.env ?? []), { name: key, value }],
      }));
      api.patch("Deployment", namespace, name, { spec: { template: { spec: { containers } } } });
    },
  ],
  [
    /^delete configmap -l reroll\.dev\/state=true$/,
    (api, namespace) => {
      for (const { metadata } of api.list("ConfigMap", namespace))
        if (metadata.labels?.["reroll.dev/state"]) api.delete("ConfigMap", namespace, metadata.name);
    },
  ],
  [/^delete /, (api, namespace, [, kind, name = ""]) => api.delete(kindOf(kind), namespace, name)],
];

/** Plays a command of kubectl, without what it prints. */
export function kubectl(api: DirectApi, command: string): void {
  const all = words(command).slice(1);
  const at = all.indexOf("-n");
  const namespace = at < 0 ? "default" : (all[at + 1] ?? "default");
  const args = at < 0 ? all : all.toSpliced(at, 2);
  const [, play] = plays.find(([pattern]) => pattern.test(args.join(" "))) ?? [];
  if (!play) throw new Error(`nothing plays: ${command}`);
  play(api, namespace, args, command);
}
