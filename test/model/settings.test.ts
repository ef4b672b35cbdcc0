import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Level,
  levels,
  resolve,
  type SettingName,
  settingNames,
  settingProblem,
} from "../../src/model/settings.ts";

type Said = Partial<Record<Exclude<Level, "configuration">, string>>;

/** Configuration, what is said by level, what holds, and who decided. */
type Row = readonly [configuration: boolean, said: Said, value: boolean, level: Level];

/** What decides by strength alone, the same for each of them. */
const strongest: readonly Row[] = [
  [false, {}, false, "configuration"],
  [true, {}, true, "configuration"],
  [false, { namespace: "true" }, true, "namespace"],
  [true, { namespace: "false" }, false, "namespace"],
  [false, { namespace: "true", workload: "false" }, false, "workload"],
  [true, { namespace: "false", workload: "true" }, true, "workload"],
  [true, { workload: "0" }, false, "workload"],
  [false, { namespace: "true", workload: "true", source: "false" }, false, "source"],
  [false, { workload: "false", source: "T" }, true, "source"],
  [false, { source: "1" }, true, "source"],
  // Empty is not said, at whatever level.
  [true, { namespace: "" }, true, "configuration"],
  [false, { namespace: "true", workload: "" }, true, "namespace"],
  [false, { namespace: "true", workload: "false", source: "" }, false, "workload"],
];

/** A value nobody can read counts as false. */
const invalidIsFalse: readonly Row[] = [
  [true, { namespace: "yes" }, false, "namespace"],
  [false, { namespace: "true", workload: "on" }, false, "workload"],
  [true, { workload: "true", source: " true" }, false, "source"],
];

/** A value nobody can read leaves the question to the level below. */
const invalidIsUnsaid: readonly Row[] = [
  [true, { namespace: "yes" }, true, "configuration"],
  [true, { namespace: "false", workload: "on" }, false, "namespace"],
];

/** One pause is a pause, and whatever is not clearly false is one. */
const pauses: readonly Row[] = [
  [false, {}, false, "configuration"],
  [false, { namespace: "false", workload: "false", source: "false" }, false, "source"],
  [false, { namespace: "true" }, true, "namespace"],
  [false, { workload: "true" }, true, "workload"],
  [false, { source: "true" }, true, "source"],
  [false, { namespace: "true", workload: "false", source: "0" }, true, "namespace"],
  [false, { namespace: "false", workload: "true", source: "false" }, true, "workload"],
  [false, { namespace: "soon" }, true, "namespace"],
  [false, { workload: "" }, true, "workload"],
  [false, { source: "tRUE" }, true, "source"],
  [false, { namespace: "off", workload: "false" }, true, "namespace"],
];

const table: Readonly<Record<SettingName, readonly Row[]>> = {
  auto: [...strongest, ...invalidIsFalse],
  perKey: [...strongest, ...invalidIsUnsaid],
  imagePullSecrets: [...strongest, ...invalidIsFalse],
  reloadOnCreate: [...strongest, ...invalidIsFalse],
  reloadOnDelete: [...strongest, ...invalidIsFalse],
  restartedAt: [...strongest, ...invalidIsFalse],
  paused: pauses,
};

const key = (name: SettingName, level: string) => `example.com/${name}-on-${level}`;

describe("configuration < namespace < workload < source", () => {
  for (const name of settingNames) {
    for (const [configuration, said, value, level] of table[name]) {
      const words = Object.entries(said).map(([where, text]) => `${where} ${JSON.stringify(text)}`);
      it(`${name}: ${configuration}, ${words.join(", ") || "nothing said"} is ${value} by the ${level}`, () => {
        const statements = Object.entries(said).map(([where, text]) => [
          where,
          { [name]: { key: key(name, where), value: text } },
        ]);
        const found = resolve(name, configuration, Object.fromEntries(statements));
        assert.deepEqual([found.value, found.level], [value, level]);
        assert.equal(found.by?.key, level === "configuration" ? undefined : key(name, level));
      });
    }
  }

  it("every level decides in some row of the table", () => {
    for (const name of settingNames) {
      assert.deepEqual([...new Set(table[name].map(([, , , level]) => level))].sort(), [...levels].sort(), name);
    }
  });
});

describe("a value that is neither true nor false is a problem that says what it counts as", () => {
  const counts: Readonly<Record<SettingName, readonly [invalid: RegExp, empty: RegExp]>> = {
    auto: [/counts as false/, /counts as not said/],
    perKey: [/counts as not said/, /counts as not said/],
    imagePullSecrets: [/counts as false/, /counts as not said/],
    reloadOnCreate: [/counts as false/, /counts as not said/],
    reloadOnDelete: [/counts as false/, /counts as not said/],
    restartedAt: [/counts as false/, /counts as not said/],
    paused: [/counts as paused/, /counts as paused/],
  };
  for (const name of settingNames) {
    it(name, () => {
      const [invalid, empty] = counts[name];
      assert.match(settingProblem(name, "yes")?.[1] ?? "", invalid);
      assert.match(settingProblem(name, "")?.[1] ?? "", empty);
      for (const value of ["true", "False", "1", "f"]) assert.equal(settingProblem(name, value), undefined);
    });
  }
});
