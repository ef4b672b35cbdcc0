import type { Origin, Standing } from "../../src/model/comparison.ts";
import type { RuleName } from "../../src/model/decision.ts";
import { modeLevels, modes } from "../../src/model/mode.ts";
import type { OutcomeWord } from "../../src/model/outcome.ts";
import type { ChangeKind, PendingReason, SkipReason } from "../../src/model/plan.ts";
import { refusals } from "../../src/model/refusals.ts";
import type { VerdictWord } from "../../src/model/report-explain.ts";
import { levels, settingNames } from "../../src/model/settings.ts";
import { strategies, strategyLevels } from "../../src/model/strategies.ts";
import { boolean, either, instant, list, number, object, orNull, type Shape, string, type, word } from "./shape.ts";

/** Every word of a type: the compiler says when one is missing. */
function all<Word extends string>(words: Readonly<Record<Word, true>>): string[] {
  return Object.keys(words);
}

export const changeKinds = all<ChangeKind>({ added: true, modified: true, removed: true });
export const pendingReasons = all<PendingReason>({
  paused: true,
  "paused-by-annotation": true,
  quarantined: true,
  blocked: true,
  suspended: true,
  "job-running": true,
  "rollout-not-observed": true,
  superseded: true,
  failed: true,
  interrupted: true,
  unobserved: true,
  verifying: true,
  committed: true,
  reverted: true,
  unresolvable: true,
});
export const skipReasons = all<SkipReason>({
  "not-opted-in": true,
  "not-used": true,
  "other-namespace": true,
  "kind-ignored": true,
  "auto-off": true,
  "source-ignored": true,
  excluded: true,
  "not-named": true,
  "no-match": true,
  "kind-narrowed-out": true,
  "keys-not-used": true,
  "already-fresh": true,
  reverted: true,
  adopted: true,
  "maybe-stale": true,
  "removed-source-kept": true,
  "key-lost": true,
  "strategy-skip": true,
  "job-owned": true,
  "job-managed": true,
  "job-finished": true,
});
export const strategyWords = Object.keys(strategies);
export const outcomeWords = all<OutcomeWord>({
  restarted: true,
  committed: true,
  verifying: true,
  unchanged: true,
  deferred: true,
  failed: true,
  "rolled-back": true,
  superseded: true,
  "needs-manual": true,
});
export const verdictWords = all<VerdictWord>({
  restart: true,
  pending: true,
  unchanged: true,
  adopt: true,
  "nothing-counts": true,
  "not-asked": true,
  "left-alone": true,
  "out-of-scope": true,
  "not-observed": true,
});
export const ruleNames = all<RuleName>({
  "other-namespace": true,
  "ignored-kind": true,
  "ignored-source": true,
  excluded: true,
  named: true,
  search: true,
  auto: true,
  "auto-reload-all": true,
  "nothing-asked": true,
});
export const standings = all<Standing>({
  unchanged: true,
  due: true,
  fresh: true,
  adopted: true,
  reverted: true,
  "kept-absent": true,
  "kept-unobserved": true,
  "key-lost": true,
});
export const origins = all<Origin>({
  record: true,
  stamp: true,
  "other-stamp": true,
  stripped: true,
  "first-sight": true,
});

const nameFields = object({ kind: string, namespace: string, name: string });
const name = type("name", nameFields);
const change = type("change", object({ source: name, change: word(...changeKinds), keys: list(string) }));
const issue = type("issue", object({ code: string, path: string, message: string }));
const pending = type(
  "pending",
  object({
    workload: name,
    because: list(change),
    reason: word(...pendingReasons),
    message: string,
    since: instant,
  }),
);
const quarantine = type(
  "quarantine",
  object({
    workload: name,
    source: orNull(name),
    rule: word("returns", "restarts"),
    count: number,
    since: instant,
    changedAt: instant,
    until: instant,
    writers: list(string),
    holds: boolean,
  }),
);
const commit = type(
  "commit",
  object({ workload: name, repository: string, branch: string, commit: string, since: instant, reverted: boolean }),
);
const coverage = type(
  "coverage",
  object({ workloads: number, workloadsSeen: number, sources: number, sourcesSeen: number }),
);
const lock = type("lock", object({ holder: string, until: instant }));
const lockedBy = orNull(lock);

