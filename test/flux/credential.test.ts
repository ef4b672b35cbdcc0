import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { repositoryAddress, repositoryKey } from "../../src/flux/address.ts";
import { readCredential, readProxy } from "../../src/flux/credential.ts";
import { isEncryptedKey } from "../../src/flux/private-key.ts";
import { type GitCredential, GitError } from "../../src/model/git.ts";
import { fixtures } from "../support/fixtures.ts";

interface Case {
  readonly url: string;
  readonly values: Readonly<Record<string, string>>;
  readonly credential?: GitCredential;
  readonly refused?: string;
  readonly unusable?: readonly string[];
}

const name = "Secret flux-system/login";

describe("what a Secret gives to log in with", () => {
  for (const { claim, content } of fixtures<Case>("flux/credential")) {
    it(claim, () => {
      const reading = readCredential({ name, values: content.values }, content.url);
      if (reading.is === "credential") return assert.deepEqual(reading.credential, content.credential);
      const { message } = reading.is === "refused" ? reading.refusal : reading.error;
      assert.doesNotMatch(message, /hunter/, "no value of a Secret in a message");
      if (reading.is === "refused") return assert.equal(reading.refusal.code, content.refused);
      assert.ok(content.unusable, message);
      for (const words of content.unusable) assert.ok(message.includes(words), message);
    });
  }
});

describe("an encrypted key", () => {
  const openssh = (cipher: string) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(cipher.length);
    const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), size, Buffer.from(`${cipher}rest`)]).toString(
      "base64",
    );
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
  };
  const pkcs8 = { type: "pkcs8", format: "pem" } as const;
  const sealed = { ...pkcs8, cipher: "aes-256-cbc", passphrase: "x" } as const;
  const publicKeyEncoding = { type: "spki", format: "pem" } as const;
  const generated = (privateKeyEncoding: typeof pkcs8 | typeof sealed) =>
    generateKeyPairSync("ed25519", { publicKeyEncoding, privateKeyEncoding }).privateKey;

  for (const [claim, key, encrypted] of [
    ["in the form of OpenSSH is told by its cipher", openssh("aes256-ctr"), true],
    ["in the form of OpenSSH without a cipher is none", openssh("none"), false],
    ["in PKCS #8 is told by its header", generated(sealed), true],
    ["in PKCS #8 that is open is none", generated(pkcs8), false],
    ["is not found in what is no key", "KEY", false],
    ["is not found in a key that was cut off", openssh("aes256-ctr").slice(0, 50), false],
  ] as const) {
    it(claim, () => assert.equal(isEncryptedKey(key), encrypted));
  }
});

describe("a proxy", () => {
  for (const [claim, values, expected] of [
    ["is its address", { address: "http://proxy.test:3128" }, { address: "http://proxy.test:3128" }],
    [
      "may need a login",
      { address: "socks5://proxy.test", username: "u", password: "hunter2" },
      { address: "socks5://proxy.test", username: "u", password: "hunter2" },
    ],
    [
      "does not log in by a password alone",
      { address: "https://proxy.test", password: "hunter2" },
      { address: "https://proxy.test" },
    ],
    ["needs an address", { username: "u" }, /address/],
    ["must be one that Flux takes", { address: "ftp://hunter2.test" }, /http, https or socks5/],
    ["must be a URL", { address: "hunter2" }, /http, https or socks5/],
    ["must not be endless", { address: `http://proxy.test/${"hunter2".repeat(400)}` }, /http, https or socks5/],
  ] as const) {
    it(claim, () => {
      const proxy = readProxy({ name, values });
      if (!(expected instanceof RegExp)) return assert.deepEqual(proxy, expected);
      assert.ok(proxy instanceof GitError);
      assert.match(proxy.message, expected);
      assert.doesNotMatch(proxy.message, /hunter/);
    });
  }
});

describe("the address of a repository", () => {
  const address = (url: string) => repositoryAddress({ url, branch: "main" })?.url;
  it("never carries a credential", () => {
    assert.equal(address("https://bot:hunter2@git.test/fleet"), "https://git.test/fleet");
    assert.equal(address("ssh://deploy:hunter2@git.test:2222/fleet"), "ssh://deploy@git.test:2222/fleet");
  });
  it("logs in as git where ssh names nobody", () =>
    assert.equal(address("ssh://git.test/fleet"), "ssh://git@git.test/fleet"));
  it("is none for what Flux does not take, and none without a branch", () => {
    for (const url of ["git@git.test:fleet", "file:///fleet", "ssh:///fleet", ""])
      assert.equal(address(url), undefined, url);
    assert.equal(repositoryAddress({ url: "https://git.test/fleet", branch: undefined }), undefined);
  });
  it("is one repository however it is written, and another with another branch, user, port or path", () => {
    const key = (url: string, branch = "main") => repositoryKey({ url, branch });
    const same = ["https://git.test/a/b", "https://GIT.test:443/a/b.git", "https://git.test/a/b/"];
    assert.equal(new Set(same.map((url) => key(url))).size, 1);
    const other = [
      "https://git.test/a/B",
      "https://git.test:8443/a/b",
      "http://git.test/a/b",
      "ssh://git@git.test/a/b",
    ];
    assert.equal(new Set([...same, ...other].map((url) => key(url))).size, 5);
    assert.notEqual(key("https://git.test/a/b"), key("https://git.test/a/b", "dev"));
  });
});
