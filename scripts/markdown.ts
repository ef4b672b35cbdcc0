import { envName, type OptionPath, optionPaths, optionRow } from "../src/config/schema.ts";
import { exitTable } from "../src/model/exit.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function defaultText(path: OptionPath): string {
  const { default: initial, otherwise } = optionRow(path);
  const value = initial === undefined ? undefined : Array.isArray(initial) ? initial.join(",") : String(initial);
  const parts = [value === undefined ? undefined : value === "" ? "–" : `\`${value}\``, otherwise];
  return parts.filter((part) => part !== undefined).join("; ");
}

/** The option table as Markdown: option, environment variable and flag, default, value, meaning. */
export function optionTableMarkdown(): string {
  const rows = optionPaths.map((path) => {
    const { flag, doc, type } = optionRow(path);
    const names = [envName(path), flag].filter((name) => name !== undefined);
    return [`\`${path}\``, names.map((name) => `\`${name}\``).join("<br>"), defaultText(path), type.expected, doc];
  });
  return table(["Option", "Environment, flag", "Default", "Value", "Meaning"], rows);
}

/** The exit codes as Markdown, the strongest first. */
export function exitTableMarkdown(): string {
  return table(
    ["Code", "Meaning"],
    exitTable.map(({ code, meaning }) => [String(code), meaning]),
  );
}

/** Tables that pages hold between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export const regions: Readonly<Record<string, () => string>> = {
  options: optionTableMarkdown,
  "exit-codes": exitTableMarkdown,
};

/** The page with every marked region written anew. */
export function fillRegions(page: string): string {
  return page.replaceAll(
    /(<!-- ([\w-]+):begin -->\n)[\s\S]*?(<!-- \2:end -->)/g,
    (whole, begin: string, name: string, end: string) => {
      const render = regions[name];
      return render ? `${begin}${render()}\n${end}` : whole;
    },
  );
}
