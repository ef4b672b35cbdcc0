/** The git command line of this machine talks to the demo's Git server. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { type DemoRepository, demoRepository } from "../../../src/demo/git/repository.ts";
import { type DemoGit, startDemoGit } from "../../../src/demo/git/server.ts";
import { gitEnvironment } from "../../support/git/run.ts";

const run = promisify(execFile);

describe("the demo's Git server and the git command line", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "reroll-demo-git-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** In a clone of that name; the server is in this process, which must not be blocked. */
  const git = async (clone: string, ...words: string[]) => {
    const options = { cwd: join(folder, clone), env: gitEnvironment };
    const { stdout, stderr } = await run("git", words, options);
    return { out: stdout.trim(), err: stderr.trim() };
  };
  const refused = async (clone: string, ...words: string[]) =>
    git(clone, ...words).then(
      ({ err }) => assert.fail(`succeeded: ${err}`),
      ({ stderr }: { stderr: string }) => stderr,
    );
  const fsck = async (clone: string) => {
    const { out, err } = await git(clone, "fsck", "--strict", "--full");
    assert.equal(out + err.replace(/.*Checking.*|notice:.*|.*100%.*/g, "").trim(), "");
  };

  async function serve(commits: number): Promise<{ repository: DemoRepository } & DemoGit> {
    const repository = demoRepository();
    for (let round = 1; round <= commits; round += 1)
      await repository.commit({ "apps/web/deployment.yaml": `round: ${round}\n`, "README.md": "hello\n" });
    return Object.assign(await startDemoGit(repository), { repository });
  }

  test("clones the whole history, and a second fetch brings what is new", async () => {
    await using server = await serve(3);
    await git("", "clone", "-q", server.url, "whole");
    assert.equal((await git("whole", "rev-list", "--count", "HEAD")).out, "3");
    assert.equal((await git("whole", "branch", "--show-current")).out, "main");
    const id = await server.repository.commit({ "apps/new.yaml": "new: true\n" });
    await git("whole", "pull", "-q");
    assert.equal((await git("whole", "rev-parse", "HEAD")).out, id);
    assert.equal(readFileSync(join(folder, "whole/apps/new.yaml"), "utf8"), "new: true\n");
    await fsck("whole");
  });

  test("clones one commit deep, goes on from there, and deepens to the whole history", async () => {
    await using server = await serve(4);
    await git("", "clone", "-q", "--depth=1", server.url, "shallow");
    assert.equal((await git("shallow", "rev-list", "--count", "HEAD")).out, "1");
    await fsck("shallow");
    await server.repository.commit({ "apps/web/deployment.yaml": "round: 5\n" });
    await git("shallow", "fetch", "-q", "--depth=1");
    assert.equal((await git("shallow", "rev-list", "--count", "origin/main")).out, "1");
    assert.equal((await git("shallow", "show", "origin/main:apps/web/deployment.yaml")).out, "round: 5");
    await git("shallow", "fetch", "-q", "--depth=3");
    assert.equal((await git("shallow", "rev-list", "--count", "origin/main")).out, "3");
    await fsck("shallow");
    await git("shallow", "fetch", "-q", "--unshallow");
    assert.equal((await git("shallow", "rev-list", "--count", "origin/main")).out, "5");
    await fsck("shallow");
  });

  test("pushes commits, branches and tags, and deletes a branch", async () => {
    await using server = await serve(1);
    await git("", "clone", "-q", server.url, "pusher");
    const text = "value: 1\n".repeat(50_000);
    writeFileSync(join(folder, "pusher/large.yaml"), text);
    await git("pusher", "add", "-A");
    await git("pusher", "commit", "-qm", "Add a large file");
    await git("pusher", "tag", "-m", "one", "v1");
    await git("pusher", "push", "-q", "origin", "main", "main:other", "v1");
    const id = (await git("pusher", "rev-parse", "HEAD")).out;
    assert.equal(server.repository.tip(), id);
    assert.equal(server.repository.tip("other"), id);
    assert.equal((await server.repository.texts()).get("large.yaml"), text);
    assert.deepEqual(
      (await git("pusher", "ls-remote", "origin")).out.split(/\s/).filter((_, at) => at % 2 === 1),
      ["HEAD", "refs/heads/main", "refs/heads/other", "refs/tags/v1", "refs/tags/v1^{}"],
    );
    await git("pusher", "push", "-q", "origin", ":other");
    assert.equal(server.repository.tip("other"), undefined);
    await git("", "clone", "-q", server.url, "again");
    assert.equal((await git("again", "rev-parse", "v1^{commit}")).out, id);
    await fsck("again");
  });

  test("pushes from a shallow clone", async () => {
    await using server = await serve(2);
    await git("", "clone", "-q", "--depth=1", server.url, "shallow-pusher");
    writeFileSync(join(folder, "shallow-pusher/README.md"), "hello again\n");
    await git("shallow-pusher", "commit", "-qam", "Change the page");
    await git("shallow-pusher", "push", "-q");
    assert.deepEqual(
      (await server.repository.log()).map(({ message }) => message.trim()),
      ["Change the page", "Change files", "Change files"],
    );
  });

  test("is told who was first, and what a hook says", async () => {
    await using server = await serve(1);
    await git("", "clone", "-q", server.url, "late");
    await git("late", "commit", "-q", "--allow-empty", "-m", "Late");
    server.preReceive = async () => "changes go through a pull request";
    assert.match(
      await refused("late", "push", "-q"),
      /remote: changes go through a pull request[\s\S]*pre-receive hook declined/,
    );
    server.preReceive = async () => {
      await server.repository.commit({ "README.md": "first\n" });
      return undefined;
    };
    assert.match(await refused("late", "push", "-q"), /remote rejected.*failed to update ref/);
    server.preReceive = undefined;
    assert.match(await refused("late", "push", "-q"), /fetch first/);
    assert.deepEqual((await server.repository.log()).length, 2);
    const both = ["HEAD:refs/heads/one", "HEAD:main"];
    assert.match(
      await refused("late", "push", "-q", "--atomic", "--force-with-lease=main", "origin", ...both),
      /stale info/,
    );
    assert.equal(server.repository.tip("one"), undefined);
    await git("late", "pull", "-q", "--rebase");
    await git("late", "push", "-q");
    assert.equal((await server.repository.log()).length, 3);
  });

  test("fills an empty repository", async () => {
    await using server = await serve(0);
    await git("", "clone", "-q", server.url, "empty");
    await git("empty", "checkout", "-q", "-B", "main");
    await git("empty", "commit", "-q", "--allow-empty", "-m", "Begin");
    await git("empty", "push", "-q", "origin", "main");
    assert.equal((await server.repository.log()).length, 1);
  });

  test("asks for a name where the server wants one", async () => {
    const repository = demoRepository();
    await repository.commit({ a: "1\n" });
    await using server = await startDemoGit(repository, { basic: { username: "git", password: "s3cret" } });
    assert.match(
      await refused("", "clone", "-q", server.url, "nobody"),
      /could not read Username|terminal prompts disabled/,
    );
    await git("", "clone", "-q", server.url.replace("//", "//git:s3cret@"), "known");
    assert.equal(readFileSync(join(folder, "known/a"), "utf8"), "1\n");
  });
});
