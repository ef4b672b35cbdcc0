import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { folderTree } from "../support/folder-tree.ts";
import { judge, type Verdict } from "./judge.ts";

/** `npm run test:corpus -- DIR`: every folder of DIR is a repository that Flux follows. Exits with 1 where one stamp is wrong. */
const [directory] = process.argv.slice(2);
if (!directory) {
  process.stderr.write("name a folder that holds Flux repositories: npm run test:corpus -- DIR\n");
  process.exit(2);
}

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const counted = (texts: readonly string[]): string =>
  [...Map.groupBy(texts, (each) => each)].map(([each, all]) => `${all.length} ${each}`).join(", ");

function report(name: string, verdict: Verdict, seconds: number): void {
  const { reached, right, wrong, refused, ways } = verdict;
  const by = [...ways].map(([way, count]) => `${count} ${way}`).join(", ");
  const codes = counted(refused.map(({ code }) => code));
  say(
    `${name}: ${reached} reached, ${right} right (${by || "none"}), ${wrong.length} wrong, ${refused.length} refused${codes ? ` (${codes})` : ""}, ${seconds.toFixed(1)} s`,
  );
  for (const each of wrong) say(`  WRONG ${each}`);
  for (const { target, code, message } of refused) {
    const { kind, namespace, name: object } = target.owned.object;
    say(`  ${code} ${kind} ${namespace}/${object}: ${message}`);
  }
}

let [reached, right, wrong] = [0, 0, 0];
for (const name of readdirSync(directory).filter((each) => statSync(join(directory, each)).isDirectory())) {
  const start = performance.now();
  const verdict = judge(folderTree(join(directory, name)));
  report(name, verdict, (performance.now() - start) / 1000);
  reached += verdict.reached;
  right += verdict.right;
  wrong += verdict.wrong.length;
}
say(`all: ${reached} reached, ${right} right (${((100 * right) / Math.max(1, reached)).toFixed(1)} %), ${wrong} wrong`);
process.exitCode = wrong ? 1 : 0;
