import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { change, everyFile, failure, openBranch, textOf } from "../../contract/git-target.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { type GitHttpServer, serveGit } from "../../support/git/http-backend.ts";
import { type BareRepository, bareRepository, git, gitEnvironment } from "../../support/git/run.ts";
import { startServer } from "../../support/http-server.ts";

const secret = "s3cret-passw0rd";
const credential = { basic: { username: "git", password: secret } };
let repository: BareRepository;
let server: GitHttpServer;
const target = () => ({ url: `${server.url}/fleet.git`, credential });

before(async () => {
  repository = bareRepository();
  repository.commit({ a: "1", "apps/b": "2" });
  server = await serveGit(repository.root, { basic: `git:${secret}` });
});
after(() => server.close().finally(repository.remove));

/** Answers the requests that match for the length of a test. */
async function answering(
  pattern: RegExp,
  status: number,
  text: string,
  work: () => Promise<void>,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  server.interfere = ({ method, path }, response) => {
    if (!pattern.test(`${method} ${path}`)) return false;
    response.writeHead(status, { "content-type": "text/plain", ...headers });
    response.end(text);
    return true;
  };
  await work().finally(() => {
    server.interfere = undefined;
  });
}

test("the credential is sent with the first request, as basic or as bearer, and nothing without one", async () => {
  await using open = await serveGit(repository.root);
  const url = `${open.url}/fleet.git`;
  for (const [given, sent] of [
    [undefined, undefined],
    [{ basic: { username: "ü", password: "p:w" } }, `Basic ${Buffer.from("ü:p:w").toString("base64")}`],
    [{ bearer: "token", basic: { username: "x", password: "y" } }, "Bearer token"],
  ] as const) {
    const from = open.requests.length;
    await using branch = openBranch({ url, credential: given });
    await branch.tip();
    await branch.push(await branch.fetch(), change({ [`file-${from}`]: ["", "x"] }));
    const seen = open.requests.slice(from);
    assert.equal(seen.length, 6);
    assert.deepEqual([...new Set(seen.map(({ authorization }) => authorization))], [sent]);
  }
});

test("user information in the URL is neither sent nor shown", async () => {
  const url = `http://someone:${secret}@127.0.0.1:${server.port}/fleet.git`;
  await using branch = openBranch({ url, credential: undefined });
  const error = await failure(branch.tip(), "unauthorized", [secret, "someone"]);
  assert.match(error.message, /answered 401.*no credential was sent/);
});

test("each status is an error of its own, which quotes plain text and no pages", async () => {
  for (const [status, code, text] of [
    [401, "unauthorized", "bad token"],
    [403, "forbidden", "Write access to repository not granted."],
    [404, "not-found", "Repository not found."],
    [413, "too-large", "too much"],
    [429, "server-error", "slow down"],
    [500, "server-error", "oops"],
    [503, "server-error", "maintenance"],
    [203, "unauthorized", "sign in"],
  ] as const) {
    await answering(/./, status, text, async () => {
      await using branch = openBranch(target());
      for (const call of [branch.tip(), branch.fetch()]) {
        const error = await failure(call, code, [secret, "Basic"]);
        assert.ok(error.message.includes(`answered ${status}: ${text}`), error.message);
        assert.match(error.message, /127\.0\.0\.1:\d+\/fleet\.git/);
      }
    });
  }
  await answering(
    /./,
    502,
    "<html>secret page</html>",
    async () => {
      await using branch = openBranch(target());
      const error = await failure(branch.tip(), "server-error");
      assert.doesNotMatch(error.message, /page/);
    },
    { "content-type": "text/html" },
  );
});

