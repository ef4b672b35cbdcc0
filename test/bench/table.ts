/** A figure of the design with the most it may be. */
export interface Budget {
  readonly what: string;
  readonly value: number;
  readonly most: number;
}

/** A line of the table of costs. Absent figures were not measured. */
export interface CostRow {
  readonly what: string;
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakMiB?: number;
  readonly requests: number;
  readonly bytes: number;
}

const columns = ["", "wall, s", "CPU, s", "peak, MiB", "requests", "received, MB"];

/** The table of costs, as a page can hold it. */
export function renderCosts(rows: readonly CostRow[]): string {
  const cells = rows.map(({ what, wallMs, cpuMs, peakMiB, requests, bytes }) => [
    what,
    (wallMs / 1000).toFixed(2),
    (cpuMs / 1000).toFixed(2),
    peakMiB === undefined ? "" : peakMiB.toFixed(0),
    requests.toFixed(0),
    (bytes / 1e6).toFixed(1),
  ]);
  return align([columns, ...cells]);
}

/** The budgets; a figure over its budget says so. */
export function renderBudgets(rows: readonly Budget[]): string {
  const cells = rows.map(({ what, value, most }) => [
    what,
    value.toFixed(Number.isInteger(value) ? 0 : 2),
    `of ${most}${value > most ? " OVER" : ""}`,
  ]);
  return align([["budget", "measured", ""], ...cells]);
}

/** Rows in columns, the first to the left, the others to the right. */
export function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((row) => `${line(row).join("  ").trimEnd()}\n`).join("");
}
