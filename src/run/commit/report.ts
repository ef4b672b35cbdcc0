import { compareRefs } from "../../model/ref.ts";
import type { RepositoryReport } from "../../model/report.ts";
import type { FluxReport } from "../prepare.ts";
import { type AskedReaders, dueReaders, type Readers } from "../readers.ts";
import type { Committed, CommittedRepository } from "./commit.ts";
import type { PreparedRepository } from "./prepared.ts";
import type { Resolved } from "./resolve.ts";

/** What there is to say of Flux: what a commit would change, and, where one was made, what it did change; and who is asked to reconcile. */
export function fluxReport(
  { repositories, refused, exits }: Resolved,
  readers: Readers,
  committed?: Committed,
  asked?: AskedReaders,
): FluxReport {
  const git = committed
    ? committed.repositories.map(committedReport)
    : repositories.map((prepared) => repositoryReport(prepared, standingCommit(prepared)));
  return {
    git: git.filter(({ placements, commit }) => placements.length > 0 || commit !== undefined),
    refusals: refused
      .map(({ action, refusal }) => ({ workload: action.workload, ...refusal }))
      .sort((a, b) => compareRefs(a.workload, b.workload)),
    reconciles: asked?.reports ?? dueReaders(readers),
    exits: [...exits, ...readers.exits, ...(asked?.exits ?? [])],
  };
}

function committedReport({ prepared, pushed }: CommittedRepository): RepositoryReport {
  const commit = pushed?.is === "committed" ? pushed.committed.commit : standingCommit(prepared);
  return repositoryReport(pushed ? { ...prepared, placed: pushed.placed } : prepared, commit);
}

function repositoryReport({ address, base, placed }: PreparedRepository, commit: string | undefined): RepositoryReport {
  return {
    repository: address.url,
    branch: address.branch,
    base: base?.id,
    commit,
    placements: placed.placed
      .map(({ placement, already }) => ({ ...placement, already }))
      .sort((a, b) => compareRefs(a.workload, b.workload)),
    changes: placed.files,
  };
}

function standingCommit({ standing }: PreparedRepository): string | undefined {
  return standing[0]?.committed.commit;
}
