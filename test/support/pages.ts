import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A page that people read. */
export interface Page {
  /** From the root: `docs/rights.md`. */
  readonly path: string;
  readonly text: string;
  /** Without fenced blocks. */
  readonly prose: string;
  readonly fences: readonly Fence[];
}

/** A fenced block. */
export interface Fence {
  readonly language: string;
  readonly lines: readonly string[];
}

function readPage(path: string): Page {
  const text = readFileSync(`${root}${path}`, "utf8");
  const pattern = /^```(\w*)\n([\s\S]*?)^```$/gm;
  const fences = [...text.matchAll(pattern)].map(([, language = "", body = ""]) => ({
    language,
    lines: body.split("\n").slice(0, -1),
  }));
  return { path, text, prose: text.replaceAll(pattern, ""), fences };
}

/** Every page, those at the root first. */
export function readPages(): Page[] {
  const docs = readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`);
  return ["README.md", "CONTRIBUTING.md", ...docs.sort()].map(readPage);
}

/** What stands between backticks in the prose. */
export function inlineCode({ prose }: Page): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
}

/** The shell commands of a page, in order, from blocks of those languages; `a && b` is two. Continued lines are one. */
export function shellCommands({ fences }: Page, languages: readonly string[] = ["sh", "console"]): string[] {
  return fences
    .filter(({ language }) => languages.includes(language))
    .flatMap(({ language, lines }) =>
      lines
        .join("\n")
        .replaceAll(/(?:\\|\|)\n\s*/g, "")
        .split("\n")
        .filter((line) => language === "sh" || line.startsWith("$ "))
        .map((line) => line.replace(/^\$ /, "").replace(/\s+# .*$/, "")),
    )
    .flatMap((line) => line.split(" && "))
    .map((command) => command.trim())
    .filter((command) => command !== "" && !command.startsWith("#"));
}

/** A command line of reroll, however it is started: variables set before it, and its arguments. */
export interface OwnCommand {
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

/** Reads a shell command as one of reroll, without what its output goes to; `undefined` where it is another program's. */
export function ownCommand(command: string): OwnCommand | undefined {
  const match = /^((?:[A-Z_]+=\S+ )*)(?:reroll|npm run -s reroll --|node dist\/reroll\.mjs)(?: (.*))?$/.exec(command);
  if (!match) return undefined;
  const [, before = "", after = ""] = match;
  const words = (text: string) => (text.split(/ [|>] /)[0] ?? "").split(" ").filter((word) => word !== "");
  const env = words(before).map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]);
  return { env: Object.fromEntries(env), argv: words(after) };
}
