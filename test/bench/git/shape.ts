/** One app of a repository, and of the cluster that it fits. */
export interface App {
  readonly namespace: string;
  readonly name: string;
  /** A HelmRelease, as most are, or the workload itself. */
  readonly by: "helm" | "raw";
  /** Folder of its definition. */
  readonly folder: string;
  /** The Flux Kustomization that applies it. */
  readonly kustomization: string;
}

/** A Flux Kustomization as far as repositories differ in it. */
export interface Kustomization {
  readonly name: string;
  readonly path: string;
  readonly targetNamespace?: string;
  readonly app?: string;
}

/** A repository to be generated. */
export interface Shape {
  readonly name: string;
  /** In plain words, for the table. */
  readonly about: string;
  readonly apps: readonly App[];
  readonly kustomizations: readonly Kustomization[];
  readonly files: Readonly<Record<string, string>>;
}

/** Every eighth app is a workload of its own: home labs have fewer, and the way to them is the shorter one. */
const isRaw = (index: number): boolean => index % 8 === 7;

const schema = (name: string) => `# yaml-language-server: $schema=https://schemas.example.com/${name}.json\n`;
const header = (name: string) => `---\n${schema(name)}`;

const list = (entries: readonly string[]): string => entries.map((entry) => `  - ${entry}\n`).join("");

const kustomizationYaml = (entries: readonly string[], namespace?: string): string =>
  `${header("kustomization")}apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${namespace ? `namespace: ${namespace}\n` : ""}resources:\n${list(entries)}`;

const namespaceYaml = (name: string): string =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels:\n    kustomize.toolkit.fluxcd.io/prune: disabled\n`;

/** `ks.yaml`, as repositories made from the usual template have one beside every app. */
function fluxYaml({ name, path, targetNamespace, app }: Kustomization): string {
  return `${header("kustomization-kustomize-v1")}apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${app ? `&app ${name}` : name}
  namespace: flux-system
spec:
${targetNamespace ? `  targetNamespace: ${targetNamespace}\n  commonMetadata:\n    labels:\n      app.kubernetes.io/name: *app\n` : ""}  interval: 30m
  timeout: 5m
  path: ./${path}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  wait: false
${app ? `  postBuild:\n    substitute:\n      APP: *app\n      GATUS_PATH: /ping\n      VOLSYNC_CAPACITY: 5Gi\n` : ""}`;
}

/** About 90 lines and 2.5 KB: the mean of those that people publish. */
function helmReleaseYaml({ name }: App, index: number): string {
  return `${header("helmrelease-helm-v2")}apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
spec:
  interval: 30m
  chart:
    spec:
      chart: app-template
      version: 3.5.1
      interval: 30m
      sourceRef:
        kind: HelmRepository
        name: charts
        namespace: flux-system
  install:
    remediation:
      retries: 3
  upgrade:
    cleanupOnFail: true
    remediation:
      strategy: rollback
      retries: 3

  values:
    controllers:
      ${name}:
        annotations:
          reloader.stakater.com/auto: "true"

        pod:
          securityContext:
            runAsUser: 2000
            runAsGroup: 2000
            runAsNonRoot: true
            fsGroup: 2000
            fsGroupChangePolicy: "OnRootMismatch"
            supplementalGroups:
              - 65542 # storage

        containers:
          app:
            image:
              repository: registry.example.com/apps/${name}
              tag: 4.${index % 17}.9@sha256:${(index * 2654435761).toString(16).padStart(16, "0").repeat(4).slice(0, 64)}
            env:
              TZ: Etc/UTC
              APP__INSTANCENAME: ${name}
              APP__LOG__LEVEL: info
              APP__SERVER__PORT: &port ${8000 + (index % 1000)}
              APP__AUTH__APIKEY:
                valueFrom:
                  secretKeyRef:
                    name: ${name}-secret
                    key: api_key
            envFrom:
              - configMapRef:
                  name: ${name}-config
            probes:
              liveness:
                enabled: true
              readiness:
                enabled: true
              startup:
                enabled: true
                spec:
                  failureThreshold: 30
                  periodSeconds: 5
            resources:
              requests:
                cpu: 20m
                memory: 384Mi
              limits:
                memory: 2Gi
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities:
                drop:
                  - ALL

    service:
      app:
        controller: ${name}
        ports:
          http:
            port: *port

    ingress:
      app:
        className: "internal"
        hosts:
          - host: ${name}.example.com
            paths:
              - path: /
                service:
                  identifier: app
                  port: http

    persistence:
      config:
        existingClaim: ${name}-config
      add-ons:
        type: emptyDir
      tmp:
        type: emptyDir
      media:
        type: nfs
        server: storage.example.com
        path: /tank/media
        globalMounts:
          - path: /data/media
`;
}

function deploymentYaml({ name }: App): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  annotations:
    reloader.stakater.com/auto: "true"
spec:
  replicas: 1
  revisionHistoryLimit: 3
  selector:
    matchLabels: &labels
      app.kubernetes.io/name: ${name}
  template:
    metadata:
      labels: *labels
    spec:
      securityContext:
        runAsNonRoot: true
      containers:
        - name: app
          image: registry.example.com/apps/${name}:1.2.3
          envFrom:
            - configMapRef:
                name: ${name}-config
          ports:
            - name: http
              containerPort: 8080
          resources:
            requests:
              cpu: 10m
              memory: 64Mi
`;
}

