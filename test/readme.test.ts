import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bundle } from "../scripts/build.ts";
import { type DemoCluster, startDemoCluster } from "../src/demo/cluster.ts";
import { demoManifests } from "../src/demo/fixtures.ts";
import { execute } from "../src/execute.ts";
import { parseStamp } from "../src/model/stamp.ts";
import { ownCommand, readPages, root, shellCommands } from "./support/pages.ts";
import { isPlayed } from "./support/played.ts";

const pages = readPages();
const readme = pages.find(({ path }) => path === "README.md");
assert.ok(readme);

interface Result {
  readonly exitCode: number;
  readonly output: string;
}

/** A user's machine: a cluster, a kubeconfig that names it, and a folder for what is built. */
interface Desk {
  readonly cluster: DemoCluster;
  readonly folder: string;
  readonly kubeconfig: string;
}

async function withDesk(use: (desk: Desk) => Promise<void>): Promise<void> {
  const cluster = await startDemoCluster();
  const folder = mkdtempSync(join(tmpdir(), "reroll-readme-"));
  try {
    await cluster.load(demoManifests());
    await cluster.settle();
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, cluster.kubeconfig);
    await use({ cluster, folder, kubeconfig });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await cluster.close();
  }
}

const children = new Set<ChildProcess>();
after(() => {
  for (const { pid } of children) if (pid !== undefined) process.kill(-pid);
});

function shell(command: string, env: Readonly<Record<string, string>> = {}): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  // A group of its own, so that what npm starts can be ended with it.
  const child = spawn("sh", ["-c", command], { cwd: root, env: { ...process.env, ...env }, detached: true });
  children.add(child);
  child.once("exit", () => children.delete(child));
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => output.push(part));
  child.once("error", reject);
  child.once("close", (code) => resolve({ exitCode: code ?? 1, output: Buffer.concat(output).toString("utf8") }));
  return promise;
}

async function inProcess(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<Result> {
  const output: string[] = [];
  const never = new AbortController().signal;
  const exitCode = await execute([...argv, "--log-level", "error"], {
    env,
    pid: 1,
    versions: process.versions,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    stdout: (text) => output.push(text),
    stderr: (text) => output.push(text),
    stop: never,
    hardEnd: never,
  });
  return { exitCode, output: output.join("") };
}

// It tells its story for half a minute, nearly all of it waiting: other tests run meanwhile.
const demo = shell("npm run demo");

const done: Result = { exitCode: 0, output: "" };
const scripts: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts;

/** How each command of the README is tried; a command that fits no row fails. */
const trials: readonly (readonly [RegExp, (command: string, desk: Desk) => Promise<Result>])[] = [
  // What cannot be run from within itself: .ci/run begins with the one, and this test is part of the other.
  [
    /^npm (ci|test)$/,
    async (command) => {
      assert.ok(readFileSync(join(root, ".ci/run"), "utf8").includes(command));
      return done;
    },
  ],
  [
    /^npm run build$/,
    async (_, { folder }) => {
      assert.equal(scripts.build, "node scripts/build.ts");
      await bundle({ entry: join(root, "src/main.ts"), outdir: join(folder, "dist") });
      return done;
    },
  ],
  [/^npm run -s reroll -- /, (command, { kubeconfig }) => shell(command, { KUBECONFIG: kubeconfig })],
  [
    /^node dist\/reroll\.mjs /,
    (command, { folder, kubeconfig }) => shell(command.replace("dist", `${folder}/dist`), { KUBECONFIG: kubeconfig }),
  ],
  [
    /^kubectl create namespace /,
    async (command, { cluster }) => {
      const name = command.split(" ").at(-1) ?? "";
      cluster.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
      return done;
    },
  ],
  // Its manifests are held by cronjob.test.ts, and by test/cluster/cronjob.test.ts against a real API server.
  [/^kubectl apply -k cronjob\/$/, async () => done],
];

test("every command of the README works, in the order of the README", async () => {
  const commands = shellCommands(readme);
  await withDesk(async (desk) => {
    for (const command of commands.filter((each) => each !== "npm run demo")) {
      const [, attempt] = trials.find(([pattern]) => pattern.test(command)) ?? [];
      assert.ok(attempt, `nothing tries: ${command}`);
      const { exitCode, output } = await attempt(command, desk);
      assert.equal(exitCode, 0, `${command}\n${output}`);
    }
  });
  assert.ok(commands.includes("npm run demo"));
  const { exitCode, output } = await demo;
  assert.equal(exitCode, 0, output);
  assert.match(
    output,
    /chore\(reroll\): restart 2 workloads[\s\S]*nothing is committed twice\.[\s\S]*Nothing to do/,
    output,
  );
  // How long a rollout takes differs from machine to machine, and so does the space after it.
  const plain = (text: string) => text.trim().replaceAll(/ +\d+s$/g, "");
  const told = output.split("\n").map(plain);
  const [excerpt] = /<!-- demo:begin -->[\s\S]*<!-- demo:end -->/.exec(readme.text) ?? [""];
  const lines = excerpt.split("\n").slice(2, -2).map(plain);
  assert.ok(lines.length > 10);
  const at = told.findIndex((_, index) => lines.every((line, offset) => told[index + offset] === line));
  assert.ok(at >= 0, `the demo tells another story than the README:\n${output}`);
});

/** A change that a page makes with kubectl, done to the embedded cluster. */
function changeSource(command: string, { cluster }: Desk): boolean {
  const match = /^kubectl -n (\S+) patch configmap (\S+) --type=merge -p '(.*)'$/.exec(command);
  const [, namespace = "", name = "", patch = ""] = match ?? [];
  if (match) cluster.api.patch("ConfigMap", namespace, name, JSON.parse(patch));
  return match !== null;
}

/** The demo has a test above; the file of --config exists in the page only; nothing is in quarantine here. */
const isTried = ({ argv }: { readonly argv: readonly string[] }) =>
  argv[0] !== "demo" && argv[0] !== "retry" && !argv.includes("--config");

for (const page of pages) {
  const commands = shellCommands(page, isPlayed(page) ? ["sh"] : undefined);
  const own = commands.filter((command) => ownCommand(command));
  if (page === readme || own.length === 0) continue;
  test(`the commands of ${page.path} end well on a cluster, one after the other`, async () => {
    await withDesk(async (desk) => {
      desk.cluster.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "reroll-system" } });
      for (const command of commands) {
        const found = ownCommand(command);
        if (!found && changeSource(command, desk)) continue;
        if (!found || !isTried(found)) continue;
        const { exitCode, output } = await inProcess(found.argv, { ...found.env, KUBECONFIG: desk.kubeconfig });
        assert.equal(exitCode, 0, `${command}\n${output}`);
      }
    });
  });
}

