import { formatDuration } from "../model/duration.ts";
import { kindText } from "./kinds.ts";
import type { ConfigProblem } from "./origin.ts";
import { optionPaths, optionRow } from "./schema.ts";
import type { Loaded } from "./settle.ts";
import { duration } from "./types.ts";

type InForce = Pick<Loaded, "config" | "origins">;

function valueText(value: unknown, otherwise: string | undefined): string {
  if (value === undefined) return `- (${otherwise ?? "not set"})`;
  if (Array.isArray(value))
    return value.map((entry) => (typeof entry === "object" ? kindText(entry) : entry)).join(",") || "-";
  if (typeof value === "object" && value !== null)
    return (
      Object.entries(value)
        .map(([name, word]) => `${name}=${word}`)
        .join(",") || "-"
    );
  return String(value) || "-";
}

const inWords = ({ config }: InForce) =>
  optionPaths.map((path) => {
    const value = config[path];
    const row = optionRow(path);
    return { path, row, value: row.type === duration && typeof value === "number" ? formatDuration(value) : value };
  });

/** What is in force and where each value came from, aligned in three columns. */
export function renderConfigText(loaded: InForce): string {
  const rows = [
    ["OPTION", "VALUE", "FROM"] as const,
    ...inWords(loaded).map(({ path, row, value }) => {
      return [path, valueText(value, row.otherwise), loaded.origins[path].where] as const;
    }),
  ];
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const [first, second] = [width(0), width(1)];
  return rows.map(([path, value, from]) => `${path.padEnd(first)}  ${value.padEnd(second)}  ${from}\n`).join("");
}

/** The same as one JSON document: `{ options: { PATH: { value, from, where } } }`; an option that is not set has the value null. */
export function renderConfigJson(loaded: InForce): string {
  const options = Object.fromEntries(
    inWords(loaded).map(({ path, value }) => [path, { value: value ?? null, ...loaded.origins[path] }]),
  );
  return `${JSON.stringify({ options }, null, 2)}\n`;
}

/** Problems as lines for people: where, what. */
export function renderProblemsText(problems: readonly ConfigProblem[]): string {
  return problems.map(({ path, message }) => `${path}: ${message}\n`).join("");
}
