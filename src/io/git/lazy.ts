import { GitError } from "../../model/git.ts";
import type { GitServers, Repository } from "../../ports.ts";
import type { GitOptions } from "./servers.ts";

/** Git servers whose code is loaded by the first call: a run that commits nothing does not pay for it. */
export function lazyGitServers(options: GitOptions): GitServers {
  return {
    open(address, credential) {
      let opened: Promise<Repository> | undefined;
      const open = () => {
        opened ??= import("./servers.ts").then(({ createGitServers }) =>
          createGitServers(options).open(address, credential),
        );
        return opened;
      };
      return {
        tip: async () => (await open()).tip(),
        fetch: async () => (await open()).fetch(),
        push: async (base, commit) => (await open()).push(base, commit),
        close: async () => (await opened)?.close(),
      };
    },
  };
}

/** Where nobody is to be reached: every call fails with `unreachable`. */
export const noGitServers: GitServers = {
  open: ({ url }) => {
    const refuse = async () => {
      throw new GitError("unreachable", `${url} cannot be reached: there are no Git servers here`);
    };
    return { tip: refuse, fetch: refuse, push: refuse, close: async () => {} };
  },
};
