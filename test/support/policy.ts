import { workloadKinds } from "../../src/model/kinds.ts";
import type { Policy } from "../../src/model/policy.ts";

const minute = 60_000;

/** The policy of an empty configuration, with what a test changes. */
export function testPolicy(changes: Partial<Policy> = {}): Policy {
  return {
    mode: "direct",
    git: {
      repositories: ["flux-system/*"],
      secret: undefined,
      useSourceSecret: false,
      author: { name: "reroll", email: "reroll@localhost" },
      message: "chore(reroll): restart {workloads}",
      skipCi: false,
      cluster: "",
      await: 3 * minute,
      onUnresolvable: "skip",
      reconcileReferences: false,
    },
    autoReloadAll: false,
    reloadOnCreate: false,
    reloadOnDelete: false,
    perKey: true,
    imagePullSecrets: false,
    anchoring: "grouped",
    ignoreSources: [],
    kinds: workloadKinds,
    strategies: {},
    ignoreWorkloads: [],
    namespaces: { only: [], ignore: [], selector: "" },
    namespaceAnnotations: true,
    selector: "",
    annotationKeys: {},
    catchUp: false,
    loopBreaker: { returns: 3, restarts: 12, within: 24 * 60 * minute, settle: 60 * minute },
    concurrency: 4,
    timeouts: { run: 10 * minute, rollout: undefined },
    ...changes,
  };
}
