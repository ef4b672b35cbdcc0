import { parseArgv } from "../src/cli.ts";
import { loadConfig } from "../src/config/load.ts";
import { envName, type OptionPath, optionPaths, optionRow } from "../src/config/schema.ts";
import { annotationNames, type Carrier, ownKey, stakaterKey, vocabulary } from "../src/model/annotations.ts";
import { exitTable } from "../src/model/exit.ts";
import { refusals } from "../src/model/refusals.ts";
import { type NeededRight, neededRights } from "../src/model/rights.ts";

const cell = (text: string): string => text.replaceAll("|", "\\|");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows.map((row) => row.map(cell))];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function defaultText(path: OptionPath): string {
  const { default: initial, otherwise } = optionRow(path);
  const isEmpty = typeof initial === "object" && Object.keys(initial ?? {}).length === 0;
  const value = initial === undefined ? undefined : isEmpty ? "" : String(initial);
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

const carriers = {
  workload: "workload, or its pod template",
  source: "source",
  namespace: "Namespace",
} as const satisfies Record<Carrier, string>;

/** The annotations of the vocabulary that are served, or those that are only known, as Markdown. */
export function annotationTableMarkdown(effect: "served" | "noticed"): string {
  const rows = annotationNames
    .filter((name) => vocabulary[name].effect === effect)
    .map((name) => {
      const { on: all, doc, own } = vocabulary[name];
      const on = all.filter((carrier) => own || carrier !== "namespace");
      return [`\`${stakaterKey(name, {}) ?? ownKey(name)}\``, on.map((carrier) => carriers[carrier]).join("; "), doc];
    });
  return table(["Annotation", "On", "Meaning"], rows);
}

/** The commands as `reroll --help` lists them: the usage without its common options, and what it does. */
export function commandRows(): (readonly [usage: string, doc: string])[] {
  const help = parseArgv(["--help"], { env: {}, isTerminal: false });
  const text = "stdout" in help ? help.stdout : "";
  const lines = text.slice(text.indexOf("\nCommands:\n") + 11).split("\n");
  return lines.slice(0, lines.indexOf("")).flatMap((line) => {
    const [, usage = "", doc = ""] = /^ {2}(\S+(?: \S+)*) {2,}(.+)$/.exec(line) ?? [];
    return usage ? [[`reroll ${usage.replace(" [options]", "")}`, doc] as const] : [];
  });
}

/** The commands as Markdown. */
export function commandTableMarkdown(): string {
  return table(
    ["Command", "What it does"],
    commandRows().map(([usage, doc]) => [`\`${usage}\``, doc]),
  );
}

/** What asks for rights that a run without configuration does not need. */
const demanding = {
  namespaceSelector: "app",
  strategies: "CronJob=trigger",
  mode: "git",
  "git.secretRef": "reroll-git",
  "git.reconcileReferences": "true",
} as const;

function allRights(flags: Readonly<Record<string, string>>): NeededRight[] {
  const loaded = loadConfig({ env: {}, flags, facts: {} });
  return "policy" in loaded ? neededRights(loaded.policy, "reroll-system") : [];
}

/** The option a right is only needed with; empty: it is needed always. */
function neededWith(right: NeededRight["right"]): string {
  const needs = (flags: Readonly<Record<string, string>>) =>
    allRights(flags).some((each) => JSON.stringify(each.right) === JSON.stringify(right));
  if (needs({})) return "";
  const option = Object.entries(demanding).find(([name, value]) => needs({ [name]: value }));
  return option ? `; only with \`${option[0]}\`` : "";
}

/** Whether a right is needed in all namespaces also where only some are looked at. */
function isEverywhere(right: NeededRight["right"]): boolean {
  const narrow = allRights({ ...demanding, namespaces: "shop" });
  return narrow.some((each) => JSON.stringify(each.right) === JSON.stringify(right));
}

/** The rights of a run as Markdown, one row per rule. */
export function rightTableMarkdown(): string {
  const rules = Map.groupBy(allRights(demanding), ({ right: { group, resource, namespace, name }, why }) =>
    JSON.stringify([group, resource, namespace, name, why]),
  );
  const rows = [...rules.values()].flatMap((rule) => {
    const [first] = rule;
    if (!first) return [];
    const { group, resource, namespace, name } = first.right;
    const only = name === undefined || resource === "namespaces" ? "" : ` \`${name}\``;
    const where =
      namespace !== undefined
        ? "namespace of the state"
        : isEverywhere(first.right)
          ? "all namespaces"
          : "where it looks";
    const seldom = neededWith(first.right);
    const verbs = rule.map(({ right }) => right.verb).join(", ");
    return [[`\`${group ? `${resource}.${group}` : resource}\`${only}`, verbs, where, `${first.why}${seldom}`]];
  });
  return table(["Resource", "Verbs", "Where", "Needed to"], rows);
}

/** Why a commit cannot restart something, as Markdown, one row per code. */
export function refusalTableMarkdown(): string {
  return table(
    ["Code", "Meaning"],
    Object.entries(refusals).map(([code, { doc }]) => [`\`${code}\``, doc]),
  );
}

/** Tables that pages hold between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export const regions: Readonly<Record<string, () => string>> = {
  options: optionTableMarkdown,
  "exit-codes": exitTableMarkdown,
  annotations: () => annotationTableMarkdown("served"),
  "annotations-noticed": () => annotationTableMarkdown("noticed"),
  commands: commandTableMarkdown,
  rights: rightTableMarkdown,
  refusals: refusalTableMarkdown,
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
