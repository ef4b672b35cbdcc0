import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import manifest from "../package.json" with { type: "json" };
import { parseArgv } from "../src/cli.ts";
import { loadConfig } from "../src/config/load.ts";
import { startDemoCluster } from "../src/demo/cluster.ts";
import { demoManifests } from "../src/demo/fixtures.ts";
import { execute } from "../src/execute.ts";
import type { Right } from "../src/model/errors.ts";
import { exitTable } from "../src/model/exit.ts";
import { neededRights } from "../src/model/rights.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface CronJob {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly schedule: string;
    readonly timeZone: string;
    readonly concurrencyPolicy: string;
    readonly startingDeadlineSeconds: number;
    readonly jobTemplate: { readonly spec: JobSpec };
  };
}

interface JobSpec {
  readonly activeDeadlineSeconds: number;
  readonly podFailurePolicy: {
    readonly rules: readonly {
      readonly action: string;
      readonly onExitCodes?: { readonly containerName: string; readonly operator: string; readonly values: number[] };
    }[];
  };
  readonly template: { readonly spec: PodSpec };
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly restartPolicy: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly args: readonly string[];
    readonly securityContext: Readonly<Record<string, unknown>>;
    readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  }[];
  readonly volumes: readonly { readonly name: string; readonly configMap: { readonly name: string } }[];
}

interface Manifest {
  readonly file: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
  readonly data?: Readonly<Record<string, string>>;
}

interface Binding extends Manifest {
  readonly subjects: readonly unknown[];
  readonly roleRef: { readonly kind: string; readonly name: string };
}

const folder = fileURLToPath(new URL("../cronjob/", import.meta.url));
const read = (file: string): string => readFileSync(join(folder, file), "utf8");
const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));

function documents(text: string): unknown[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    assert.deepEqual(document.errors, []);
    return document.toJS();
  });
}

const manifests = files
  .filter((file) => file !== "kustomization.yaml")
  .flatMap((file) => documents(read(file)).map((object) => ({ ...(object as object), file }) as Manifest));

function only<Wanted = Manifest>(kind: string): Wanted {
  const found = manifests.filter((each) => each.kind === kind);
  assert.equal(found.length, 1, `one ${kind}`);
  return found[0] as Wanted;
}

const namespace = only("Namespace").metadata.name;
const cronJob = only<CronJob>("CronJob").spec;
const job = cronJob.jobTemplate.spec;
const pod = job.template.spec;
const [container] = pod.containers;
assert.ok(container);

/** The configuration file of the ConfigMap, or another text in its place. */
function configuration(fileText = only("ConfigMap").data?.["reroll.yaml"] ?? "") {
  const facts = { inPodNamespace: namespace, isTerminal: false };
  return loadConfig({ fileText, filePath: "reroll.yaml", env: {}, flags: {}, facts });
}

function accepted() {
  const loaded = configuration();
  if ("problems" in loaded) assert.fail(loaded.problems.map(({ message }) => message).join("; "));
  return loaded;
}

const rulesOf = (kind: string): readonly Rule[] => only(kind).rules ?? [];

/** `get configmaps`, `patch deployments.apps`, `get secrets reroll-key`. */
const rightName = ({ verb, group, resource, name }: Omit<Right, "namespace">): string =>
  [verb, group ? `${resource}.${group}` : resource, ...(name ? [name] : [])].join(" ");

const granted = (kind: string): string[] => grants(rulesOf(kind));

const grants = (rules: readonly Rule[]): string[] =>
  rules
    .flatMap(({ apiGroups, resources, verbs, resourceNames = [undefined] }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          verbs.flatMap((verb) =>
            resourceNames.map((name) => rightName({ verb, group, resource, ...(name ? { name } : {}) })),
          ),
        ),
      ),
    )
    .sort();

/** What RBAC answers with these manifests. */
function allows({ verb, group, resource, namespace: where, name }: Right): boolean {
  const rules = [...rulesOf("ClusterRole"), ...(where === namespace ? rulesOf("Role") : [])];
  return rules.some(
    (rule) =>
      rule.apiGroups.includes(group) &&
      rule.resources.includes(resource) &&
      rule.verbs.includes(verb) &&
      (!rule.resourceNames || (name !== undefined && rule.resourceNames.includes(name))),
  );
}

test("every file of cronjob/ is part of the base, and lives in its namespace", () => {
  const [base] = documents(read("kustomization.yaml")) as { resources: string[] }[];
  assert.deepEqual(base?.resources.toSorted(), files.filter((file) => file !== "kustomization.yaml").sort());
  const elsewhere = manifests.filter(
    ({ kind, metadata }) => !/^(Namespace|Cluster)/.test(kind) && metadata.namespace !== namespace,
  );
  assert.deepEqual(elsewhere, []);
});

