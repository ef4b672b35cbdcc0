import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { change, failure, openBranch } from "../../contract/git-target.ts";
import { type BareRepository, bareRepository } from "../../support/git/run.ts";
import { type GitSshServer, makeSshKey, publicOf, serveGitBySsh } from "../../support/git/ssh-server.ts";

const key = makeSshKey("ed25519");
const hostKeys = [makeSshKey("ed25519"), makeSshKey("ecdsa"), makeSshKey("rsa")];
let repository: BareRepository;
let server: GitSshServer;

before(async () => {
  repository = bareRepository("it's a fleet!.git");
  repository.commit({ a: "1" });
  server = await serveGitBySsh(key, hostKeys);
});
after(() => server.close().finally(repository.remove));

function open(ssh: { identity?: string; knownHosts?: string; passphrase?: string } = {}, timeout = 20_000) {
  const credential = { ssh: { identity: key.private, knownHosts: server.knownHosts, ...ssh } };
  return openBranch({ url: server.url(encodeURI(repository.path)), credential }, "main", { timeout });
}

test("every kind of identity opens the door, locked or not, in the forms of OpenSSH, PEM and PKCS #8", async () => {
  const passphrase = "open sesame";
  const lock = { cipher: "aes-256-cbc", passphrase } as const;
  const pairs = {
    ec: generateKeyPairSync("ec", { namedCurve: "P-384" }),
    rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
    ed25519: generateKeyPairSync("ed25519"),
  };
  const pem = (type: "pkcs8" | "sec1" | "pkcs1", name: keyof typeof pairs) =>
    String(pairs[name].privateKey.export({ type, format: "pem" } as { type: "pkcs8"; format: "pem" }));
  const locked = (name: keyof typeof pairs) =>
    String(pairs[name].privateKey.export({ type: "pkcs8", format: "pem", ...lock }));
  const identities = [
    ...(["ed25519", "ecdsa", "rsa"] as const).map((kind) => makeSshKey(kind).private),
    makeSshKey("ed25519", passphrase).private,
    ...[pem("pkcs8", "ec"), pem("pkcs8", "rsa"), pem("pkcs8", "ed25519"), pem("sec1", "ec"), pem("pkcs1", "rsa")],
    ...[locked("ec"), locked("ed25519"), locked("rsa")],
    pem("pkcs8", "ed25519").trim().replaceAll("\n", "\r\n"),
  ];
  for (const identity of identities) {
    await using own = await serveGitBySsh({ private: identity, public: publicOf(identity, passphrase) }, hostKeys);
    const credential = { ssh: { identity, knownHosts: own.knownHosts, passphrase } };
    await using branch = openBranch({ url: own.url(encodeURI(repository.path)), credential });
    assert.equal(await branch.tip(), repository.git("rev-parse", "main"));
  }
});

