import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { createDigester } from "../../src/snapshot/digest.ts";
import { testKeys } from "../support/digester.ts";
import { runs } from "../support/effort.ts";
import { type Content, Looping, type Played } from "../support/looping.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const rotated = createDigester([testKeys[1], testKeys[0]]);

/** Runs at a steady pace, one content each; the first is the baseline. */
function play(loop: Looping, every: number, contents: readonly Content[]): Played[] {
  return contents.map((config, index) => loop.run(index * every, { config }));
}

const held = ({ pending }: Played) => pending?.reason === "quarantined";
const story = (played: readonly Played[]) =>
  played.map((each) => (each.restarted ? "restart" : (each.pending?.reason ?? "-"))).join(" ");

interface Pattern {
  readonly claim: string;
  readonly every: number;
  readonly contents: readonly Content[];
}

const times = (count: number, of: (index: number) => Content): Content[] =>
  Array.from({ length: count }, (_, i) => of(i));
const back = (count: number) => times(count, (index) => (index % 2 === 0 ? "A" : "B"));

/** What people do. */
const legitimate: readonly Pattern[] = [
  { claim: "a banner is put up and taken down twice a day", every: 6 * hour, contents: back(29) },
  { claim: "two contents take turns night by night", every: day, contents: back(30) },
  { claim: "ten different contents in an hour", every: 6 * minute, contents: times(11, (i) => `v${i}`) },
  {
    claim: "a new content every quarter of an hour for two days",
    every: 15 * minute,
    contents: times(193, (i) => `v${i}`),
  },
  { claim: "a release is taken back once", every: 5 * minute, contents: ["A", "B", "A"] },
  { claim: "a release is taken back twice", every: 5 * minute, contents: ["A", "B", "A", "B", "A"] },
  { claim: "two releases are taken back, one after the other", every: minute, contents: ["A", "B", "A", "C", "A"] },
  { claim: "hourly credentials for a week", every: hour, contents: times(169, (i) => `v${i}`) },
];

suite("what is no loop is restarted for at once", () => {
  for (const { claim, every, contents } of legitimate) {
    test(claim, () => {
      const loop = new Looping();
      const played = play(loop, every, contents);
      assert.equal(played.filter(({ restarted }) => restarted).length, contents.length - 1, story(played));
      assert.deepEqual(
        played.flatMap(({ loops }) => loops.quarantines),
        [],
      );
    });
  }
});

suite("a content that keeps coming back", () => {
  test("is held back when it comes back for the third time within a day, and stays held back while it goes on", () => {
    const loop = new Looping();
    const played = play(loop, 15 * minute, back(20));
    assert.equal(story(played.slice(0, 7)), "- restart restart restart restart restart quarantined");
    assert.equal(loop.restarts, 5);
    const [quarantine] = played[6]?.loops.quarantines ?? [];
    assert.deepEqual([quarantine?.rule, quarantine?.source, quarantine?.count], ["returns", "ConfigMap/config", 3]);
  });

  test("of three writers it is one of the three", () => {
    const loop = new Looping();
    const played = play(
      loop,
      15 * minute,
      times(14, (index) => "ABC"[index % 3] as string),
    );
    assert.equal(played.findIndex(held), 9, story(played));
  });

  test("with the returns a day apart it is none", () => {
    const loop = new Looping({ within: 8 * hour });
    const played = play(loop, 3 * hour, back(40));
    assert.ok(!played.some(held), story(played));
  });

  test("is restarted for exactly once after it has stood still, and not at all where the pods run with it", () => {
    for (const [last, restarts] of [
      ["C", 1],
      ["B", 0],
    ] as const) {
      const loop = new Looping();
      play(loop, 15 * minute, back(7));
      assert.equal(loop.restarts, 5);
      const quiet = [0, 1, 2, 3, 4, 5, 6].map((index) => loop.run(2 * hour + index * 15 * minute, { config: last }));
      assert.equal(loop.restarts - 5, restarts, story(quiet));
      const released = quiet.findIndex(({ loops }) => loops.released.length > 0);
      assert.equal(released, 4, "one hour after the last change");
      assert.equal(quiet[released]?.restarted, restarts === 1);
      assert.ok(quiet.slice(released).every(({ loops }) => loops.quarantines.length === 0));
      assert.deepEqual(loop.runs.record?.loops?.quarantines, undefined);
    }
  });

  test("may come back three times again after it was released", () => {
    const loop = new Looping();
    play(loop, 15 * minute, back(7));
    for (const at of [2, 3.5]) loop.run(at * hour, { config: "A" });
    assert.equal(loop.restarts, 6);
    const again = ["B", "A", "B", "A", "B", "A"].map((config, index) =>
      loop.run(4 * hour + index * 15 * minute, { config }),
    );
    assert.equal(story(again), "restart restart restart restart restart quarantined");
  });

  test("nothing is owed while the pods happen to run with it; the quarantine stays", () => {
    const loop = new Looping();
    const played = play(loop, 15 * minute, back(12));
    assert.equal(story(played.slice(6)), "quarantined - quarantined - quarantined -");
    assert.ok(played.slice(6).every(({ loops }) => loops.quarantines.length === 1));
  });

  test("0 switches the rule off, also while it holds something back", () => {
    const loop = new Looping({ returns: 0, restarts: 0 });
    assert.ok(!play(loop, 15 * minute, back(30)).some(held));
    assert.equal(loop.runs.record?.loops, undefined);
    const switched = new Looping();
    play(switched, 15 * minute, back(7));
    Object.assign(switched.breaker, { returns: 0 });
    assert.ok(switched.run(2 * hour, { config: "A" }).restarted);
  });

  test("being gone is a content only where that restarts the workload", () => {
    const gone = (reloadOnDelete: boolean) => {
      const loop = new Looping();
      const contents = times(20, (index) => (index % 2 === 0 ? "A" : "absent"));
      const played = contents.map((config, index) => loop.run(index * 15 * minute, { config }, { reloadOnDelete }));
      return [loop.restarts, played.some(held)];
    };
    assert.deepEqual(gone(false), [0, false]);
    assert.deepEqual(gone(true), [5, true]);
  });

  test("what nobody could look at neither comes back nor stands still", () => {
    const loop = new Looping();
    play(loop, 15 * minute, back(7));
    const blind = [2, 3, 4, 5].map((at) => loop.run(at * hour, { config: "unobserved" }));
    assert.ok(blind.every(({ loops, restarted }) => loops.quarantines.length === 1 && !restarted));
    assert.ok(loop.run(6 * hour, { config: "A" }).restarted);
  });
});

