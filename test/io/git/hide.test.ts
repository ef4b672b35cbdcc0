import assert from "node:assert/strict";
import { test } from "node:test";
import { createHider } from "../../../src/io/git/hide.ts";

const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END OPENSSH PRIVATE KEY-----\n";

test("whatever is secret of a credential is taken out of words, however it is written", () => {
  const hide = createHider({
    basic: { username: "robot", password: "pa ss/wörd" },
    bearer: "ghp_0123456789",
    ssh: { identity: key, knownHosts: "host ssh-ed25519 AAAA", passphrase: "of the key" },
    proxy: { address: "http://proxy:3128", username: "squid", password: "ink-of-it" },
  } as never);
  for (const [words, expected] of [
    ["no pa ss/wörd here", "no [hidden] here"],
    [`Basic ${Buffer.from("robot:pa ss/wörd").toString("base64")}.`, "Basic [hidden]."],
    [`url ${encodeURIComponent("pa ss/wörd")}@host`, "url [hidden]@host"],
    ["Bearer ghp_0123456789", "Bearer [hidden]"],
    ["the phrase of the key fits", "the phrase [hidden] fits"],
    ["line b3BlbnNzaC1rZXktdjEAAAAABG5vbmU of it", "line [hidden] of it"],
    [`whole ${key}`, "whole [hidden]"],
    ["proxy ink-of-it", "proxy [hidden]"],
    ["robot may not push to fleet", "robot may not push to fleet"],
  ] as const) {
    assert.equal(hide(words), expected);
  }
});

test("words stay as they are without a credential, and beside one too short to be told from them", () => {
  assert.equal(createHider(undefined)("as it is"), "as it is");
  assert.equal(createHider({ basic: { username: "a", password: "is" } } as never)("as it is"), "as it is");
});
