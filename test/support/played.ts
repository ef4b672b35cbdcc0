import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDemoCluster } from "../../src/demo/cluster.ts";
import { demoManifests } from "../../src/demo/fixtures.ts";
import { execute } from "../../src/execute.ts";
import { kubectl } from "./kubectl.ts";
import { ownCommand, type Page } from "./pages.ts";

const minute = 60_000;

/** A command of a page with what the page says it prints, and what it printed. */
export interface Played {
  readonly command: string;
  readonly told: string;
  readonly printed: string;
}

/** Whether the `console` blocks of a page are played, so that what they show is what reroll says. */
export function isPlayed({ path }: Pick<Page, "path">): boolean {
  return /^docs\/(?:ways\/|runbook|best-practices)/.test(path);
}

/**
 * Carries out what a page shows, from top to bottom, on an embedded cluster filled with the demo's manifests: every line after `$ ` of its
 * `console` blocks, a minute apart. Commands of reroll run whole; those of kubectl are played and print nothing. A YAML block whose
 * first line is a comment with a file name is that file. A first run came before, unless the page holds the comment `before the first run`.
 */
export async function playPage(page: Page): Promise<Played[]> {
  // Doctor compares the cluster's clock with this machine's, so the two agree when it is asked.
  const prompts = page.fences.filter(({ language }) => language === "console").flatMap(({ lines }) => promptsOf(lines));
  const asked = prompts.findIndex(({ command }) => /^(?:\w+=\S+ )*reroll doctor/.test(command));
  const known = !page.text.includes("<!-- before the first run -->");
  let ahead = -(60 + Number(known) + Math.max(0, asked)) * minute;
  let rights = true;
  const now = () => Date.now() + ahead;
  const allow = ({ namespace, group }: { readonly namespace?: string; readonly group: string }) =>
    rights || namespace === "reroll-system" || group === "authorization.k8s.io";
  const cluster = await startDemoCluster({ now, allow });
  const folder = mkdtempSync(join(tmpdir(), "reroll-page-"));
  try {
    await cluster.load(demoManifests());
    await cluster.settle();
    ahead += 60 * minute;
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, cluster.kubeconfig);
    const step = async () => {
      await cluster.settle();
      ahead += minute;
      cluster.wake();
    };
    if (known) {
      kubectl(cluster.api, "kubectl create namespace reroll-system");
      await reroll(folder, kubeconfig, "reroll run");
      await step();
    }
    const played: Played[] = [];
    for (const { language, lines } of page.fences) {
      const name = /^# ([\w.-]+\.yaml)$/.exec(lines[0] ?? "")?.[1];
      if (language === "yaml" && name) writeFileSync(join(folder, name), lines.join("\n"));
      if (language !== "console") continue;
      for (const { command, told } of promptsOf(lines)) {
        if (command === "kubectl delete clusterrolebinding reroll") rights = false;
        else if (command === "kubectl apply -k cronjob/") rights = true;
        else if (command.startsWith("kubectl ")) kubectl(cluster.api, command);
        else if (!ownCommand(command)) throw new Error(`nothing plays: ${command}`);
        const printed = ownCommand(command) ? await reroll(folder, kubeconfig, command) : "";
        played.push({ command, told, printed });
        await step();
      }
    }
    return played;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await cluster.close();
  }
}

/** The lines after each prompt of a block belong to it. */
export function promptsOf(lines: readonly string[]): { readonly command: string; readonly told: string }[] {
  const prompts: { command: string; told: string }[] = [];
  for (const line of lines) {
    const last = prompts.at(-1);
    if (line.startsWith("$ ")) prompts.push({ command: line.slice(2), told: "" });
    else if (last) last.told += `${line}\n`;
  }
  return prompts;
}

async function reroll(folder: string, kubeconfig: string, command: string): Promise<string> {
  const own = ownCommand(command);
  const argv = (own?.argv ?? []).map((word) => (word.endsWith(".yaml") ? join(folder, word) : word));
  const written: string[] = [];
  const never = new AbortController().signal;
  await execute([...argv, "--log-level", "error"], {
    env: { ...own?.env, KUBECONFIG: kubeconfig, POD_NAME: "reroll-29412345-abcde" },
    pid: 1,
    versions: process.versions,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    stdout: (text) => written.push(text),
    stderr: (text) => written.push(text),
    stop: never,
    hardEnd: never,
  });
  return written.join("").replaceAll(folder, "").replaceAll("/reroll.yaml", "reroll.yaml");
}

/** Without what differs from run to run: times, durations, ids, addresses, and the space that follows their width. */
export function timeless(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC)?/g, "TIME")
    .replaceAll(/-[a-z0-9]{10}-[a-z0-9]{5}\b/g, "-POD")
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, "ID")
    .replaceAll(/(?:<1s|\b(?:\d+[dhms]){1,2})(?![\w-])/g, "SPAN")
    .replaceAll(/\b\d+ ms\b/g, "SPAN")
    .replaceAll(/\b\d+ (?:bytes|KiB)\b/g, "SIZE")
    .replaceAll(/\ball \d+ that a run uses\b/g, "all that a run uses")
    .replaceAll(/rules asked: .*$/gm, "rules asked: RULES")
    .replaceAll(/127\.0\.0\.1:\d+/g, "SERVER")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/ (?:SPAN|-)$/gm, "") // what took no time has no duration
    .trim();
}

/** The page with what was printed in place of what it told; as it was, where they differ in times and the like only. */
export function retold(text: string, played: readonly Played[]): string {
  if (played.every(({ told, printed }) => timeless(told) === timeless(printed))) return text;
  let index = 0;
  return text.replaceAll(/^```console\n([\s\S]*?)^```$/gm, (_, body: string) => {
    const blocks = promptsOf(body.split("\n")).map(({ command }) => {
      const printed = played[index++]?.printed.trimEnd() ?? "";
      return `$ ${command}\n${printed === "" ? "" : `${printed}\n`}`;
    });
    return `\`\`\`console\n${blocks.join("")}\`\`\``;
  });
}
