import type { Digester } from "../../src/model/digest.ts";
import type { LoopBreaker, LoopVerdict } from "../../src/model/loops.ts";
import type { Action, Pending } from "../../src/model/plan.ts";
import type { WatchedKeys } from "../../src/model/source.ts";
import { assemble } from "../../src/plan/assemble.ts";
import { watchLoops } from "../../src/plan/quarantine.ts";
import { absent, aWorkload, podsOf, present, Runs, start, unobserved, use } from "./comparing.ts";
import { testDigester } from "./digester.ts";
import { testPolicy } from "./policy.ts";

/** What a source holds in one run: one key `a` with that text, or several keys; gone, or nobody could look. */
export type Content = string | Readonly<Record<string, string>> | "absent" | "unobserved";

/** What a run made of it. */
export interface Played {
  readonly restarted: boolean;
  readonly action: Action | undefined;
  readonly pending: Pending | undefined;
  readonly loops: LoopVerdict;
}

/** What a run does besides looking. */
export interface Playing {
  /** It is killed after its patch: nothing is recorded. */
  readonly killed?: boolean;
  readonly digester?: Digester;
  readonly reloadOnDelete?: boolean;
  readonly paused?: boolean;
}

/** Runs of the pure stages over one Deployment whose sources change: compare, watch for loops, assemble, fold. Pods always are as old as the last restart. */
export class Looping {
  readonly runs = new Runs();
  readonly breaker: LoopBreaker;
  restarts = 0;
  private stamp: string | undefined;
  private generation = 1;
  private readonly keys: Readonly<Record<string, WatchedKeys>>;

  constructor(breaker: Partial<LoopBreaker> = {}, keys: Readonly<Record<string, WatchedKeys>> = {}) {
    this.breaker = { ...testPolicy().loopBreaker, ...breaker };
    this.keys = keys;
  }

  /** One run, `at` milliseconds after the start, that finds those contents by the names of their ConfigMaps. */
  run(at: number, contents: Readonly<Record<string, Content>>, playing: Playing = {}): Played {
    const { digester = testDigester, killed = false, reloadOnDelete = false, paused = false } = playing;
    const now = new Date(start + at).toISOString();
    const uses = Object.keys(contents).map((name) => use(name, this.keys[name] ?? "*"));
    const workload = aWorkload({
      uses,
      generation: this.generation,
      observedGeneration: this.generation,
      stamps: { direct: this.stamp, git: undefined },
      paused,
    });
    const sources = Object.fromEntries(
      Object.entries(contents).map(([name, content]) => {
        const keyIds = [digester.currentId, testDigester.currentId];
        const sight =
          content === "absent"
            ? absent
            : content === "unobserved"
              ? unobserved
              : present(name, typeof content === "string" ? { a: content } : content, {
                  lastWrite: null,
                  digester,
                  keyIds,
                });
        return [name, { sight, keys: this.keys[name] ?? "*" }];
      }),
    );
    const look = {
      workload,
      sources,
      pods: podsOf(start),
      at: start + at,
      rules: { digester, reloadOnDelete, reloadOnCreate: reloadOnDelete },
    };
    const { record } = this.runs;
    const comparison = this.runs.compare(look);
    const loops = watchLoops(comparison, record, { ...this.breaker, digester, now });
    const strategy = { is: "known", name: "rollout", choice: { level: "kind" } } as const;
    const candidate = {
      comparison,
      record,
      strategy,
      mode: { is: "known", name: "direct", choice: { level: "configuration" } } as const,
      unobserved: undefined,
      hold: undefined,
      restartedAt: false,
      loops,
    };
    const { actions, pending } = assemble([candidate], digester, now);
    const [action] = actions;
    if (action) {
      this.stamp = action.stamp;
      this.generation++;
      this.restarts++;
    }
    if (!killed) {
      const patched = action && { stamp: action.stamp, mode: action.mode, generation: this.generation };
      const memory = action ? loops.afterRestart : loops.memory;
      this.runs.run({ ...look, done: { patched, pending: pending[0], loops: memory } });
    }
    return { restarted: action !== undefined, action, pending: pending[0], loops };
  }
}