const planFields = {
  actions: list(
    object({
      workload: name,
      because: list(change),
      wave: number,
      mode: word(...modes),
      strategy: word(...strategyWords),
      stamp: string,
    }),
  ),
  git: list(
    object({
      repository: string,
      branch: string,
      base: orNull(string),
      commit: orNull(string),
      files: list(
        object({
          path: string,
          placement: word("in-place", "overlay", "flux-kustomization"),
          workload: name,
          object: name,
          reason: string,
          already: boolean,
        }),
      ),
      diff: string,
    }),
  ),
  refusals: list(object({ workload: name, code: word(...Object.keys(refusals)), message: string })),
  reconciles: list(
    object({ object: name, because: list(name), outcome: word("due", "asked", "held", "failed"), message: string }),
  ),
  pending: list(pending),
  quarantines: list(quarantine),
  skips: list(object({ workload: name, source: name, reason: word(...skipReasons), message: string })),
  issues: list(issue),
  coverage,
  adopted: list(name),
  firstRun: boolean,
  keyMissing: boolean,
};
const exitCode = number;
const event = type(
  "event",
  object({
    at: instant,
    namespace: string,
    workload: orNull(name),
    outcome: word(...outcomeWords, "adopted", "quarantined", "released"),
    reason: string,
    durationMs: number,
    because: list(change),
  }),
);
const watched = either(word("*"), list(string));
const annotation = type(
  "annotation",
  object({ key: string, value: string, from: word("workload", "template", "source", "namespace") }),
);

/** The document of each command under `-o json`. */
export const shapes: Readonly<Record<string, Shape>> = {
  plan: object({ ...planFields, exitCode }),
  run: object({
    ...planFields,
    outcomes: list(
      object({ workload: name, outcome: word(...outcomeWords), reason: string, message: string, durationMs: number }),
    ),
    lockedBy,
    exitCode,
  }),
  explain: object({
    workload: name,
    verdict: word(...verdictWords),
    message: string,
    sources: list(
      object({
        source: name,
        eligible: boolean,
        rule: word(...ruleNames),
        reason: orNull(word(...skipReasons)),
        message: string,
        annotation: orNull(annotation),
        tried: list(object({ rule: word(...ruleNames), says: word("yes", "no", "pass") })),
        where: list(string),
        watched,
        sight: word("present", "absent", "unobserved"),
        sightError: orNull(string),
        lastWrite: orNull(instant),
        standing: orNull(word(...standings)),
        change: orNull(change),
        rolledOut: orNull(either(word("absent", "unknown"), object({ keyId: string, digest: string, keys: watched }))),
      }),
    ),
    annotations: list(annotation),
    settings: list(
      object({
        name: word(...settingNames),
        value: boolean,
        level: word(...levels),
        object: orNull(string),
        key: orNull(string),
        said: orNull(string),
        source: orNull(name),
      }),
    ),
    strategy: object({
      word: string,
      known: boolean,
      level: word(...strategyLevels),
      object: orNull(string),
      key: orNull(string),
      said: orNull(string),
    }),
    mode: object({
      word: string,
      known: boolean,
      level: word(...modeLevels),
      object: orNull(string),
      key: orNull(string),
      said: orNull(string),
    }),
    knowledge: orNull(
      object({
        origin: word(...origins),
        recordedAt: orNull(instant),
        stamp: orNull(string),
        gitStamp: orNull(string),
      }),
    ),
    pending: orNull(pending),
    committed: orNull(commit),
    quarantines: list(quarantine),
    unverified: orNull(object({ stamp: string, startedAt: instant, because: list(change) })),
    stripped: orNull(object({ since: instant, managers: list(string) })),
    issues: list(issue),
    exitCode,
  }),
  status: object({
    state: object({ namespace: string, name: string, known: boolean, bytes: number, shards: number }),
    lastRun: orNull(object({ at: instant, holder: orNull(string) })),
    remembered: object({ namespaces: number, sources: number, workloads: number }),
    pending: list(object({ workload: name, since: instant, reason: string, because: list(change) })),
    quarantines: list(quarantine),
    unverified: list(object({ workload: name, stamp: string, startedAt: instant, because: list(change) })),
    committed: list(commit),
    stripped: list(object({ workload: name, since: instant, managers: list(string) })),
    gone: list(object({ source: name, since: instant })),
    recent: list(event),
    issues: list(issue),
    exitCode,
  }),
  history: object({ workload: orNull(name), known: boolean, entries: list(event), exitCode }),
  retry: object({
    released: list(quarantine),
    kept: list(quarantine),
    releasedCommits: list(commit),
    keptCommits: list(commit),
    lockedBy,
    exitCode,
  }),
  adopt: object({
    cancelled: list(object({ workload: name, because: list(change) })),
    adopted: list(name),
    coverage,
    issues: list(issue),
    lockedBy,
    exitCode,
  }),
  doctor: object({
    checks: list(
      object({
        name: string,
        outcome: word("ok", "warning", "problem"),
        message: string,
        advice: orNull(string),
        details: list(string),
      }),
    ),
    exitCode,
  }),
};

/** What is documented once for all documents. */
export const types: Readonly<Record<string, Shape>> = Object.fromEntries(
  [name, change, issue, pending, coverage, lock, event, annotation].flatMap((shape) =>
    shape.is === "type" ? [[shape.name, shape.of]] : [],
  ),
);
