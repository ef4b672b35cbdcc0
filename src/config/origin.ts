import type { Issue } from "../model/plan.ts";
import type { OptionPath } from "./schema.ts";

/** Where a value in force came from. */
export interface Origin {
  readonly from: "flag" | "environment" | "file" | "surroundings" | "default";
  /** `--context`, `REROLL_CONTEXT`, `config.yaml:3`, `pod`, `default`. */
  readonly where: string;
}

export type Origins = Readonly<Record<OptionPath, Origin>>;

/** What one layer says about one option, not validated yet. */
export interface Given {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Something in the configuration that stops the run. `path` is file and line, environment variable or flag. */
export interface ConfigProblem extends Issue {
  /** Path of the option in the file, where the problem is about one. */
  readonly option?: string;
}
