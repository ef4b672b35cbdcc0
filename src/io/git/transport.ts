/** How reroll names itself to servers; some take only what begins with `git/` for Git. */
export const agent = "git/reroll";

export type Service = "git-upload-pack" | "git-receive-pack";

/** One exchange with a service of a server: what it announces, then at most one request. */
export interface Exchange {
  readonly announced: Buffer;
  /** The whole answer to one request. */
  request(body: Buffer): Promise<Buffer>;
  /** Ends the exchange where no request follows. */
  end(): void;
}

/** The way to one repository. Fails with errors of the network or with `GitError`s that do not say yet what was attempted. */
export interface Transport {
  /** `version2`: ask for protocol version 2, which servers need not know. */
  open(service: Service, version2: boolean, signal: AbortSignal): Promise<Exchange>;
  close(): Promise<void>;
}

/** Limits of one call to a Git server. */
export interface Limits {
  /** Milliseconds for the whole of it. */
  readonly timeout: number;
  /** Bytes of an answer. */
  readonly bytes: number;
}