test("the base builds, and the image carries the version of the package", () => {
  const kubectl = (process.env.PATH ?? "").split(delimiter).some((each) => existsSync(join(each, "kubectl")));
  const built = kubectl
    ? (documents(execFileSync("kubectl", ["kustomize", folder], { encoding: "utf8" })) as Manifest[])
    : manifests;
  const names = (all: readonly Manifest[]) => all.map(({ kind, metadata }) => `${kind}/${metadata.name}`).sort();
  assert.deepEqual(names(built), names(manifests));
  const images = built.filter(({ kind }) => kind === "CronJob") as unknown as CronJob[];
  const image = images[0]?.spec.jobTemplate.spec.template.spec.containers[0]?.image;
  assert.equal(image, `reroll:${manifest.version}`);
});

test("the arguments are a run with the mounted configuration", () => {
  const parsed = parseArgv(container.args, { env: {}, isTerminal: false });
  assert.ok("command" in parsed);
  assert.deepEqual(parsed.command, { name: "run", catchUp: false });
  const mount = container.volumeMounts.find(({ mountPath }) => parsed.flags.configFile?.startsWith(`${mountPath}/`));
  const volume = pod.volumes.find(({ name }) => name === mount?.name);
  const configMap = only("ConfigMap");
  assert.equal(volume?.configMap.name, configMap.metadata.name);
  assert.ok(Object.keys(configMap.data ?? {}).some((key) => `${mount?.mountPath}/${key}` === parsed.flags.configFile));
  assert.equal(pod.serviceAccountName, only("ServiceAccount").metadata.name);
});

