import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { annotationNames, type Carrier, keysOn, vocabulary } from "../../src/model/annotations.ts";
import { sourceProblems } from "../../src/snapshot/directives-source.ts";
import { unknownAnnotations } from "../../src/snapshot/directives-unknown.ts";

const found = (key: string, on: Carrier = "workload", configured = {}): string | undefined => {
  const problems = unknownAnnotations({ [key]: "true" }, configured, on);
  assert.ok(problems.length <= 1);
  return problems[0] && `${problems[0].path} ${problems[0].code} ${problems[0].message}`;
};

suite("annotations nobody reads", () => {
  test("every annotation of the vocabulary is known where it belongs", () => {
    for (const name of annotationNames) {
      for (const on of vocabulary[name].on) {
        for (const key of keysOn(on, name, {})) assert.equal(found(key, on), undefined, `${key} on ${on}`);
      }
    }
  });

  test("our stamps are known", () => {
    assert.equal(found("reroll.dev/stamp"), undefined);
    assert.equal(found("reroll.dev/git-stamp"), undefined);
  });

  for (const [written, meant] of [
    ["reloader.stakater.com/atuo", "reloader.stakater.com/auto"],
    ["configmap.reloader.stakater.com/relaod", "configmap.reloader.stakater.com/reload"],
    ["configmaps.reloader.stakater.com/reload", "configmap.reloader.stakater.com/reload"],
    ["secret.exclude.reloader.stakater.com/reload", "secrets.exclude.reloader.stakater.com/reload"],
    ["reroll.dev/restartedat", "reroll.dev/restarted-at"],
  ] as const) {
    test(`${written} is a misspelling of ${meant}`, () => {
      assert.match(found(written) ?? "", new RegExp(`annotation-unknown .*did you mean ${meant}\\?$`));
    });
  }

  test("what is near nothing is unknown, without a guess", () => {
    const problem = found("reloader.stakater.com/cronjob-reload-strategy") ?? "";
    assert.match(problem, /annotation-unknown/);
    assert.doesNotMatch(problem, /did you mean/);
  });

  for (const [key, on, where] of [
    ["reloader.stakater.com/ignore", "workload", "ConfigMaps, Secrets and SecretProviderClasses"],
    ["reloader.stakater.com/auto", "source", "workloads and their pod templates"],
    ["reroll.dev/per-key", "source", "workloads and their pod templates"],
  ] as const) {
    test(`${key} on a ${on} stands on the wrong object`, () => {
      assert.match(found(key, on) ?? "", new RegExp(`annotation-misplaced .*${where}`));
    });
  }

  test("match is known on sources and on workloads", () => {
    assert.equal(found("reloader.stakater.com/match", "source"), undefined);
    assert.equal(found("reloader.stakater.com/match", "workload"), undefined);
  });

  test("a key that the configuration put out of use says which one is read", () => {
    const configured = { auto: "example.com/reload" };
    assert.match(found("reloader.stakater.com/auto", "workload", configured) ?? "", /reads example\.com\/reload/);
    assert.equal(found("example.com/reload", "workload", configured), undefined);
  });

  test("annotations of other domains are nobody's business", () => {
    for (const key of ["example.com/auto", "auto", "notreloader.stakater.com/auto", "reroll.development/x", "/"]) {
      assert.equal(found(key), undefined, key);
    }
  });
});

suite("annotations of a source", () => {
  const codes = (annotations: Record<string, string>): string[] =>
    sourceProblems(annotations, {}).map(({ code, path }) => `${code} ${path}`);

  test("true, false and nothing are understood", () => {
    for (const value of ["true", "false", ""]) assert.deepEqual(codes({ "reloader.stakater.com/ignore": value }), []);
  });
  test("anything else counts as false, and says so", () => {
    assert.deepEqual(codes({ "reloader.stakater.com/ignore": "True", "reroll.dev/match": "configmap" }), [
      "annotation-invalid-value reloader.stakater.com/ignore",
      "annotation-invalid-value reroll.dev/match",
    ]);
  });
  test("what is only read on workloads is out of place, what is misspelt unknown", () => {
    assert.deepEqual(codes({ "reloader.stakater.com/auto": "true", "reloader.stakater.com/ingore": "true" }), [
      "annotation-misplaced reloader.stakater.com/auto",
      "annotation-unknown reloader.stakater.com/ingore",
    ]);
  });
  test("two keys that disagree are a problem of the one that is not read", () => {
    assert.deepEqual(codes({ "reloader.stakater.com/ignore": "true", "reroll.dev/ignore": "false" }), [
      "annotation-conflict reloader.stakater.com/ignore",
    ]);
  });
});
