/** The process, as values. */
export interface Edge {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** `process.versions`. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly stdoutIsTerminal: boolean;
  /** Width of the terminal behind stdout, where it is one. */
  readonly stdoutColumns?: number | undefined;
  readonly stderrIsTerminal: boolean;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** The wish to stop: nothing new is started. */
  readonly stop: AbortSignal;
  /** The hard end: every call fails at once. */
  readonly hardEnd: AbortSignal;
}
