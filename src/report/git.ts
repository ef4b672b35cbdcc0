import { createTwoFilesPatch } from "diff";
import type { FileChange, PlacementWay } from "../model/git.ts";
import { formatRef } from "../model/ref.ts";
import type { RefusalReport, RepositoryReport } from "../model/report.ts";
import { type Block, blocks } from "./sections.ts";
import type { Style, Tone } from "./style.ts";
import { note, section, table } from "./table.ts";
import { count } from "./words.ts";

/** What a commit changes, as `git diff` shows it. Bytes that are no UTF-8 are shown as replacement characters. */
export function unifiedDiff(changes: readonly FileChange[]): string {
  return changes.map(fileDiff).join("");
}

function fileDiff({ path, before, after }: FileChange): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
  const headers = { headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true } };
  const patch = createTwoFilesPatch(`a/${path}`, `b/${path}`, text(before), text(after), "", "", {
    context: 3,
    ...headers,
  });
  return patch.replace(/^--- (.*?)\t?$/m, "--- $1").replace(/^\+\+\+ (.*?)\t?$/m, "+++ $1");
}

const ways: Readonly<Record<PlacementWay, string>> = {
  "in-place": "in place",
  overlay: "in an overlay",
  "flux-kustomization": "in the Flux Kustomization",
};

/** Where every stamp goes, and the commit that puts it there. */
export function gitSections(git: readonly RepositoryReport[], tense: "is" | "was", style: Style): string[][] {
  return git.flatMap((each) => [repositorySection(each, tense, style), diffLines(each, style)]);
}

function repositorySection(report: RepositoryReport, tense: "is" | "was", style: Style): string[] {
  const { repository, branch, placements } = report;
  const all = placements.map(
    ({ workload, object, way, path, reason, already }): Block => ({
      rows: [[{ text: formatRef(workload), tone: "strong" }, path, ways[way], already ? "there already" : ""]],
      notes: [
        ...(object.kind === workload.kind && object.name === workload.name
          ? []
          : [`by its ${object.kind} ${object.namespace}/${object.name}: Flux runs a Helm upgrade for it`]),
        reason,
      ],
    }),
  );
  return section(
    { text: `${title(report, tense)} on ${branch} of ${repository}`, tone: "strong" },
    blocks(all, style),
    style,
  );
}

function title({ commit, changes, placements }: RepositoryReport, tense: "is" | "was"): string {
  const short = commit?.slice(0, 12);
  if (changes.length === 0) return short ? `Commit ${short} waits for Flux` : "Nothing to commit: it is there already";
  const fresh = placements.filter(({ already }) => !already).length;
  const what = `${count(fresh, "workload")} in ${count(changes.length, "file")}`;
  return tense === "is" || !short ? `To commit: ${what}` : `Commit ${short}: ${what}`;
}

const lineTones: readonly (readonly [start: RegExp, tone: Tone])[] = [
  [/^(---|\+\+\+)/, "strong"],
  [/^@@/, "quiet"],
  [/^\+/, "good"],
  [/^-/, "bad"],
];

/** Not wrapped: whoever reads a diff wants its lines as they are. */
function diffLines({ changes }: RepositoryReport, style: Style): string[] {
  const { width: _, ...unwrapped } = style;
  return unifiedDiff(changes)
    .split("\n")
    .filter((line, index, all) => line !== "" || index < all.length - 1)
    .flatMap((text) => {
      const tone = lineTones.find(([start]) => start.test(text))?.[1];
      return table([[tone ? { text, tone } : text]], unwrapped);
    });
}

/** Why no commit can restart what is due in git mode. */
export function refusalSection(refusals: readonly RefusalReport[], style: Style): string[] {
  const lines = refusals.flatMap(({ workload, code, message }) => [
    ...table([[{ text: formatRef(workload), tone: "wait" }, code]], style),
    ...note(message, style),
  ]);
  return section(
    { text: `No commit can restart: ${count(refusals.length, "workload")}`, tone: "strong" },
    lines,
    style,
  );
}