test("a push that is refused by status at either step leaves the branch alone", async () => {
  for (const [pattern, status, code] of [
    [/^GET .*receive-pack/, 403, "forbidden"],
    [/^GET .*receive-pack/, 401, "unauthorized"],
    [/^POST .*receive-pack/, 403, "forbidden"],
    [/^POST .*receive-pack/, 413, "too-large"],
    [/^POST .*receive-pack/, 500, "server-error"],
  ] as const) {
    await using branch = openBranch(target());
    const commit = await branch.fetch();
    await answering(pattern, status, "no", async () => {
      await failure(branch.push(commit, change({ a: ["1", "2"] })), code, [secret]);
    });
    assert.equal(await branch.tip(), commit.id);
  }
});

test("a page that is no repository, and garbage in the place of one", async () => {
  const type = (service: string) => ({ "content-type": `application/x-git-${service}-pack-advertisement` });
  await answering(/./, 200, "<html>", async () => {
    await using branch = openBranch(target());
    const error = await failure(branch.tip(), "bad-answer");
    assert.match(error.message, /not a Git repository of smart HTTP.*Check the address/);
  });
  for (const garbage of ["", "zzzz", "0003", "001e# service=git-upload-pack\n0000ffffxx", "0009hello0000", "fff0x"]) {
    await answering(
      /^GET/,
      200,
      garbage,
      async () => {
        await using branch = openBranch(target());
        await failure(branch.tip(), "bad-answer");
        await failure(branch.fetch(), "bad-answer");
      },
      type("upload"),
    );
  }
});

test("an answer that is cut anywhere is an error, and the next fetch is whole", async () => {
  await using branch = openBranch(target());
  for (const cut of [0, 3, 30, 60, 100, 180, 250]) {
    server.cutAfter = cut;
    const error = await branch.fetch().then(
      () => undefined,
      (reason: unknown) => reason as { code: string },
    );
    assert.ok(error !== undefined && ["unreachable", "bad-answer"].includes(error.code), `${cut}: ${error?.code}`);
  }
  server.cutAfter = undefined;
  assert.equal(await textOf(await branch.fetch(), "apps/b"), "2");
});

test("a push whose answer is lost is an error, and the next fetch tells that it went through", async () => {
  await using branch = openBranch(target());
  const commit = await branch.fetch();
  server.cutAfter = 5;
  const error = await branch.push(commit, change({ lost: ["", "x"] })).catch((reason: { code: string }) => reason);
  server.cutAfter = undefined;
  assert.ok(typeof error !== "string" && ["unreachable", "bad-answer"].includes(error.code));
  assert.equal(await textOf(await branch.fetch(), "lost"), "x");
});

test("a server that hangs at any step costs no more than the time limit, and nothing is pushed", async () => {
  const before = repository.git("rev-parse", "main");
  for (const pattern of [/^GET .*upload/, /^POST .*upload/, /^GET .*receive/, /^POST .*receive/]) {
    await using branch = openBranch(target(), "main", { timeout: 2_000 });
    const commit = await branch.fetch();
    server.interfere = ({ method, path }) => pattern.test(`${method} ${path}`);
    const pushes = pattern.source.includes("receive");
    const call = pushes ? branch.push(commit, change({ never: ["", "x"] })) : branch.fetch();
    const error = await failure(call, "timeout", [secret]).finally(() => {
      server.interfere = undefined;
    });
    assert.match(error.message, /no end after 2 s|in time/);
    assert.ok(error.retryable);
  }
  assert.equal(repository.git("rev-parse", "main"), before);
});

test("the hard end of a run ends a call at once", async () => {
  const end = new AbortController();
  server.interfere = () => {
    end.abort();
    return true;
  };
  await using branch = openBranch(target(), "main", { signal: end.signal });
  await failure(branch.fetch(), "aborted");
  server.interfere = undefined;
});

test("an answer larger than the bound is not read to its end", async () => {
  await using branch = openBranch(target(), "main", { largestAnswer: 200 });
  await failure(branch.fetch(), "too-large");
});

