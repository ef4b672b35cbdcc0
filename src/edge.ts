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
  /** The wish to stop: nothing new is started. Its reason is the exit code, see {@link stoppedWith}. */
  readonly stop: AbortSignal;
  /** The hard end: every call fails at once. */
  readonly hardEnd: AbortSignal;
}

/** The exit code of a process that was asked to stop: 143 after SIGTERM, 130 after SIGINT. `undefined`: nobody has asked. */
export function stoppedWith({ stop }: Pick<Edge, "stop">): 143 | 130 | undefined {
  if (!stop.aborted) return undefined;
  return stop.reason === 130 ? 130 : 143;
}