suite("several sources and keys", () => {
  test("a key that goes back and forth holds back who reads it and nobody else", () => {
    const contents = times(20, (index) => ({ noisy: String(index % 2), calm: String(Math.floor(index / 5)) }));
    const reader = new Looping({}, { config: ["noisy"] });
    const other = new Looping({}, { config: ["calm"] });
    assert.ok(play(reader, 15 * minute, contents).some(held));
    assert.equal(reader.restarts, 5);
    const calm = play(other, 15 * minute, contents);
    assert.ok(!calm.some(held));
    assert.equal(other.restarts, 3);
  });

  for (const calm of ["calm", "silent"]) {
    test(`a change of another source (${calm}) restarts at once, and what was held back is rolled out with it`, () => {
      const loop = new Looping();
      for (const [index, flapping] of ["A", "B", "A", "B", "A", "B", "A"].entries()) {
        loop.run(index * 15 * minute, { flapping, [calm]: "1" });
      }
      assert.equal(loop.restarts, 5);
      const both = loop.run(1.75 * hour, { flapping: "A", [calm]: "2" });
      assert.deepEqual(both.action?.because.map(({ source }) => source.name).sort(), [calm, "flapping"].sort());
      const after = loop.run(2 * hour, { flapping: "A", [calm]: "2" });
      assert.deepEqual([after.restarted, after.pending], [false, undefined]);
      assert.equal(loop.run(2.25 * hour, { flapping: "B", [calm]: "2" }).pending?.reason, "quarantined");
    });
  }

  test("a source that the workload does not use any more is let go", () => {
    const loop = new Looping();
    play(loop, 15 * minute, back(7));
    loop.run(2 * hour, { other: "1" });
    assert.equal(loop.runs.record?.loops?.quarantines, undefined);
    assert.equal(loop.runs.record?.loops?.trails, undefined);
  });
});

suite("a workload that is restarted too often", () => {
  const busy = (count: number) => times(count, (index) => `v${index}`);

  test("twelve times within an hour is enough; it is restarted once when its sources have stood still", () => {
    const loop = new Looping();
    const played = play(loop, 2 * minute, busy(20));
    assert.equal(loop.restarts, 12);
    assert.deepEqual(
      played[13]?.loops.quarantines.map(({ rule, source, count }) => [rule, source, count]),
      [["restarts", undefined, 12]],
    );
    assert.ok(!loop.run(38 * minute + 59 * minute, { config: "v19" }).restarted);
    assert.ok(loop.run(38 * minute + 60 * minute, { config: "v19" }).restarted);
    assert.ok(!loop.run(38 * minute + 75 * minute, { config: "v19" }).restarted);
  });

  test("what came before it was let go counts for nothing after it", () => {
    const loop = new Looping({ settle: 5 * minute });
    play(loop, 2 * minute, busy(14));
    assert.equal(loop.restarts, 12);
    assert.ok(loop.run(32 * minute, { config: "v13" }).restarted);
    assert.ok(loop.run(34 * minute, { config: "new" }).restarted);
  });

  test("a restart of a run that was killed before it could write it down counts too", () => {
    const loop = new Looping({ restarts: 3 });
    const played = times(12, (index) => `v${index}`).map((config, index) =>
      loop.run(index * minute, { config }, { killed: index % 2 === 1 }),
    );
    assert.equal(played.findIndex(held), 4, story(played));
  });

  test("0 switches the rule off", () => {
    const loop = new Looping({ restarts: 0 });
    play(loop, minute, busy(50));
    assert.equal(loop.restarts, 49);
  });
});

