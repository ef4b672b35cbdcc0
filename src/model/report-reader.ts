import type { SourceRef } from "./ref.ts";

/** What becomes of something of Flux that takes values from a source that changed. `due`: a run would ask it to reconcile. */
export type ReaderWord = "due" | "asked" | "held" | "failed";

/** An object of Flux that takes values from sources that changed, which nothing else tells it. */
export interface ReaderReport {
  readonly object: {
    readonly kind: "HelmRelease" | "Kustomization";
    readonly namespace: string;
    readonly name: string;
  };
  readonly because: readonly SourceRef[];
  readonly outcome: ReaderWord;
  /** Why it is not asked, or what went wrong; empty otherwise. */
  readonly message: string;
}