const serviceYaml = ({ name }: App): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  selector:\n    app.kubernetes.io/name: ${name}\n  ports:\n    - name: http\n      port: 80\n      targetPort: http\n`;

const externalSecretYaml = ({ name }: App): string => `${header("externalsecret_v1")}apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: vault
  target:
    name: ${name}-secret
    template:
      data:
        api_key: "{{ .${name.replaceAll("-", "_")}_api_key }}"
  dataFrom:
    - extract:
        key: ${name}
`;

/** The files of an app: three, so that with its `ks.yaml`, or one more, there are four of each. */
function definition(app: App, index: number): Record<string, string> {
  const own = app.by === "helm" ? "helmrelease.yaml" : "deployment.yaml";
  const beside = app.by === "helm" ? "externalsecret.yaml" : "service.yaml";
  return {
    [`${app.folder}/kustomization.yaml`]: kustomizationYaml([`./${beside}`, `./${own}`]),
    [`${app.folder}/${own}`]: app.by === "helm" ? helmReleaseYaml(app, index) : deploymentYaml(app),
    [`${app.folder}/${beside}`]: app.by === "helm" ? externalSecretYaml(app) : serviceYaml(app),
  };
}

const group = (index: number, groups: number): string => `group-${index % groups}`;

/**
 * As repositories of home labs are: each app in a folder of its own with its Flux Kustomization beside it, one Kustomization above them all.
 * With 105 apps it has 436 files.
 */
export function homeLab(apps: number): Shape {
  const groups = Math.max(1, Math.round(apps / 15));
  const made = Array.from({ length: apps }, (_, index): App => {
    const [namespace, name] = [group(index, groups), `app-${index}`];
    const folder = `kubernetes/apps/${namespace}/${name}/app`;
    return { namespace, name, folder, by: isRaw(index) ? "raw" : "helm", kustomization: name };
  });
  const root: Kustomization = { name: "cluster", path: "kubernetes/flux" };
  const all: Kustomization = { name: "cluster-apps", path: "kubernetes/apps" };
  const own = made.map(({ name, folder, namespace }): Kustomization => {
    return { name, path: folder, targetNamespace: namespace, app: name };
  });
  const files: Record<string, string> = {
    "kubernetes/flux/cluster.yaml": fluxYaml(root),
    "kubernetes/flux/apps.yaml": fluxYaml(all),
  };
  for (const [index, app] of made.entries()) {
    Object.assign(files, definition(app, index));
    const kustomization = own[index];
    if (kustomization) files[`kubernetes/apps/${app.namespace}/${app.name}/ks.yaml`] = fluxYaml(kustomization);
  }
  for (const [namespace, members] of Object.entries(Object.groupBy(made, (app) => app.namespace))) {
    const entries = (members ?? []).map(({ name }) => `./${name}/ks.yaml`);
    files[`kubernetes/apps/${namespace}/kustomization.yaml`] = kustomizationYaml(["./namespace.yaml", ...entries]);
    files[`kubernetes/apps/${namespace}/namespace.yaml`] = namespaceYaml(namespace);
  }
  const kustomizations = [root, all, ...own];
  return { name: "home-lab", about: `${kustomizations.length} Flux Kustomizations`, apps: made, kustomizations, files };
}

/** One Flux Kustomization over one tree of folders, three kustomizations deep: with 1,236 apps it has 5,000 files. */
export function oneTree(apps: number): Shape {
  const groups = Math.max(1, Math.round(apps / 50));
  const made = Array.from({ length: apps }, (_, index): App => {
    const [namespace, name] = [group(index, groups), `app-${index}`];
    return {
      namespace,
      name,
      folder: `apps/${namespace}/${name}`,
      by: isRaw(index) ? "raw" : "helm",
      kustomization: "apps",
    };
  });
  const root: Kustomization = { name: "cluster", path: "clusters/main" };
  const all: Kustomization = { name: "apps", path: "apps" };
  const files: Record<string, string> = {
    "README.md": "# Clusters\n",
    ".gitignore": "*.agekey\n",
    ".sops.yaml": "---\ncreation_rules:\n  - path_regex: .*\\.sops\\.yaml\n    encrypted_regex: ^(data|stringData)$\n",
    "clusters/main/cluster.yaml": fluxYaml(root),
    "clusters/main/apps.yaml": fluxYaml(all),
  };
  for (const [index, app] of made.entries()) {
    Object.assign(files, definition(app, index));
    const beside = app.by === "helm" ? "externalsecret.yaml" : "service.yaml";
    const own = app.by === "helm" ? "helmrelease.yaml" : "deployment.yaml";
    files[`${app.folder}/config.yaml`] =
      `---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${app.name}-extra\ndata:\n  app.ini: |\n    [server]\n    name = ${app.name}\n    level = info\n`;
    files[`${app.folder}/kustomization.yaml`] = kustomizationYaml([`./${beside}`, "./config.yaml", `./${own}`]);
  }
  const members = Object.entries(Object.groupBy(made, (app) => app.namespace));
  for (const [namespace, own] of members) {
    const entries = (own ?? []).map(({ name }) => `./${name}`);
    files[`apps/${namespace}/kustomization.yaml`] = kustomizationYaml(["./namespace.yaml", ...entries], namespace);
    files[`apps/${namespace}/namespace.yaml`] = namespaceYaml(namespace);
  }
  files["apps/kustomization.yaml"] = kustomizationYaml(members.map(([namespace]) => `./${namespace}`));
  return {
    name: "one tree",
    about: "one Flux Kustomization over all of it",
    apps: made,
    kustomizations: [root, all],
    files,
  };
}
