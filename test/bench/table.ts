/** One figure with the most it may be; `budget` absent: told for orientation. */
export interface Row {
  readonly what: string;
  readonly value: number;
  readonly budget?: number;
}

/** Aligned lines; a figure over its budget says so. */
export function renderTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows
    .map(({ what, value, budget }) => {
      const shown = value.toFixed(value < 20 ? 2 : 0).padStart(10);
      const limit =
        budget === undefined
          ? ""
          : `  of ${budget.toFixed(budget < 20 && !Number.isInteger(budget) ? 2 : 0)}${value > budget ? "  OVER" : ""}`;
      return `${what.padEnd(width)}${shown}${limit}\n`;
    })
    .join("");
}