test("an identity that is none, locked, public or of a stranger is said to be so, and is not shown", async () => {
  const stranger = makeSshKey("ed25519").private;
  const locked = makeSshKey("ed25519", "right").private;
  const pkcs8 = String(
    generateKeyPairSync("ed25519").privateKey.export({
      ...{ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" },
    } as { type: "pkcs8"; format: "pem" }),
  );
  for (const [ssh, words] of [
    [{ identity: "nonsense" }, /is no private key/],
    [{ identity: key.public }, /public key|no private key/],
    [{ identity: locked }, /passphrase is missing or wrong/],
    [{ identity: locked, passphrase: "of another key" }, /passphrase is missing or wrong/],
    [{ identity: pkcs8 }, /passphrase is missing or wrong/],
    [{ identity: stranger }, /did not accept the SSH identity/],
  ] as const) {
    await using branch = open(ssh);
    const error = await failure(branch.tip(), "unauthorized", [ssh.identity, "wrong!", "nonsense"]);
    assert.match(error.message, words);
  }
  await using bare = openBranch({ url: server.url(encodeURI(repository.path)), credential: undefined });
  await failure(bare.tip(), "unauthorized");
});

test("the key of the host is checked: unknown, changed and revoked hosts get nothing", async () => {
  const name = `[127.0.0.1]:${server.port}`;
  const [first, second] = [hostKeys[0]?.public ?? "", hostKeys[1]?.public ?? ""];
  for (const [knownHosts, words] of [
    ["", /has no key of \[127/],
    [`127.0.0.1 ${first}\n`, /has no key of/],
    [`${name} ${makeSshKey("ed25519").public}\n`, /shows another key/],
    [`${name} ${first}\n@revoked ${name} ${first}\n`, /revoked/],
    [`@cert-authority ${name} ${first}\n`, /cert-authority.*not supported/],
    [`!${name},* ${first}\n`, /has no key of/],
  ] as const) {
    const before = server.commands.length;
    await using branch = open({ knownHosts });
    const error = await failure(branch.tip(), "host-key");
    assert.match(error.message, words);
    assert.ok(!error.retryable);
    assert.equal(server.commands.length, before);
  }
  const salt = Buffer.from("01234567890123456789");
  const hashed = `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
  for (const knownHosts of [
    `${name} ${first}`,
    `# a comment\n\nother.example ${second}\r\n${name},[::1]:22 ${second} comment\r\n`,
    `${hashed} ${hostKeys[2]?.public}\n`,
    `[127.0.*]:${server.port} ${first}\n`,
    `${name} ${makeSshKey("ed25519").public}\n${name} ${first}\n`,
  ]) {
    await using branch = open({ knownHosts });
    await branch.tip();
  }
});

test("what servers say of a key that may only read is told apart from other refusals", async () => {
  for (const [words, code] of [
    ["ERROR: The key you are authenticating with has been marked as read only.\n", "read-only"],
    [
      "remote: \nremote: ====\nremote: ERROR: This deploy key does not have write access to this project.\n",
      "read-only",
    ],
    ["Gitea: Deploy Key: 7:flux is not authorized to write to org/fleet.\n", "read-only"],
    ["repository access denied. access via a deployment key is read-only.\n", "read-only"],
    ["ERROR: Permission to org/fleet.git denied to somebody.\n", "forbidden"],
    ["ERROR: Repository not found.\n", "not-found"],
    ["the moon is in the wrong phase\u0007\n", "declined"],
    ["", "unreachable"],
  ] as const) {
    await using branch = open();
    const commit = await branch.fetch();
    server.refuse = (command) => (command.startsWith("git-receive-pack") ? words : undefined);
    const error = await failure(branch.push(commit, change({ a: ["1", "2"] })), code).finally(() => {
      server.refuse = undefined;
    });
    if (code === "read-only") assert.match(error.message, /--read-write-key/);
    assert.doesNotMatch(error.message, /\p{Cc}/u);
  }
});

test("a repository that is not there, a closed port, and a server that hangs", async () => {
  const credential = { ssh: { identity: key.private, knownHosts: server.knownHosts } };
  await using absent = openBranch({ url: server.url("/no/such.git"), credential });
  const error = await failure(absent.tip(), "not-found");
  assert.match(error.message, /cannot list branch main of ssh:\/\/127\.0\.0\.1:\d+\/no\/such\.git/);
  server.hang = true;
  await using hanging = open({}, 1_500);
  await failure(hanging.tip(), "timeout");
  server.hang = false;
  assert.equal(await hanging.tip(), repository.git("rev-parse", "main"));
  const closed = await serveGitBySsh(key, hostKeys);
  await closed.close();
  await using refused = openBranch({
    url: closed.url("/x.git"),
    credential: { ssh: { identity: key.private, knownHosts: closed.knownHosts } },
  });
  await failure(refused.tip(), "unreachable");
});

test("a connection is used again, opened anew where the server closed it, and gone after close, with every process", async () => {
  const branch = open();
  const commit = await branch.fetch();
  await branch.tip();
  assert.equal(server.connections(), 1);
  const theirs = repository.commit({ b: "theirs" });
  await failure(branch.push(commit, change({ a: ["1", "2"] })), "moved");
  server.disconnect();
  assert.equal(await branch.tip(), theirs);
  await branch.close();
  for (let left = 100; left > 0 && server.connections() + server.processes() > 0; left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual([server.connections(), server.processes()], [0, 0]);
});
