import { boolean, count, either, instant, list, literal, map, object, string } from "./shape.ts";

/** The version this reroll writes. A reader refuses any other: unreadable state is an error, never an empty state. */
export const stateVersion = 1;

const keyId = string(/^[0-9a-f]{8}$/);
const keys = either(literal("*"), list(string()));
const cause = object({
  source: string(/^[A-Za-z]+\/.+$/),
  change: string(/^(added|modified|removed)$/),
  keys: list(string()),
});

const source = object({
  uid: string(),
  resourceVersion: string(),
  keyId,
  digests: map(string(/^[0-9a-f]{16}$/)),
  observedAt: instant,
  "shrunkAt?": instant,
  "reloadOnDelete?": boolean,
  "rotatedAt?": instant,
  "goneSince?": instant,
});

const rolledOut = either(
  literal("absent"),
  literal("unknown"),
  object({ keyId, digest: string(/^[0-9a-f]{12}$/), keys, "gone?": literal(true) }),
);

const baseline = object({ desired: count, available: count, "notReadyAt?": list(string()) });

const contents = list(object({ at: instant, digest: string(/^([0-9a-f]{12}|-)$/) }));
const loops = object({
  "trails?": map(object({ of: string(/^[0-9a-f]{8}\.(\*|[0-9a-f]{4})?$/), seen: contents })),
  "restarts?": list(instant),
  "quarantines?": list(
    object({
      rule: string(/^(returns|restarts)$/),
      "source?": string(/^[A-Za-z]+\/.+$/),
      since: instant,
      count,
      "writers?": list(string()),
    }),
  ),
});

const workload = object({
  uid: string(),
  generation: count,
  "uses?": string(),
  seen: object({ direct: either(literal(null), keyId), git: either(literal(null), keyId) }),
  rolledOut: map(rolledOut),
  "template?": object({
    uses: map(keys),
    "pulls?": list(string()),
    "annotations?": map(string()),
    "stampsObject?": literal(true),
  }),
  recordedAt: instant,
  "unverified?": object({
    stamp: string(),
    "mode?": string(/^git$/),
    startedAt: instant,
    because: list(cause),
    "baseline?": baseline,
  }),
  "pending?": object({ since: instant, reason: string(), causes: list(cause) }),
  "committed?": object({
    stamp: string(),
    repository: string(),
    branch: string(),
    commit: string(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
    "tip?": string(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
    at: instant,
    "reverted?": literal(true),
    "byOthers?": literal(true),
    "again?": literal(true),
  }),
  "stripped?": object({ since: instant, managers: list(string()) }),
  "loops?": loops,
});

const ledgerEntry = object({
  at: instant,
  workload: string(),
  outcome: string(),
  reason: string(),
  durationMs: count,
  because: list(cause),
});

/** Version 1: namespaces by name. */
export const namespacesShape = map(
  object({
    sources: map(source),
    workloads: map(workload),
    ledger: list(ledgerEntry),
    "silent?": map(object({ at: string(), "annotations?": map(string()) })),
    "reader?": string(),
  }),
);
