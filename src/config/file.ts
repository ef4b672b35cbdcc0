import { isAlias, isMap, isNode, isScalar, LineCounter, type Pair, parseAllDocuments, visit, type YAMLMap } from "yaml";
import { notYet } from "./later.ts";
import { suggestion } from "./misspelt.ts";
import type { ConfigProblem, Given } from "./origin.ts";
import { type OptionPath, optionPaths } from "./schema.ts";

/** What a configuration file sets, by option, and what is wrong with it. */
export interface FileContent {
  readonly given: ReadonlyMap<OptionPath, Given>;
  readonly problems: readonly ConfigProblem[];
}

const sizeLimit = 64 * 1024;
const problemLimit = 100;
const isOption = (path: string): path is OptionPath => (optionPaths as string[]).includes(path);
const groups: ReadonlySet<string> = new Set(
  optionPaths.filter((path) => path.includes(".")).map((path) => path.slice(0, path.indexOf("."))),
);

function knownBelow(prefix: string): string[] {
  return optionPaths
    .filter((path) => path.startsWith(prefix))
    .map((path) => path.slice(prefix.length).split(".")[0] ?? path);
}

function unknownOption(path: string, prefix: string, name: string): string {
  const reason = notYet(path);
  if (reason !== undefined) return `${path} is no option yet. ${reason}`;
  const siblings = [...new Set(knownBelow(prefix))];
  return `${path} is no option${suggestion(name, siblings, prefix) || suggestion(path, optionPaths)}`;
}

/**
 * Reads one YAML document of options without ever throwing; everything that is wrong, up to a hundred problems, is reported
 * at once with its line.
 * Aliases are refused, so that a small file cannot stand for a large value.
 */
export function readConfigFile(text: string, file: string): FileContent {
  const given = new Map<OptionPath, Given>();
  const problems: ConfigProblem[] = [];
  const lines = new LineCounter();
  const at = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  const problem = (code: string, path: string, message: string, option?: string): void => {
    if (problems.length < problemLimit)
      problems.push({ code, path, message, ...(option === undefined ? {} : { option }) });
  };

  const readPair = (pair: Pair, prefix: string): void => {
    const { key, value } = pair;
    const where = at((isNode(key) ? key.range?.[0] : undefined) ?? 0);
    if (!isScalar(key)) {
      problem("invalid-yaml", where, "a key must be plain text");
      return;
    }
    const name = String(key.value);
    const path = `${prefix}${name}`;
    if (isOption(path)) {
      given.set(path, { value: isNode(value) ? value.toJSON() : null, origin: { from: "file", where } });
    } else if (prefix === "" && groups.has(name)) {
      if (isMap(value)) readMap(value, `${name}.`);
      else if (!isScalar(value) || value.value !== null) {
        problem("wrong-type", where, `${name}: expected a mapping of ${knownBelow(`${name}.`).join(", ")}`, name);
      }
    } else problem("unknown-option", where, unknownOption(path, prefix, name), path);
  };
  const readMap = (map: YAMLMap, prefix: string): void => {
    for (const pair of map.items) if (problems.length < problemLimit) readPair(pair as Pair, prefix);
  };

  if (text.length > sizeLimit) {
    problem("invalid-yaml", file, `the file is larger than ${sizeLimit / 1024} KiB`);
    return { given, problems };
  }
  try {
    const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
    if (!Array.isArray(documents)) return { given, problems };
    const [document, second] = documents;
    for (const each of documents)
      for (const { pos, message } of [...each.errors, ...each.warnings]) problem("invalid-yaml", at(pos[0]), message);
    if (second) problem("invalid-yaml", at(second.range[0]), "expected one YAML document, found several");
    if (document && problems.length === 0) {
      visit(document, {
        Alias: (_, alias) =>
          problem("invalid-yaml", at(alias.range?.[0] ?? 0), "aliases are not read; write the value out"),
      });
      const root = document.contents;
      if (isMap(root)) {
        if (problems.length === 0) readMap(root, "");
      } else if (root !== null && !(isScalar(root) && root.value === null) && !isAlias(root))
        problem("wrong-type", at(root.range?.[0] ?? 0), "expected a mapping of options");
    }
  } catch {
    // The parser recurses: deep nesting exhausts the stack.
    problem("invalid-yaml", file, "the file cannot be read as YAML; is it nested too deeply?");
  }
  return { given, problems };
}
