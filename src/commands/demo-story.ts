import type { DemoCluster } from "../demo/cluster.ts";

/** One step of the story: what is said, what happens, and what reroll makes of it. */
export interface Step {
  readonly title: string;
  readonly happens?: (cluster: DemoCluster) => void;
  /** Commands of others that stand for what happens. */
  readonly shown?: readonly string[];
  /** The command shown, and run. */
  readonly command: "plan" | "run";
  /** Commits are shown afterwards: the newest as a whole, or all by their first lines. */
  readonly log?: "newest" | "all";
}

/** Steps on the same stage. */
export interface Act {
  /** Said before the first step; `census` counts what the cluster holds. */
  readonly opening: (census: string) => string;
  /** The only namespace that is looked at; absent: all. */
  readonly namespace?: string;
  /** Needs a repository and Flux beside the cluster. */
  readonly fleet?: true;
  readonly steps: readonly Step[];
}

const write = (kind: string, namespace: string, name: string, data: Record<string, string>) => (cluster: DemoCluster) =>
  void cluster.api.patch(kind, namespace, name, kind === "Secret" ? { stringData: data } : { data });

const directMode: Act = {
  opening: (census) =>
    `A small Kubernetes API runs in this process, filled from fixtures/demo:\n${census}.\nEverything below is reroll's own output.\n`,
  steps: [
    {
      title: "The first run has nothing to compare with: it takes today as the baseline.",
      happens: (cluster) => {
        cluster.api.put({ kind: "Namespace", apiVersion: "v1", metadata: { name: "reroll-system" } });
      },
      shown: ["kubectl create namespace reroll-system"],
      command: "run",
    },
    {
      title: "Two sources change: one key of a ConfigMap, and a Secret. A third changes in a key that no pod reads.",
      happens: (cluster) => {
        write("ConfigMap", "shop", "web-config", { LOG_LEVEL: "debug" })(cluster);
        write("Secret", "shop", "mailer-smtp", { "smtp-url": "smtps://mailer:another@smtp.example.com" })(cluster);
        write("ConfigMap", "shop", "orders-db-config", { "notes.md": "Nobody mounts this." })(cluster);
      },
      command: "plan",
    },
    { title: "The run restarts just those workloads, each once, and waits until they are healthy.", command: "run" },
    { title: "Run again: everything is known, nothing is done.", command: "run" },
    {
      title: "A change is noticed…",
      happens: write("ConfigMap", "shop", "mailer-templates", { "welcome.txt": "Welcome back!" }),
      command: "plan",
    },
    {
      title: "…and taken back before a run acted on it: it cancels itself.",
      happens: write("ConfigMap", "shop", "mailer-templates", { "welcome.txt": "Welcome to the shop!" }),
      command: "run",
    },
    {
      title: "A change breaks the pods that start with it. The run notices, says why, and ends with exit code 5.",
      happens: write("ConfigMap", "shop", "mailer-templates", { crash: "true" }),
      command: "run",
    },
  ],
};

const gitMode: Act = {
  opening: () => `
Second act, git mode: a restart is a commit.
A Git server has started in this process too. Flux is not here: the demo plays its part and applies what is on the branch.
The namespace blog says reroll.dev/mode: git. A Deployment of it comes from a manifest, another from a HelmRelease.
`,
  namespace: "blog",
  fleet: true,
  steps: [
    { title: "The first run takes today as the baseline, here too.", command: "run" },
    {
      title: "A ConfigMap and a Secret change. The plan shows the commit that a run would make.",
      happens: (cluster) => {
        write("ConfigMap", "blog", "blog-config", { THEME: "dark" })(cluster);
        write("Secret", "blog", "cache-auth", { password: "battery-staple" })(cluster);
      },
      command: "plan",
    },
    {
      title: "The run commits and pushes, asks Flux to apply it, and waits until the pods are healthy.",
      command: "run",
      log: "newest",
    },
    { title: "Run again: nothing is committed twice.", command: "run", log: "all" },
  ],
};

export const story: readonly Act[] = [directMode, gitMode];
