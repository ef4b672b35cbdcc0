interface ExitRow {
  readonly code: number;
  readonly meaning: string;
}

/** Every exit code, the strongest first: where several apply, the first of this table is the one. */
export const exitTable = [
  { code: 143, meaning: "ended by SIGTERM; the state is written, the next run goes on" },
  { code: 130, meaning: "ended by SIGINT; the state is written, the next run goes on" },
  { code: 2, meaning: "wrong arguments, configuration, namespace or state; a person must act" },
  { code: 5, meaning: "a restart failed in this run" },
  { code: 3, meaning: "the API server or a Git server refused: not authenticated, or a right is missing" },
  { code: 75, meaning: "the API server or a Git server could not be reached or did not answer; try again" },
  { code: 1, meaning: "something unexpected; try again, and report it if it stays" },
  { code: 6, meaning: "a restart is held back in quarantine: its source does not come to rest; a person should look" },
  { code: 0, meaning: "done, nothing to do, still owed, or another run holds the lock" },
] as const satisfies readonly ExitRow[];

export type ExitCode = (typeof exitTable)[number]["code"];

/** The strongest of the codes that apply, by the order of {@link exitTable}; 0 where none does. */
export function worstExit(codes: Iterable<ExitCode>): ExitCode {
  const given = new Set(codes);
  return exitTable.find((row) => given.has(row.code))?.code ?? 0;
}
