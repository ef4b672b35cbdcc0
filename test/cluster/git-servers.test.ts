/** The adapter for Git servers against OpenSSH. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { GitCredential } from "../../src/model/git.ts";
import type { Repository } from "../../src/ports.ts";
import { gitContract } from "../contract/git-contract.ts";
import { change, failure, openBranch } from "../contract/git-target.ts";
import { repositoryAt } from "../support/git/run.ts";
import { type GitSource, type GitSourceOptions, openGitSource } from "./support/git-source.ts";
import { makeKeyPair } from "./support/git-ssh.ts";

const path = "apps/web.yaml";
const files = { [path]: "kind: Deployment\n" } as const;

type Keys = GitSource["credential"];

/** What a Secret of Flux says, as the room of Flux hands it on. */
function credentialOf({ identity = "", known_hosts = "", password }: Keys): GitCredential {
  return { ssh: { identity, knownHosts: known_hosts, ...(password !== undefined && { passphrase: password }) } };
}

async function withSource(work: (source: GitSource) => Promise<void>): Promise<void> {
  const source = await openGitSource(files, { transport: "ssh" });
  try {
    await work(source);
  } finally {
    await source.close();
  }
}

async function opened(source: GitSource, keys: Keys, work: (remote: Repository) => Promise<unknown>): Promise<void> {
  await using remote = openBranch({ url: source.url, credential: credentialOf(keys) });
  await work(remote);
}

const keys: Readonly<Record<string, GitSourceOptions>> = {
  "ECDSA, as flux bootstrap makes it": { key: "ecdsa" },
  "Ed25519 behind a passphrase": { key: "ed25519", passphrase: "open sesame" },
  RSA: { key: "rsa" },
};

for (const [name, options] of Object.entries(keys)) {
  gitContract(`OpenSSH, with a key of ${name}`, async () => {
    const { url, credential, repository, close } = await openGitSource({}, { transport: "ssh", ...options });
    return { url, credential: credentialOf(credential), repository: repositoryAt(repository.path), close };
  });
}

describe("a real sshd", () => {
  it("a deploy key that may only read fetches, and is told when it pushes", () =>
    withSource((source) =>
      opened(source, source.readOnly, async (remote) => {
        const fetched = await remote.fetch();
        const push = remote.push(fetched, change({ [path]: [files[path], "kind: Job\n"] }));
        await failure(push, "read-only", [source.readOnly.identity ?? ""]);
        assert.equal(await source.repository.tip(), fetched.id);
      }),
    ));

  it("a key it does not know, another host key, a repository that is not there", () =>
    withSource(async (source) => {
      const stranger = { ...source.credential, identity: makeKeyPair("ecdsa").identity };
      await opened(source, stranger, (remote) => failure(remote.tip(), "unauthorized"));
      const elsewhere = { ...source, url: source.url.replace("fleet.git", "none.git") };
      await opened(elsewhere, source.credential, (remote) => failure(remote.tip(), "not-found"));
      await source.ssh?.replaceHostKey();
      await opened(source, source.credential, (remote) => failure(remote.tip(), "host-key"));
    }));
});