test("reading a plan shows a plan as it is, and what is said before the first run", async () => {
  const page = pages.find(({ path }) => path === "docs/reading-a-plan.md");
  assert.ok(page);
  await withDesk(async (desk) => {
    const env = { KUBECONFIG: desk.kubeconfig };
    const before = await inProcess(["plan"], env);
    assert.ok(page.text.includes(`| \`${before.output.split("\n")[0]}\` |`), before.output);
    desk.cluster.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "reroll-system" } });
    await inProcess(["run"], env);
    const change = (kind: string, name: string, data: Readonly<Record<string, string>>) =>
      desk.cluster.api.patch(kind, "shop", name, kind === "Secret" ? { stringData: data } : { data });
    change("ConfigMap", "web-config", { LOG_LEVEL: "debug" });
    change("Secret", "web-credentials", { unused: "changed" });
    change("ConfigMap", "worker-tuning", { CONCURRENCY: "8" });
    change("ConfigMap", "mailer-templates", { "welcome.txt": "Hello!" });
    const { output } = await inProcess(["plan"], env);
    assert.equal(`${page.fences.find(({ language }) => language === "text")?.lines.join("\n")}\n`, output);
  });
});

test("the stamp in the README is one", () => {
  const [, value = ""] = /^reroll\.dev\/stamp: "(.*)"$/m.exec(readme.text) ?? [];
  assert.deepEqual([...(parseStamp(value)?.entries.keys() ?? [])], ["ConfigMap/web-config", "Secret/web-credentials"]);
});

test("getting started restarts what it says", async () => {
  const page = pages.find(({ path }) => path === "docs/getting-started.md");
  assert.ok(page);
  await withDesk(async (desk) => {
    desk.cluster.api.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: "reroll-system" } });
    const env = { KUBECONFIG: desk.kubeconfig };
    await inProcess(["run"], env);
    const change = shellCommands(page).find((command) => command.includes("patch configmap"));
    assert.ok(change && changeSource(change, desk));
    const { output } = await inProcess(["run"], env);
    assert.match(output, /restarted +Deployment\/shop\/web /);
    assert.equal(desk.cluster.rollouts("Deployment/shop/web"), 1);
  });
});
