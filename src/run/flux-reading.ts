import { type OverrideManagers, readOverrideManagers } from "../flux/controllers.ts";
import type { Flux, FluxOwners } from "../flux/live.ts";
import { readGitRepositories, readOwners } from "../flux/read.ts";
import type { Cluster } from "../ports.ts";

/** What a run looks at of Flux: every list once at most, and none that nobody asks for. Each fails only when the run is aborted. */
export interface FluxReading {
  readonly owners: () => Promise<FluxOwners>;
  readonly whole: () => Promise<Flux>;
  readonly overrides: () => Promise<OverrideManagers>;
}

/** Nothing is read yet. */
export function fluxReading(cluster: Cluster): FluxReading {
  const owners = once(() => readOwners(cluster));
  const gitRepositories = once(() => readGitRepositories(cluster));
  return {
    owners,
    whole: async () => {
      const [own, sources] = await Promise.all([owners(), gitRepositories()]);
      return { ...own, gitRepositories: sources };
    },
    overrides: once(() => readOverrideManagers(cluster)),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}
