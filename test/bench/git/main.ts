import { align, type Budget } from "../table.ts";
import { benchGit, type GitMeasured, type GitRow } from "./bench.ts";
import { homeLab, oneTree } from "./shape.ts";

/** Git mode in repositories of 436 and of 5,000 files. */
export async function benchAllGit(bundle: string, say: (text: string) => void): Promise<readonly GitMeasured[]> {
  const all: GitMeasured[] = [];
  for (const shape of [homeLab(105), oneTree(1236)]) all.push(await benchGit(bundle, shape, say));
  return all;
}

/** The budgets of all of them. */
export const gitBudgets = (all: readonly GitMeasured[]): Budget[] => all.flatMap(({ budgets }) => budgets);

const columns = ["", "wall, s", "CPU, s", "peak, MiB", "requests to Git", "received of it, KB"];

const cellsOf = ({ what, wallMs, cpuMs, peakMiB, requests, bytes }: GitRow): string[] => [
  what,
  (wallMs / 1000).toFixed(2),
  (cpuMs / 1000).toFixed(2),
  peakMiB?.toFixed(0) ?? "",
  requests?.toFixed(0) ?? "",
  bytes === undefined ? "" : (bytes / 1e3).toFixed(1),
];

/** A table for each repository. */
export function renderGit(all: readonly GitMeasured[]): string {
  return all
    .map(({ title, rows, notes }) =>
      [`${title}.\n`, align([columns, ...rows.map(cellsOf)]), ...notes.map((note) => `${note}\n`), "\n"].join(""),
    )
    .join("");
}