test("the configuration is accepted, and so is each option it shows as a comment", () => {
  assert.equal(accepted().config["state.namespace"], namespace);
  const text = only("ConfigMap").data?.["reroll.yaml"] ?? "";
  const shown = text.split("\n").filter((line) => /^# \w+:/.test(line));
  assert.ok(shown.length >= 3);
  for (const line of shown) {
    const loaded = configuration(text.replace(line, line.slice(2)));
    assert.ok(!("problems" in loaded), line);
  }
});

test("each deadline ends before the one around it", () => {
  const [, minutes] = /^\*\/(\d+) \* \* \* \*$/.exec(cronJob.schedule) ?? [];
  assert.ok(cronJob.startingDeadlineSeconds < Number(minutes) * 60);
  assert.ok(cronJob.startingDeadlineSeconds >= 10);
  assert.ok(accepted().policy.timeouts.run / 1000 < job.activeDeadlineSeconds);
  assert.equal(cronJob.concurrencyPolicy, "Forbid");
  assert.ok(cronJob.timeZone);
});

test("the job gives up on the exit codes that trying again does not heal", () => {
  const rules = job.podFailurePolicy.rules;
  assert.equal(pod.restartPolicy, "Never");
  assert.equal(rules[0]?.action, "Ignore");
  const failing = rules.find(({ action }) => action === "FailJob")?.onExitCodes;
  assert.equal(failing?.containerName, container.name);
  assert.equal(failing?.operator, "In");
  const codes: readonly number[] = exitTable.map(({ code }) => code);
  assert.deepEqual(
    failing?.values.filter((code) => !codes.includes(code)),
    [],
  );
  assert.deepEqual(failing?.values, [2, 3, 5, 6]);
});

test("the pod runs as the user of the image and may do nothing to its node", () => {
  const dockerfile = readFileSync(new URL("../Dockerfile", import.meta.url), "utf8");
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(dockerfile) ?? [];
  assert.deepEqual(pod.securityContext, {
    runAsNonRoot: true,
    runAsUser: Number(user),
    runAsGroup: Number(group),
    seccompProfile: { type: "RuntimeDefault" },
  });
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
});

test("the roles grant every right that a run needs, and no other", () => {
  const needed = neededRights(accepted().policy, namespace).map(({ right }) => right);
  const names = (rights: readonly Right[]) => [...new Set(rights.map(rightName))].sort();
  assert.deepEqual(
    granted("ClusterRole"),
    names(needed.filter((right) => right.namespace === undefined)),
    "ClusterRole",
  );
  // A Role reaches the one namespace it stands in, so it need not name it.
  const inState = needed
    .filter((right) => right.namespace !== undefined)
    .map(({ name, ...right }) => (right.resource === "namespaces" || !name ? right : { ...right, name }));
  assert.deepEqual(granted("Role"), names(inState), "Role");
  for (const { kind, rules = [] } of manifests) {
    for (const { verbs } of rules) {
      assert.ok(!verbs.some((verb) => ["watch", "*", "escalate", "bind", "impersonate"].includes(verb)), kind);
    }
  }
});

test("the component for git mode grants what that needs besides, and no other", () => {
  const component = "components/git/";
  const [kustomization] = documents(read(`${component}kustomization.yaml`)) as { kind: string; resources: string[] }[];
  assert.equal(kustomization?.kind, "Component");
  const parts = kustomization.resources.flatMap((file) => documents(read(component + file)) as Manifest[]);
  const base = only("ConfigMap").data?.["reroll.yaml"] ?? "";
  const loaded = configuration(`${base}\nmode: git\ngit:\n  secretRef: reroll-git\n`);
  if ("problems" in loaded) assert.fail(loaded.problems.map(({ message }) => message).join("; "));
  const keyOf = (right: Right) => JSON.stringify(right);
  const before = new Set(neededRights(accepted().policy, namespace).map(({ right }) => keyOf(right)));
  const needed = neededRights(loaded.policy, namespace).flatMap(({ right }) =>
    before.has(keyOf(right)) ? [] : [right],
  );
  const names = (rights: readonly Right[]) => [...new Set(rights.map(rightName))].sort();
  const given = (kind: string) => grants(parts.filter((part) => part.kind === kind).flatMap(({ rules = [] }) => rules));
  assert.deepEqual(given("ClusterRole"), names(needed.filter((right) => right.namespace === undefined)));
  assert.deepEqual(given("Role"), names(needed.filter((right) => right.namespace === namespace)));
  assert.deepEqual(
    parts.filter(({ kind, metadata }) => !kind.startsWith("Cluster") && metadata.namespace !== namespace),
    [],
  );
  for (const { kind, subjects, roleRef } of parts as readonly unknown[] as readonly Binding[]) {
    if (!kind.endsWith("Binding")) continue;
    assert.deepEqual(subjects, [{ kind: "ServiceAccount", name: pod.serviceAccountName, namespace }]);
    assert.ok(parts.some((part) => part.kind === roleRef.kind && part.metadata.name === roleRef.name));
  }
});

test("the component for git mode builds on the base", (context) => {
  const kubectl = (process.env.PATH ?? "").split(delimiter).some((each) => existsSync(join(each, "kubectl")));
  const directory = mkdtempSync(join(tmpdir(), "reroll-component-"));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(folder, join(directory, "cronjob"), { recursive: true });
  const overlay = join(directory, "overlay");
  mkdirSync(overlay);
  const text = "resources: [../cronjob]\ncomponents: [../cronjob/components/git]\n";
  writeFileSync(join(overlay, "kustomization.yaml"), text);
  if (!kubectl) return;
  const built = documents(execFileSync("kubectl", ["kustomize", overlay], { encoding: "utf8" })) as Manifest[];
  const roles = built.filter(({ kind }) => kind.endsWith("Role")).map(({ metadata }) => metadata.name);
  assert.deepEqual(roles.sort(), ["reroll", "reroll-git", "reroll-git", "reroll-state"]);
});

test("a run with exactly the rights of the roles works, on the first day and on the second", async () => {
  const cluster = await startDemoCluster({ allow: allows });
  const directory = mkdtempSync(join(tmpdir(), "reroll-cronjob-"));
  try {
    await cluster.load([{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]);
    await cluster.load(demoManifests());
    await cluster.settle();
    const kubeconfig = join(directory, "kubeconfig");
    const file = join(directory, "reroll.yaml");
    writeFileSync(kubeconfig, cluster.kubeconfig);
    writeFileSync(file, only("ConfigMap").data?.["reroll.yaml"] ?? "");
    const idle = new AbortController().signal;
    const run = async () => {
      const written: string[] = [];
      const exitCode = await execute(["run", "--config", file, "--log-level", "error"], {
        env: { KUBECONFIG: kubeconfig, POD_NAME: "reroll-1" },
        pid: 1,
        versions: {},
        stdoutIsTerminal: false,
        stderrIsTerminal: false,
        stdout: (text) => written.push(text),
        stderr: (text) => written.push(text),
        stop: idle,
        hardEnd: idle,
      });
      return { exitCode, text: written.join("") };
    };
    const first = await run();
    assert.equal(first.exitCode, 0, first.text);
    cluster.api.patch("ConfigMap", "shop", "web-config", { data: { LOG_LEVEL: "debug" } });
    const second = await run();
    assert.equal(second.exitCode, 0, second.text);
    assert.match(second.text, /restarted +Deployment\/shop\/web /);
    assert.deepEqual(
      cluster.requests.filter(({ status }) => status === 403),
      [],
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
    await cluster.close();
  }
});
