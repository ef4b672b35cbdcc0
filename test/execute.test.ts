import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type DemoCluster, startDemoCluster } from "../src/demo/cluster.ts";
import type { Edge } from "../src/edge.ts";
import { execute } from "../src/execute.ts";
import { configMap, envFrom, workload } from "./support/manifests.ts";

interface Desk {
  readonly cluster: DemoCluster;
  readonly folder: string;
  /** One command line, split at spaces, on a desk like any other but for `edge`. */
  readonly reroll: (line: string, edge?: Partial<Edge>) => Promise<Said>;
}

interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A cluster with a namespace for the state and one workload that asks for restarts. */
async function withDesk(use: (desk: Desk) => Promise<void>): Promise<void> {
  const cluster = await startDemoCluster();
  const folder = mkdtempSync(join(tmpdir(), "reroll-execute-"));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, cluster.kubeconfig);
  const never = new AbortController().signal;
  const reroll = async (line: string, changes: Partial<Edge> = {}): Promise<Said> => {
    const said = { stdout: "", stderr: "" };
    const exitCode = await execute(line.replaceAll("FOLDER", folder).split(" "), {
      env: { KUBECONFIG: kubeconfig, HOME: folder, REROLL_LOG_LEVEL: "error" },
      pid: 1,
      versions: process.versions,
      stdoutIsTerminal: false,
      stderrIsTerminal: false,
      stdout: (text) => {
        said.stdout += text;
      },
      stderr: (text) => {
        said.stderr += text;
      },
      stop: never,
      hardEnd: never,
      ...changes,
    });
    return { exitCode, ...said };
  };
  try {
    cluster.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "reroll-system" } });
    cluster.api.put(configMap("settings", { a: "1" }));
    cluster.api.put(workload("web", { pod: envFrom(["ConfigMap", "settings"]) }));
    await use({ cluster, folder, reroll });
  } finally {
    rmSync(folder, { recursive: true });
    await cluster.close();
  }
}

interface Ending {
  readonly line: string;
  readonly prepare?: (desk: Desk) => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly exitCode: number;
  /** `error.code`; absent: the command has something to report all the same. */
  readonly code?: string;
  readonly says?: RegExp;
}

const refuse = (resource: string) => (desk: Desk) => {
  desk.cluster.faults.push({ resource, fault: { answer: 403 } });
};
const nobody = { KUBECONFIG: "", HOME: "/nowhere" };

/** Ways in which a command line ends badly: a new row is a new way. */
const endings: readonly Ending[] = [
  { line: "plna", exitCode: 2, code: "unknown-command", says: /Did you mean plan/ },
  { line: "plan --contxt x", exitCode: 2, code: "unknown-option" },
  { line: "explain web", exitCode: 2, code: "invalid-argument" },
  { line: "explain Deployment/shop/wbe", exitCode: 2, code: "usage", says: /did you mean Deployment\/shop\/web\?/ },
  { line: "plan --config FOLDER/absent", exitCode: 2, code: "usage", says: /there is no such file/ },
  { line: "plan --kubeconfig FOLDER/absent", exitCode: 2, code: "usage", says: /cannot be read/ },
  { line: "plan --context nowhere", exitCode: 2, code: "usage", says: /no context nowhere; known: demo/ },
  { line: "plan", env: nobody, exitCode: 2, code: "usage", says: /Name a file with --kubeconfig/ },
  { line: "plan --log-level loud", exitCode: 2, code: "invalid-configuration" },
  { line: "plan", env: { REROLL_CONCURENCY: "3" }, exitCode: 2, code: "invalid-configuration" },
  {
    line: "run",
    prepare: ({ cluster }) => cluster.api.delete("Namespace", undefined, "reroll-system"),
    exitCode: 2,
    code: "usage",
    says: /kubectl create namespace reroll-system/,
  },
  {
    line: "status",
    prepare: ({ cluster }) => {
      const metadata = { name: "reroll-state", namespace: "reroll-system" };
      cluster.api.put({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "state.json": "{" } });
    },
    exitCode: 2,
    code: "usage",
    says: /reroll-state/,
  },
  { line: "run", prepare: refuse("leases"), exitCode: 3, code: "forbidden", says: /get leases\.coordination\.k8s\.io/ },
  { line: "explain Deployment/shop/web", prepare: refuse("deployments"), exitCode: 3, code: "forbidden" },
  { line: "plan", prepare: refuse("deployments"), exitCode: 3 },
  {
    line: "plan",
    prepare: ({ folder }) => writeFileSync(join(folder, "kubeconfig"), unreachable),
    exitCode: 75,
    code: "unreachable",
    says: /127\.0\.0\.1:1 \(ECONNREFUSED\)/,
  },
];

