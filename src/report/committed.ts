import { formatRef } from "../model/ref.ts";
import type { CommittedRestart } from "../model/report-memory.ts";
import { refJson } from "./json.ts";
import { type Block, blocks } from "./sections.ts";
import type { Style } from "./style.ts";
import { section } from "./table.ts";
import { count, past } from "./words.ts";

/** What waits for Flux, and below it what was taken back, with how it is committed again. */
export function committedSections(all: readonly CommittedRestart[], style: Style): string[][] {
  const open = all.filter(({ reverted }) => !reverted);
  const taken = all.filter(({ reverted }) => reverted);
  return [
    section(
      { text: `Committed, and not applied by Flux yet: ${count(open.length, "workload")}`, tone: "strong" },
      blocks(
        open.map((each) => commitBlock(each, style, [])),
        style,
      ),
      style,
    ),
    section(
      { text: `Taken back: ${count(taken.length, "workload")}`, tone: "strong" },
      blocks(
        taken.map((each) => {
          const next = `it is committed anew once the content changes, or after reroll retry ${formatRef(each.workload)}`;
          const why = each.byOthers ? "by somebody else" : "since Flux could not apply it";
          return commitBlock(each, style, [`${why}; ${next}`]);
        }),
        style,
      ),
      style,
    ),
  ];
}

/** One commit, and for whom. */
export function commitBlock(
  { workload, repository, branch, commit, at }: CommittedRestart,
  style: Style,
  notes: readonly string[],
): Block {
  return {
    rows: [[{ text: formatRef(workload), tone: "wait" }, commit.slice(0, 12), `since ${past(at, style)}`]],
    notes: [`on ${branch} of ${repository}`, ...notes],
  };
}

/** A commit, as it stands in every document. */
export function commitJson({ workload, repository, branch, commit, at, reverted }: CommittedRestart) {
  return { workload: refJson(workload), repository, branch, commit, since: at, reverted: reverted ?? false };
}
