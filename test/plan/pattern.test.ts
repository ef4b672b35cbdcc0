import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { namedListIssues } from "../../src/plan/match-issues.ts";
import { anchoringDiffers, literalName, matches, patternError, patternLimit } from "../../src/plan/pattern.ts";
import { readDirectives } from "../../src/snapshot/directives.ts";
import { testPolicy } from "../support/policy.ts";

suite("patterns", () => {
  test("a plain name matches itself and nothing longer", () => {
    assert.equal(matches("web", "web", "grouped"), true);
    assert.equal(matches("web", "web-config", "grouped"), false);
    assert.equal(matches("web", "my-web", "grouped"), false);
  });

  test("ungrouped alternatives bind to the outer anchors, as Stakater Reloader reads them", () => {
    const found = ["a", "a-x", "x-b", "b", "x"].filter((name) => matches("a|b", name, "stakater"));
    assert.deepEqual(found, ["a", "a-x", "x-b", "b"]);
    assert.deepEqual(
      ["a", "a-x", "x-b", "b", "x"].filter((name) => anchoringDiffers("a|b", name)),
      ["a-x", "x-b"],
    );
  });

  test("a longer alternative is found although a shorter one matches first", () => {
    assert.equal(matches("a|ab", "ab", "grouped"), true);
  });

  for (const pattern of ["*", "a(?=b)", "(a)\\1", "a)(b", "[z-a]", "x{1001}", "a".repeat(patternLimit + 1)]) {
    test(`${pattern.slice(0, 20)} cannot be used, and matches nothing`, () => {
      assert.ok(patternError(pattern));
      for (const anchoring of ["grouped", "stakater"] as const) assert.equal(matches(pattern, "a", anchoring), false);
    });
  }

  test("a pattern that backtracking engines take for ever on answers at once", () => {
    const started = performance.now();
    for (const pattern of ["(a+)+$", "(a*)*b", "(a|aa)+c", `${"a?".repeat(60)}${"a".repeat(60)}`]) {
      assert.equal(matches(pattern, `${"a".repeat(252)}!`, "grouped"), false);
    }
    // Backtracking would take longer than the age of the universe; any finite bound tells the two apart.
    assert.ok(performance.now() - started < 5_000);
  });

  test("an object name stands for itself; anything else is a real pattern", () => {
    for (const name of ["web", "app.conf", "a-b.c", "0"]) assert.equal(literalName(name), name);
    for (const pattern of ["web-.*", "Web", "a|b", "", "-web", "web.", "a b"])
      assert.equal(literalName(pattern), undefined);
  });

  test("every object name matches itself, whichever the anchoring", () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, (each) => {
        assert.equal(matches(each, each, "grouped"), true);
        assert.equal(matches(each, each, "stakater"), true);
        assert.equal(literalName(each), each);
      }),
    );
  });

  test("a whole match is also a match the way Stakater anchors", () => {
    const atom = fc.constantFrom("a", "b", ".", "a|b", "(a|ab)", "[ab]", "a*", "b+", "|");
    const pattern = fc.array(atom, { maxLength: 4 }).map((atoms) => atoms.join(""));
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab]{0,5}$/), (each, name) => {
        if (matches(each, name, "grouped")) assert.equal(matches(each, name, "stakater"), true);
      }),
    );
  });
});

suite("issues of named lists", () => {
  const list = "configmap.reloader.stakater.com/reload";
  const issues = (value: string, ...names: string[]): ReturnType<typeof namedListIssues> => {
    const ref = { kind: "Deployment", namespace: "shop", name: "web" };
    const sources = names.map((name) => ({ ref: { kind: "ConfigMap" as const, namespace: "shop", name } }));
    const elsewhere = { ref: { kind: "ConfigMap" as const, namespace: "other", name: "a-elsewhere" } };
    const directives = readDirectives({ [list]: value }, {}, {});
    return namedListIssues({ ref, directives }, [...sources, elsewhere].values(), testPolicy());
  };

  test("an invalid pattern is reported once, where it stands, with what to do", () => {
    const [issue, ...more] = issues("*, web, *", "web", "api");
    assert.equal(more.length, 0);
    assert.equal(issue?.path, `Deployment/shop/web ${list}`);
    assert.match(issue?.message ?? "", /"\*".*missing argument.*\.\*/);
  });

  test("sources that Stakater would name and we do not are listed, those of other namespaces not", () => {
    const [issue, ...more] = issues("a|b", "a", "b", "x-b", "a-3", "a-2", "a-1", "c");
    assert.equal(more.length, 0);
    assert.equal(issue?.code, "anchoring-differs");
    assert.match(issue?.message ?? "", /ConfigMap a-1, a-2, a-3 and 1 more is not named here, but is by Stakater/);
  });

  test("every pattern is looked at, each with its own issue", () => {
    assert.deepEqual(
      issues("a|b, c|d, *", "x-b", "x-d").map(({ code }) => code),
      ["anchoring-differs", "anchoring-differs", "invalid-pattern"],
    );
  });

  test("no source that would be decided otherwise, no issue", () => {
    assert.deepEqual(issues("a|b", "a", "b", "c"), []);
  });
});