suite("what is lost or exchanged", () => {
  test("without the state it begins anew: nothing is held back for what nobody remembers", () => {
    const loop = new Looping();
    play(loop, 15 * minute, back(7));
    loop.runs.state = { namespaces: {} };
    assert.ok(loop.run(2 * hour, { config: "A" }).restarted, "the stamp tells that B was rolled out");
    assert.equal(loop.restarts, 6);
  });

  test("a new digest key releases nothing, trips nothing and forgets the trail", () => {
    const loop = new Looping();
    play(loop, 15 * minute, back(7));
    const first = loop.run(1.75 * hour, { config: "A" }, { digester: rotated });
    assert.equal(story([first]), "quarantined");
    const last = [2, 2.5, 3].map((at) => loop.run(at * hour, { config: "A" }, { digester: rotated }));
    assert.equal(
      story(last),
      "quarantined quarantined restart".replace("restart", last[2]?.restarted ? "restart" : "x"),
    );
    assert.equal(loop.restarts, 6, "an hour after it was last known to have changed");
  });
});

suite("what is remembered", () => {
  test("nothing of a workload whose sources do not change, and little of one whose sources change all the time", () => {
    const calm = new Looping();
    play(calm, hour, Array(30).fill("A"));
    assert.equal(calm.runs.record?.loops, undefined);
    const wild = new Looping({ restarts: 60, returns: 10, settle: 1 });
    play(
      wild,
      minute,
      times(2000, (index) => `v${index % 700}`),
    );
    assert.ok(JSON.stringify(wild.runs.record?.loops).length < 4200);
  });

  test("it is no news about the workload: the time of its record stays", () => {
    const loop = new Looping();
    play(loop, 15 * minute, back(6));
    const before = loop.runs.record?.recordedAt;
    loop.run(2 * hour, { config: "B" });
    loop.run(30 * hour, { config: "B" });
    assert.equal(loop.runs.record?.recordedAt, before);
  });
});

const step = fc.record({
  wait: fc.integer({ min: 1, max: 180 }),
  one: fc.nat({ max: 400 }),
  two: fc.nat({ max: 400 }),
  killed: fc.boolean(),
  paused: fc.boolean(),
});

test("histories without returns are planned the same with and without the breaker", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      // Each number is a content; one that was there before becomes a new one, or stays what it is.
      const fresh = () => {
        let [last, made] = [-1, 0];
        return (content: number) => {
          if (content % 3 !== 0 || last === -1) made++;
          last = content;
          return `v${made}`;
        };
      };
      const [one, two] = [fresh(), fresh()];
      const loops = [new Looping({ restarts: 60 }), new Looping({ returns: 0, restarts: 0 })] as const;
      let at = 0;
      for (const { wait, killed, paused, ...contents } of steps) {
        at += wait * minute;
        const seen = { one: one(contents.one), two: two(contents.two) };
        const [withIt, without] = loops.map((loop) => loop.run(at, seen, { killed, paused }));
        assert.deepEqual(withIt?.action, without?.action);
        assert.deepEqual(withIt?.pending, without?.pending);
      }
    }),
    { numRuns: runs(300) },
  );
});

test("whatever happens, the last content is rolled out once it has stood still, and more than five restarts without a release are no coming back", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ wait: fc.integer({ min: 1, max: 50 }), content: fc.nat({ max: 2 }) }), { maxLength: 60 }),
      (steps) => {
        const loop = new Looping({ restarts: 0, within: 7 * day });
        let at = 0;
        loop.run(at, { config: "c0" });
        for (const { wait, content } of steps) {
          at += wait * minute;
          loop.run(at, { config: `c${content}` });
        }
        // No content may be restarted for more than three times: its first, and two returns.
        assert.ok(loop.restarts <= 3 * 3, `${loop.restarts}`);
        const before = loop.restarts;
        const last = `c${steps.at(-1)?.content ?? 0}`;
        for (const more of [61, 122, 183]) loop.run(at + more * minute, { config: last });
        assert.ok(loop.restarts - before <= 1);
        assert.equal(loop.run(at + 400 * minute, { config: last }).pending, undefined);
      },
    ),
    { numRuns: runs(300) },
  );
});
