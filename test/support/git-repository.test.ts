import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { makeCertificate } from "./certificate.ts";
import { serveGit } from "./git/http-backend.ts";
import { gitEnvironment } from "./git/run.ts";
import { BareRepository } from "./git-repository.ts";

const run = promisify(execFile);

describe("a repository of the tests behind a server, as git itself finds it", () => {
  let folder: string;
  let repository: BareRepository;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "reroll-git-"));
    repository = await BareRepository.create(join(folder, "fleet.git"));
    await repository.commit({ "apps/web.yaml": "kind: Deployment\n", "README.md": "fleet\n" });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const authority = makeCertificate("a private authority");
  const git = async (args: string[], cwd = folder) => {
    const env = { ...gitEnvironment, GIT_SSL_CAINFO: join(folder, "ca.crt") };
    await writeFile(join(folder, "ca.crt"), authority.cert);
    return run("git", args, { cwd, env });
  };
  /** A clone with one commit that is not pushed yet. */
  const work = async (url: string, name: string) => {
    await git(["clone", "-q", `${url}/fleet.git`, name]);
    await writeFile(join(folder, name, "README.md"), `${name}\n`);
    await git(["commit", "-qam", `Push by ${name}`], join(folder, name));
    return join(folder, name);
  };

  it("over HTTPS with a private authority and a password: clone and push, and nobody without it", async () => {
    const tls = makeCertificate("git", ["127.0.0.1"], authority);
    await using server = await serveGit(folder, { basic: "git:s3cret", tls });
    const clone = await work(server.url.replace("//", "//git:s3cret@"), "https");
    await git(["push", "-q"], clone);
    const [last] = await repository.log();
    assert.deepEqual([last?.subject, last?.author], ["Push by https", "Somebody <somebody@example.com>"]);
    assert.match(await repository.diff(), /^-fleet\n\+https$/m);
    await assert.rejects(git(["ls-remote", `${server.url}/fleet.git`]), /could not read Username/);
  });

  it("a hook declines in its words", async () => {
    await using server = await serveGit(folder);
    const clone = await work(server.url, "declined");
    await repository.decline("not on a 'Friday'");
    await assert.rejects(git(["push", "-q"], clone), /remote: not on a 'Friday'.*pre-receive hook declined/s);
    await repository.hook("pre-receive");
    await git(["push", "-q"], clone);
  });

  it("a second pusher is faster as often as asked, after all checks were passed", async () => {
    await using server = await serveGit(folder);
    const clone = await work(server.url, "slow");
    const faster = await repository.outrun([{ "other.txt": "1\n" }, { "other.txt": "2\n" }]);
    for (const id of faster) {
      await assert.rejects(git(["push", "-q"], clone), /remote rejected/);
      assert.equal(await repository.tip(), id);
      await git(["pull", "-q", "--rebase"], clone);
    }
    await git(["push", "-q"], clone);
    assert.deepEqual(
      (await repository.log()).slice(0, 3).map(({ subject }) => subject),
      ["Push by slow", "Be faster", "Be faster"],
    );
    await repository.fsck();
  });
});
