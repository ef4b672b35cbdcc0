import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { podNamespace, readNamedFile } from "../../src/io/surroundings.ts";

const folder = mkdtempSync(join(tmpdir(), "reroll-surroundings-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "namespace");
writeFileSync(file, "team-a\n");
const pod = { KUBERNETES_SERVICE_HOST: "10.0.0.1" };

test("the namespace of a pod is that of its service account", () => {
  assert.equal(podNamespace(pod, file), "team-a");
});

test("outside of a pod, or without a service account, there is none", () => {
  assert.equal(podNamespace({}, file), undefined);
  assert.equal(podNamespace(pod, join(folder, "absent")), undefined);
});

test("a configuration file that was named must be there", () => {
  assert.equal(readNamedFile(file), "team-a\n");
  const usage = { name: "UsageError", message: /absent: there is no such file$/ };
  assert.throws(() => readNamedFile(join(folder, "absent")), usage);
  assert.throws(() => readNamedFile(folder), { name: "UsageError", message: /EISDIR/ });
});
