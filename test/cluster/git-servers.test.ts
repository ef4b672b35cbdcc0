/** The adapter for Git servers against real ones: `git http-backend` with and without TLS, and OpenSSH. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGitServers } from "../../src/io/git/servers.ts";
import { type GitCredential, GitError } from "../../src/model/git.ts";
import type { FetchedCommit, NewCommit, Repository } from "../../src/ports.ts";
import { type GitSource, type GitSourceOptions, openGitSource } from "./support/git-source.ts";

const files = { "apps/web.yaml": "kind: Deployment\n", "README.md": "fleet\n" };
const path = "apps/web.yaml";

type Keys = GitSource["credential"];

/** What a Secret of Flux says, as the room of Flux hands it on. */
function credentialOf({ username = "", password = "", identity, known_hosts = "", ...rest }: Keys): GitCredential {
  const authority = rest["ca.crt"];
  if (identity !== undefined) {
    return { ssh: { identity, knownHosts: known_hosts, ...(password !== "" && { passphrase: password }) } };
  }
  return { basic: { username, password }, ...(authority !== undefined && { authority }) };
}

async function withSource(options: GitSourceOptions, work: (source: GitSource) => Promise<void>): Promise<void> {
  const source = await openGitSource(files, options);
  try {
    await work(source);
  } finally {
    await source.close();
  }
}

async function opened<T>(source: GitSource, keys: Keys, work: (repository: Repository) => Promise<T>): Promise<T> {
  const servers = createGitServers({ timeout: 20_000 });
  const repository = servers.open({ url: source.url, branch: "main" }, credentialOf(keys));
  try {
    return await work(repository);
  } finally {
    await repository.close();
  }
}

/** A commit that puts another kind into the file. */
async function change({ tree }: FetchedCommit, kind: string): Promise<NewCommit> {
  const before = await tree.read(path);
  assert.ok(before);
  const author = { name: "reroll", email: "reroll@example.com" };
  const file = { path, before, after: Buffer.from(`kind: ${kind}\n`) };
  return { message: `Make it a ${kind}\n`, author, at: 1_790_000_000, files: [file] };
}

const failsWith = (code: string) => (error: unknown) => {
  assert.ok(error instanceof GitError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

const ways: Readonly<Record<string, GitSourceOptions>> = {
  "over HTTP with a password": { transport: "http" },
  "over HTTPS with a private authority": { transport: "https" },
  "over SSH with ECDSA, as flux bootstrap makes it": { transport: "ssh", key: "ecdsa" },
  "over SSH with Ed25519 behind a passphrase": { transport: "ssh", key: "ed25519", passphrase: "open sesame" },
  "over SSH with RSA": { transport: "ssh", key: "rsa" },
};

for (const [way, options] of Object.entries(ways)) {
  it(`${way}: tip, fetch, push; a race is told from a hook that declines`, () =>
    withSource(options, (source) =>
      opened(source, source.credential, async (remote) => {
        const first = await source.repository.tip();
        assert.equal(await remote.tip(), first);
        const fetched = await remote.fetch();
        const pushed = await remote.push(fetched, await change(fetched, "StatefulSet"));
        assert.equal(await source.repository.tip(), pushed);
        assert.equal(await source.repository.read(path), "kind: StatefulSet\n");

        const [faster] = await source.repository.outrun([{ "README.md": "faster\n" }]);
        const behind = await remote.fetch();
        await assert.rejects(remote.push(behind, await change(behind, "DaemonSet")), failsWith("moved"));
        assert.equal(await source.repository.tip(), faster);
        const again = await remote.fetch();
        await remote.push(again, await change(again, "DaemonSet"));

        await source.repository.decline("not on a Friday");
        const last = await remote.fetch();
        await assert.rejects(remote.push(last, await change(last, "Job")), (error) => {
          assert.match(String(error), /not on a Friday/);
          return failsWith("declined")(error);
        });
        await source.repository.fsck();
        assert.deepEqual(
          (await source.repository.log()).map(({ subject }) => subject),
          ["Make it a DaemonSet", "Be faster", "Make it a StatefulSet", "Begin"],
        );
      }),
    ));
}

describe("a real sshd", () => {
  it("a deploy key that may only read fetches, and is told when it pushes", () =>
    withSource({ transport: "ssh" }, (source) =>
      opened(source, source.readOnly, async (remote) => {
        const fetched = await remote.fetch();
        await assert.rejects(remote.push(fetched, await change(fetched, "Job")), failsWith("read-only"));
        assert.equal(await source.repository.tip(), fetched.id);
      }),
    ));

  it("a key it does not know, another host key, a repository that is not there", () =>
    withSource({ transport: "ssh" }, async (source) => {
      await withSource({ transport: "ssh" }, async (other) => {
        const stranger = { ...other.credential, known_hosts: source.credential.known_hosts ?? "" };
        await opened(source, stranger, (remote) => assert.rejects(remote.tip(), failsWith("unauthorized")));
      });
      const elsewhere = { ...source, url: source.url.replace("fleet.git", "none.git") };
      await opened(elsewhere, source.credential, (remote) => assert.rejects(remote.tip(), failsWith("not-found")));
      await source.ssh?.replaceHostKey();
      await opened(source, source.credential, (remote) => assert.rejects(remote.tip(), failsWith("host-key")));
    }));
});
