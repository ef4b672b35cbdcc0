import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import { type Address, type Edited, isRefusal } from "../../src/edit/address.ts";
import { type Mark, stampPatches } from "../../src/edit/patches.ts";
import { setString } from "../../src/edit/put.ts";
import { stampRelease, stampReleaseByPatch } from "../../src/edit/release.ts";
import { stampValues } from "../../src/edit/values.ts";
import type { Refusal } from "../../src/model/refusals.ts";

const root = fileURLToPath(new URL("../../fixtures/edit", import.meta.url));
const annotation = "reroll.dev/git-stamp";
const stamp = "0123abcd ConfigMap/web=00112233aabb.*";
const path = ["spec", "template", "metadata", "annotations", annotation];
const release = { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", name: "web" };

type Edit = (text: string, address: Address, value: string) => Edited | Refusal;
const mark = (value: string): Mark => ({ apiVersion: "apps/v1", kind: "Deployment", name: "web.v1", path, value });

/** One folder, one edit; `kind`: of the object that it is for. */
const edits: Readonly<Record<string, { readonly kind: string; readonly edit: Edit }>> = {
  template: { kind: "Deployment", edit: (text, address, value) => setString(text, address, path, value) },
  release: { kind: "HelmRelease", edit: (text, address, value) => stampRelease(text, address, mark(value)) },
  values: {
    kind: "HelmRelease",
    edit: (text, address, value) => stampValues(text, address, "controllers.main.pod.annotations", annotation, value),
  },
  overlay: {
    kind: "Kustomization",
    edit: (text, address, value) => stampPatches(text, address, ["patches"], mark(value)),
  },
  "overlay-of-a-release": {
    kind: "Kustomization",
    edit: (text, address, value) => stampReleaseByPatch(text, address, ["patches"], release, mark(value), false),
  },
  "flux-kustomization": {
    kind: "Kustomization",
    edit: (text, address, value) => stampPatches(text, address, ["spec", "patches"], mark(value)),
  },
};

function find(text: string, kind: string): Address {
  const documents = parseAllDocuments(text, { uniqueKeys: false, merge: true, logLevel: "silent" });
  for (const [document, each] of [...documents].entries()) {
    if (each.get?.("kind") === kind) return { document };
    const items: unknown = each.toJS?.({ maxAliasCount: -1 })?.items;
    const item = Array.isArray(items) ? items.findIndex((one) => one?.kind === kind) : -1;
    if (item >= 0) return { document, item };
  }
  return { document: 0 };
}

function textOf(result: Edited | Refusal): string {
  assert.ok(!isRefusal(result), JSON.stringify(result));
  return result.text;
}

for (const [folder, { kind, edit }] of Object.entries(edits)) {
  for (const file of readdirSync(join(root, folder)).sort()) {
    const [claim = "", what = ""] = file.split(".");
    if (what === "expected") continue;
    const text = readFileSync(join(root, folder, file), "utf8");
    const address = what === "UNPARSABLE" ? { document: 0 } : find(text, kind);
    const name = `${folder}: ${claim.replaceAll("-", " ")}`;
    if (what !== "original") {
      test(`${name} is refused`, () => {
        const result = edit(text, address, stamp);
        assert.ok(isRefusal(result), JSON.stringify(result));
        assert.equal(result.code, what, result.message);
      });
      continue;
    }
    test(name, () => {
      const result = edit(text, address, stamp);
      assert.ok(!isRefusal(result), JSON.stringify(result));
      const golden = join(root, folder, `${claim}.expected.yaml`);
      if (process.env.GOLDEN === "write") writeFileSync(golden, result.text);
      assert.ok(existsSync(golden), `no ${golden}: GOLDEN=write writes it`);
      assert.equal(result.text, readFileSync(golden, "utf8"));
      assert.deepEqual(edit(result.text, address, stamp), result, "the second time changes nothing");
      const other = textOf(edit(result.text, address, "another"));
      const back = textOf(edit(other, address, stamp));
      assert.equal(textOf(edit(back, address, "another")), other);
      const changed = back.split("\n").filter((line, index) => line !== other.split("\n")[index]);
      assert.equal(changed.length, 1, "another value changes one line");
    });
  }
}
