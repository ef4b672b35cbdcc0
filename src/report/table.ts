import { type Cell, paint, plain, type Style } from "./style.ts";

const gap = "  ";
/** A line narrower than this is harder to read than one that is too long. */
const leastWidth = 40;

/** Lines of aligned columns. The last cell of a row is not padded, so that no line ends in spaces. */
export function table(rows: readonly (readonly Cell[])[], style: Style, indent = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, plain(cell).length);
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const padding = (widths[column] ?? 0) - plain(cell).length;
      return paint(cell, style) + " ".repeat(column < row.length - 1 ? Math.max(0, padding) : 0);
    });
    return `${" ".repeat(indent)}${cells.join(gap)}`.trimEnd();
  });
}

/** A sentence below what it is about; broken between words where the style has a width. */
export function note(text: Cell, style: Style, indent = 4): string[] {
  const words = plain(text).split(" ");
  const width = style.width === undefined ? Number.POSITIVE_INFINITY : Math.max(leastWidth, style.width) - indent;
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map(
    (line) => " ".repeat(indent) + paint(typeof text === "string" ? line : { ...text, text: line }, style),
  );
}

/** A group of lines under its title; nothing where there is nothing to say. */
export function section(title: Cell, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : [paint(title, style), ...lines];
}

/** Groups that hold something, an empty line between two of them. */
export function page(groups: readonly (readonly string[])[]): string {
  const full = groups.filter((group) => group.length > 0);
  return full.length === 0 ? "" : `${full.map((group) => group.join("\n")).join("\n\n")}\n`;
}
