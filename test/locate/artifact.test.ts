import assert from "node:assert/strict";
import { test } from "node:test";
import { type SourceFacts, wholeSource } from "../../src/locate/artifact.ts";
import { find } from "../../src/locate/find.ts";
import { readerOf } from "../../src/locate/reader.ts";
import { walk } from "../../src/locate/walk.ts";
import { memoryTree } from "../support/folder-tree.ts";
import { deployment, facts } from "../support/walked.ts";

const files = {
  "apps/kustomization.yaml": "resources: [web.yaml, ../other]\n",
  "apps/web.yaml": deployment("web"),
  "other/kustomization.yaml": "resources: [db.yaml]\n",
  "other/db.yaml": deployment("db"),
};

function seen(source: Partial<SourceFacts>, more: Record<string, string> = {}) {
  const result = walk(readerOf(memoryTree({ ...files, ...more })), facts("apps"), { ...wholeSource, ...source });
  if ("code" in result) return result.code;
  const found = find(result, { group: "apps", kind: "Deployment", namespace: "flux-system", name: "db" });
  return "code" in found ? found.code : found.path;
}

test("what Flux does not fetch defines nothing", () => {
  const include = [{ repository: "shared", fromPath: "deploy", toPath: "other" }];
  const rows: [Partial<SourceFacts>, Record<string, string>, string][] = [
    [{}, {}, "other/db.yaml"],
    [{ ignore: "/other/" }, {}, "NOT_IN_ARTIFACT"],
    [{ ignore: "/*\n!/apps\n" }, {}, "NOT_IN_ARTIFACT"],
    [{ ignore: "/*\n!/apps\n!/other\n" }, {}, "other/db.yaml"],
    [{}, { ".sourceignore": "# no databases\ndb.yaml\r\n" }, "NOT_IN_ARTIFACT"],
    [{}, { "other/.sourceignore": "/db.yaml\n" }, "NOT_IN_ARTIFACT"],
    [{}, { "other/.sourceignore": "apps/db.yaml\n" }, "other/db.yaml"],
    [{}, { "apps/.sourceignore": "db.yaml\n" }, "other/db.yaml"],
    [{ ignore: "!db.yaml" }, { ".sourceignore": "db.yaml\n" }, "other/db.yaml"],
    [{ sparseCheckout: ["apps"] }, {}, "NOT_IN_ARTIFACT"],
    [{ sparseCheckout: ["./apps", "other/"] }, {}, "other/db.yaml"],
    [{ include }, {}, "INCLUDED"],
  ];
  for (const [source, more, code] of rows) assert.equal(seen(source, more), code, JSON.stringify([source, more]));
});

test("an ignored path of the Flux Kustomization is said to be", () => {
  assert.equal(seen({ ignore: "/apps/" }), "NOT_IN_ARTIFACT");
  assert.equal(seen({ sparseCheckout: ["other"] }), "NOT_IN_ARTIFACT");
});

test("a folder without a kustomization lists neither links nor ignored files", () => {
  const tree = memoryTree({
    ...{ "apps/a.yaml": deployment("a"), "apps/b.yaml": "-> a.yaml", "apps/c.yaml": deployment("c") },
    ...{ ".sourceignore": "c.yaml\n", "apps/.sops.yaml": "kind: Deployment\nmetadata: {}\n" },
  });
  const result = walk(readerOf(tree), facts("apps"));
  assert.ok(!("code" in result));
  assert.deepEqual([result.definitions.map(({ path }) => path), result.problems], [["apps/a.yaml"], []]);
});