test("redirects are followed within the origin, and never with the credential elsewhere", async () => {
  server.interfere = ({ path }, response) => {
    if (!path.startsWith("/old")) return false;
    response.writeHead(301, { location: path.replace("/old", "/fleet.git") });
    response.end();
    return true;
  };
  await using moved = openBranch({ url: `${server.url}/old`, credential });
  const commit = await moved.fetch();
  await moved.push(commit, change({ redirected: ["", "x"] }));
  server.interfere = undefined;

  await using elsewhere = await startServer((_request, response) => response.end());
  await answering(
    /./,
    302,
    "",
    async () => {
      await using branch = openBranch(target());
      const error = await failure(branch.tip(), "unsupported", [secret]);
      assert.ok(error.message.includes(elsewhere.url));
    },
    { location: `${elsewhere.url}/fleet.git/info/refs?service=git-upload-pack` },
  );
  assert.equal(elsewhere.requests.length, 0);
  await answering(
    /./,
    302,
    "",
    async () => {
      await using branch = openBranch(target());
      await failure(branch.tip(), "bad-answer");
    },
    { location: "/round" },
  );
});

test("an empty repository, one whose HEAD names no branch, one that is not there, and addresses that are none", async () => {
  const empty = bareRepository("empty.git");
  await using open = await serveGit(empty.root);
  const url = `${open.url}/empty.git`;
  try {
    await using branch = openBranch({ url, credential: undefined });
    await failure(branch.tip(), "no-branch");
    assert.match((await failure(branch.fetch(), "no-branch")).message, /empty/);
    empty.commit({ a: "1" });
    empty.git("symbolic-ref", "HEAD", "refs/heads/nowhere");
    assert.equal(await textOf(await branch.fetch(), "a"), "1");
    await using absent = openBranch({ url: `${open.url}/absent.git`, credential: undefined });
    await failure(absent.tip(), "not-found");
  } finally {
    empty.remove();
  }
  for (const address of ["git@host.example:org/x.git", "git://host/x", "file:///x", "nothing"]) {
    await using branch = openBranch({ url: address, credential: undefined });
    await failure(branch.tip(), "unsupported");
  }
});

test("who cannot be reached: a closed port, an unknown host", async () => {
  const closed = await startServer(() => {});
  await closed.close();
  await using refused = openBranch({ url: `http://127.0.0.1:${closed.port}/x.git`, credential });
  assert.match((await failure(refused.tip(), "unreachable", [secret])).message, /refused/);
  await using unknown = openBranch({ url: "http://no-such-host.invalid/x.git", credential });
  await failure(unknown.tip(), "unreachable", [secret]);
});