const unreachable = `
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "http://127.0.0.1:1" } }]
users: [{ name: u, user: {} }]
contexts: [{ name: c, context: { cluster: c, user: u } }]
current-context: c
`;

describe("a command that ends badly", () => {
  for (const { line, prepare, env, exitCode, code, says = /./ } of endings) {
    it(`${line}${env ? ` with ${Object.keys(env)[0]} set` : ""}: ${exitCode} ${code ?? "in its report"}`, async () => {
      await withDesk(async (desk) => {
        prepare?.(desk);
        const edge = env ? { env: { KUBECONFIG: join(desk.folder, "kubeconfig"), ...env } } : {};
        const json = await desk.reroll(`${line} -o json`, edge);
        const document = JSON.parse(json.stdout);
        assert.deepEqual([json.exitCode, document.exitCode, document.error?.code], [exitCode, exitCode, code]);
        assert.match(JSON.stringify(document), says);
        const text = await desk.reroll(line, edge);
        assert.equal(text.exitCode, exitCode);
        assert.match(code === undefined ? text.stdout : text.stderr, says);
        assert.equal(text[code === undefined ? "stderr" : "stdout"], "");
      });
    });
  }
});

describe("a terminal", () => {
  const changed = async (edge: Partial<Edge>, line = "run") => {
    let said: Said | undefined;
    await withDesk(async ({ cluster, reroll }) => {
      await reroll("run");
      cluster.api.put(configMap("settings", { a: "2" }));
      // Not at the first look, so that there is something to wait for.
      cluster.faults.push({ verb: "get", resource: "deployments", times: 1, fault: { delay: 1 } });
      cluster.api.patch("Deployment", "shop", "web", { spec: { minReadySeconds: 2 } });
      await cluster.settle();
      cluster.api.put(configMap("settings", { a: "3" }));
      said = await reroll(line, edge);
    });
    assert.ok(said);
    return said;
  };

  it("on stderr gets a word while a run waits, and stdout the report alone", async () => {
    const { stdout, stderr, exitCode } = await changed({ stderrIsTerminal: true }, "run -o json");
    assert.equal(exitCode, 0);
    assert.match(stderr, /^Deployment\/shop\/web: .+$/m);
    assert.equal(JSON.parse(stdout).outcomes[0].outcome, "restarted");
  });

  it("that is none gets neither words while a run waits nor colours", async () => {
    const { stdout, stderr } = await changed({});
    assert.deepEqual([stderr, stdout.includes("\u001b")], ["", false]);
  });

  it("on stdout gets colours, unless NO_COLOR or --no-color say otherwise", async () => {
    await withDesk(async ({ folder, reroll }) => {
      const stdoutIsTerminal = true;
      const env = { KUBECONFIG: join(folder, "kubeconfig"), NO_COLOR: "1" };
      const has = async (line: string, edge: Partial<Edge>) => (await reroll(line, edge)).stdout.includes("\u001b[");
      assert.equal(await has("plan", { stdoutIsTerminal }), true);
      assert.equal(await has("plan --no-color", { stdoutIsTerminal }), false);
      assert.equal(await has("plan", { stdoutIsTerminal, env }), false);
      assert.equal(await has("plan -o json", { stdoutIsTerminal }), false);
    });
  });
});
