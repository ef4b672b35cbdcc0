import { type Fields, fields, isFields } from "./object.ts";

type Defaulting = (object: Fields) => Fields;

function withDefaults(target: unknown, defaults: Fields): Fields {
  const own = isFields(target) ? target : {};
  const missing = Object.entries(defaults).filter(([key]) => own[key] === undefined || own[key] === null);
  return { ...own, ...Object.fromEntries(missing) };
}

function items(value: unknown, change: (item: Fields) => Fields): unknown {
  return Array.isArray(value) ? value.map((item) => (isFields(item) ? change(item) : item)) : value;
}

function container(target: Fields): Fields {
  const image = String(target.image ?? "");
  const tag = image.includes("@") ? "digest" : (image.split("/").at(-1)?.split(":")[1] ?? "latest");
  const complete = withDefaults(target, {
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: tag === "latest" ? "Always" : "IfNotPresent",
  });
  return "ports" in complete
    ? { ...complete, ports: items(complete.ports, (port) => withDefaults(port, { protocol: "TCP" })) }
    : complete;
}

/** File modes of volumes that hold sources. */
function volume(target: Fields): Fields {
  const kind = ["configMap", "secret", "projected"].find((name) => isFields(target[name]));
  if (kind) return { ...target, [kind]: withDefaults(target[kind], { defaultMode: 420 }) };
  return Object.keys(target).length === 1 ? { ...target, emptyDir: {} } : target;
}

/** `spec` of a pod with what the server fills in (`pkg/apis/core/v1/defaults.go`). */
export function podSpec(target: unknown): Fields {
  const spec = withDefaults(target, {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    securityContext: {},
    schedulerName: "default-scheduler",
  });
  const lists: [string, (item: Fields) => Fields][] = [
    ["volumes", volume],
    ["initContainers", container],
    ["containers", container],
  ];
  for (const [name, change] of lists) if (name in spec) spec[name] = items(spec[name], change);
  return spec;
}

function workload(defaults: Fields, strategy: { field: string; rollingUpdate: Fields } | undefined): Defaulting {
  return (object) => {
    const spec = withDefaults(object.spec, defaults);
    const template = fields(spec, "template");
    if (strategy) {
      const chosen = withDefaults(spec[strategy.field], { type: "RollingUpdate" });
      spec[strategy.field] =
        chosen.type === "RollingUpdate"
          ? { ...chosen, rollingUpdate: withDefaults(chosen.rollingUpdate, strategy.rollingUpdate) }
          : chosen;
    }
    spec.template = { ...template, spec: podSpec(template.spec) };
    return { ...object, spec };
  };
}

/** `spec` of a Job; where neither is given, one pod has to complete (`SetDefaults_Job`). */
function jobSpec(target: unknown): Fields {
  const given = isFields(target) ? target : {};
  const one = given.completions === undefined && given.parallelism === undefined ? { completions: 1 } : {};
  const spec = withDefaults(given, {
    ...one,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: "TerminatingOrFailed",
  });
  const template = fields(spec, "template");
  return { ...spec, template: { ...template, spec: podSpec(template.spec) } };
}

/** The selector and the labels that the server makes, unless `manualSelector` says that they were chosen (`batch/job/strategy.go`). */
function withSelector(object: Fields, spec: Fields): Fields {
  const { uid, name } = fields(object, "metadata");
  if (spec.manualSelector === true || typeof uid !== "string") return spec;
  const template = fields(spec, "template");
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  const metadata = {
    ...fields(template, "metadata"),
    labels: { ...labels, ...fields(template, "metadata", "labels") },
  };
  const matchLabels = { ...fields(spec, "selector", "matchLabels"), "batch.kubernetes.io/controller-uid": uid };
  return { ...spec, selector: { ...fields(spec, "selector"), matchLabels }, template: { ...template, metadata } };
}

/** What the server fills in, by kind (`pkg/apis/<group>/v1/defaults.go`). */
const table: Readonly<Record<string, Defaulting>> = {
  Namespace: (object) => ({ ...object, spec: withDefaults(object.spec, { finalizers: ["kubernetes"] }) }),
  Secret: ({ stringData, ...object }) => {
    const given = isFields(stringData) ? Object.entries(stringData) : [];
    const encoded = given.map(([key, value]) => [key, Buffer.from(String(value)).toString("base64")]);
    const data = { ...fields(object, "data"), ...Object.fromEntries(encoded) };
    return { ...withDefaults(object, { type: "Opaque" }), data };
  },
  Pod: (object) => ({ ...object, spec: withDefaults(podSpec(object.spec), { enableServiceLinks: true }) }),
  Deployment: workload(
    { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
    { field: "strategy", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
  ),
  StatefulSet: workload(
    {
      replicas: 1,
      podManagementPolicy: "OrderedReady",
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    },
    { field: "updateStrategy", rollingUpdate: { partition: 0 } },
  ),
  DaemonSet: workload(
    { revisionHistoryLimit: 10 },
    { field: "updateStrategy", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
  ),
  ReplicaSet: workload({ replicas: 1 }, undefined),
  Job: (object) => ({ ...object, spec: withSelector(object, jobSpec(object.spec)) }),
  CronJob: (object) => {
    const spec = withDefaults(object.spec, {
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    const jobTemplate = fields(spec, "jobTemplate");
    const given = fields(jobTemplate, "spec");
    const template = fields(given, "template");
    // Those of the Job itself are filled in when one is made.
    const filled = { ...given, template: { ...template, spec: podSpec(template.spec) } };
    return { ...object, spec: { ...spec, jobTemplate: { ...jobTemplate, spec: filled } } };
  },
};

/** `status` of an object nobody has looked at yet, by kind. */
export const initialStatus: Readonly<Record<string, Fields>> = {
  Namespace: { phase: "Active" },
  Pod: { phase: "Pending", qosClass: "BestEffort" },
  Deployment: {},
  ReplicaSet: { replicas: 0 },
  StatefulSet: { replicas: 0, availableReplicas: 0 },
  Job: {},
  CronJob: {},
  DaemonSet: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
};

/** The object with every default of its kind. */
export function applyDefaults(kind: string, object: Fields): Fields {
  return table[kind]?.(object) ?? object;
}