test("TLS: an unknown authority, another name, no client certificate, and a key that is none", async () => {
  const authority = makeCertificate("authority");
  const own = makeCertificate("server", ["127.0.0.1"], authority);
  const client = makeCertificate("client", [], authority);
  const tls = { cert: own.cert, key: own.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  await using secure = await serveGit(repository.root, { tls });
  const url = `${secure.url}/fleet.git`;
  const pair = { certificate: client.cert, key: client.key };
  await using good = openBranch({ url, credential: { authority: authority.cert, client: pair } });
  await good.tip();
  await using stranger = openBranch({ url, credential: { client: pair } });
  assert.match((await failure(stranger.tip(), "tls", [client.key])).message, /ca\.crt/);
  await using named = openBranch({
    url: url.replace("127.0.0.1", "localhost"),
    credential: { authority: authority.cert, client: pair },
  });
  await failure(named.tip(), "tls");
  await using bare = openBranch({ url, credential: { authority: authority.cert } });
  const codes = await bare.tip().catch((error: { code: string }) => error.code);
  assert.ok(codes === "tls" || codes === "unreachable", codes);
  await using broken = openBranch({
    url,
    credential: { authority: authority.cert, client: { certificate: client.cert, key: "no key" } },
  });
  await failure(broken.tip(), "tls", ["no key"]);
});

test("a large answer of many refs, and history, cost nothing: one commit arrives", async () => {
  const many = bareRepository("many.git");
  try {
    for (let round = 0; round < 5; round += 1) many.commit({ a: String(round) });
    const tip = many.git("rev-parse", "main");
    many.git("update-ref", "refs/pull/1/head", tip);
    git(many.path, "tag", "v1", tip);
    await using open = await serveGit(many.root);
    await using branch = openBranch({ url: `${open.url}/many.git`, credential: undefined });
    const commit = await branch.fetch();
    assert.equal(await textOf(commit, "a"), "4");
    await branch.push(commit, change({ a: ["4", "5"] }));
    assert.equal(many.git("rev-list", "--count", "main"), "6");
  } finally {
    many.remove();
  }
});

test("5,000 files are read and five changed; a second fetch brings only what is new, of which there may be nothing", async () => {
  const large = bareRepository("large.git");
  const text = (index: number) => `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-${index * 7919}\n`;
  const paths = Array.from(
    { length: 5_000 },
    (_, index) => `apps/g${index % 25}/a${Math.floor(index / 4)}/f${index}.yaml`,
  );
  try {
    large.commit(Object.fromEntries(paths.map((path, index) => [path, text(index)])));
    await using open = await serveGit(large.root);
    await using branch = openBranch({ url: `${open.url}/large.git`, credential: undefined });
    const commit = await branch.fetch();
    const whole = open.answered();
    const files = await everyFile(commit);
    assert.equal(files.size, 5_000);
    for (const [index, path] of paths.entries()) assert.equal(String(files.get(path)), text(index));
    const five = [0, 1_000, 2_001, 3_002, 4_999].map(
      (index) => [paths[index] ?? "", [text(index), "new: 1\n"]] as const,
    );
    await branch.push(commit, change(Object.fromEntries(five)));
    assert.equal(large.git("diff", "--name-only", "main~1", "main").split("\n").length, 5);
    const own = open.answered();
    assert.equal(await textOf(await branch.fetch(), paths[0] ?? ""), "new: 1\n");
    assert.ok(open.answered() - own < 500, `${open.answered() - own} bytes for what was pushed from here`);
    large.commit({ "theirs.yaml": "x" });
    const before = open.answered();
    const next = await branch.fetch();
    assert.ok(open.answered() - before < whole / 20, `${open.answered() - before} bytes of ${whole} for one file`);
    assert.equal((await everyFile(next)).size, 5_001);
    assert.equal(large.git("fsck", "--strict", "--no-dangling"), "");
  } finally {
    large.remove();
  }
});

test("names that are not UTF-8 stay what they are beside a change", async () => {
  const odd = bareRepository("odd.git");
  try {
    odd.commit({ "apps/a": "1" });
    const index = join(odd.root, "index");
    const feed = (input: Buffer | string, ...words: string[]) =>
      execFileSync("git", words, { cwd: odd.path, env: { ...gitEnvironment, GIT_INDEX_FILE: index }, input })
        .toString()
        .trim();
    const blob = feed("x", "hash-object", "-w", "--stdin");
    const line = (name: string) =>
      Buffer.concat([Buffer.from(`100644 ${blob}\tapps/`), Buffer.from(name, "latin1"), Buffer.from("\0")]);
    feed("", "read-tree", "main");
    feed(Buffer.concat([line("\xe9"), line("\xe8")]), "update-index", "-z", "--add", "--index-info");
    odd.git("update-ref", "refs/heads/main", feed("odd", "commit-tree", feed("", "write-tree"), "-p", "main"));
    await using open = await serveGit(odd.root);
    await using branch = openBranch({ url: `${open.url}/odd.git`, credential: undefined });
    const commit = await branch.fetch();
    assert.deepEqual(await commit.tree.list("apps"), [{ name: "a", is: "file" }]);
    await branch.push(commit, change({ "apps/a": ["1", "2"] }));
    assert.equal(odd.git("diff", "--name-only", "main~1", "main"), "apps/a");
    assert.equal(odd.git("ls-tree", "--name-only", "main", "apps/").split("\n").length, 3);
  } finally {
    odd.remove();
  }
});
