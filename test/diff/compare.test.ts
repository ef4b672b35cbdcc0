import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { WatchedKeys } from "../../src/model/source.ts";
import { createDigester } from "../../src/snapshot/digest.ts";
import { absent, aWorkload, podsOf, present, Runs, standings, start, unobserved, use } from "../support/comparing.ts";
import { testDigester, testKeys } from "../support/digester.ts";

const minute = 60_000;
const uses = (...names: string[]) => names.map((name) => use(name));
const web = aWorkload({ uses: uses("x") });
/** Pods from long ago, and a label that somebody put on the source since. */
const old = podsOf(start - 10 * minute);
const later = { lastWrite: start };

function known(sources: Parameters<Runs["run"]>[0]["sources"], workload = web): Runs {
  const runs = new Runs();
  runs.run({ workload, sources, pods: old });
  return runs;
}

describe("a source that is asked for newly, while the template uses what it used", () => {
  test("named by a list, and never looked at before: taken as it is", () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const sources = {
      x: present("x", { a: "1" }),
      y: { sight: present("y", { a: "1" }, later), used: false },
    };
    assert.deepEqual(standings(runs.run({ workload: web, sources, pods: old })), ["x unchanged", "y adopted"]);
  });

  test("named by a list in an annotation of a Deployment, which raises its generation: taken as it is", () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const workload = aWorkload({ uses: uses("x"), generation: 2 });
    const sources = { x: present("x", { a: "1" }), y: { sight: present("y", { a: "1" }, later), used: false } };
    assert.deepEqual(standings(runs.run({ workload, sources, pods: old })), ["x unchanged", "y adopted"]);
  });

  test("all keys instead of some, after the workload was scaled: taken as it is", () => {
    const one: WatchedKeys = ["a"];
    const template = [use("x", one)];
    const runs = known({ x: { sight: present("x", { a: "1", b: "1" }), keys: one } }, aWorkload({ uses: template }));
    const scaled = aWorkload({ uses: template, generation: 7 });
    const whole = { x: present("x", { a: "1", b: "1" }, later) };
    assert.deepEqual(standings(runs.compare({ workload: scaled, sources: whole, pods: old })), ["x adopted"]);
  });

  test("a key that is asked for newly and moved since the last snapshot: due", () => {
    const one: WatchedKeys = ["a"];
    const runs = known({ x: { sight: present("x", { a: "1", b: "1" }), keys: one } });
    const whole = { x: present("x", { a: "1", b: "2" }, later) };
    assert.deepEqual(standings(runs.compare({ workload: web, sources: whole, pods: old })), ["x due"]);
  });

  test("matched by a pattern since a run that could not list it: nothing without on-create, due with it", () => {
    const runs = new Runs();
    runs.run({ workload: web, sources: { x: present("x", { a: "1" }) }, pods: old, at: start });
    const appeared = present("y", { a: "1" }, { createdAt: start - 1 });
    const sources = { x: present("x", { a: "1" }), y: { sight: appeared, byPattern: true } };
    assert.deepEqual(standings(runs.compare({ workload: web, sources, pods: old })), ["x unchanged", "y adopted"]);
    const created = { x: sources.x, y: { sight: present("y", { a: "1" }, { createdAt: start + 1 }), byPattern: true } };
    const rules = { reloadOnCreate: true };
    assert.deepEqual(standings(runs.compare({ workload: web, sources: created, pods: old, rules })), [
      "x unchanged",
      "y due",
    ]);
  });

  test("matched by a pattern, and only a stamp remembers the workload: taken as it is", () => {
    const workload = aWorkload({ stamps: { direct: "c0000001 ConfigMap/x=unknown", git: undefined } });
    const sources = { y: { sight: present("y", { a: "1" }, later), byPattern: true } };
    assert.deepEqual(standings(new Runs().compare({ workload, sources, pods: old })), ["y adopted"]);
  });
});

describe("a template that uses something newly", () => {
  const both = aWorkload({ uses: uses("x", "y"), generation: 2 });

  test("pods older than its last write: due; younger: fresh", () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const sources = { x: present("x", { a: "1" }), y: present("y", { a: "1" }, later) };
    const at = (pods: number) => standings(runs.compare({ workload: both, sources, pods: podsOf(pods) }))[1];
    assert.deepEqual([at(start - minute), at(start + minute)], ["y due", "y fresh"]);
  });

  test("that could not be read then, and changed after its pods had started: due as soon as it can be read", () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const pods = podsOf(start + minute);
    const x = present("x", { a: "1" });
    runs.run({ workload: both, sources: { x, y: unobserved }, pods });
    const changed = present("y", { a: "2" }, { lastWrite: start + 2 * minute });
    assert.deepEqual(standings(runs.compare({ workload: both, sources: { x, y: changed }, pods }))[1], "y due");
    const quiet = present("y", { a: "2" }, { lastWrite: start });
    assert.deepEqual(standings(runs.compare({ workload: both, sources: { x, y: quiet }, pods }))[1], "y fresh");
  });

  test("the same, with nothing but a stamp to tell that the workload is known", () => {
    const stamped = aWorkload({ uses: uses("y"), stamps: { direct: "c0000001", git: undefined } });
    const runs = new Runs();
    const pods = podsOf(start + minute);
    runs.run({ workload: stamped, sources: { y: unobserved }, pods });
    const changed = present("y", { a: "2" }, { lastWrite: start + 2 * minute });
    assert.deepEqual(standings(runs.compare({ workload: stamped, sources: { y: changed }, pods })), ["y due"]);
  });
});

describe("a source nobody could read when its workload was seen for the first time", () => {
  const seen = () => {
    const runs = new Runs();
    runs.run({ workload: web, sources: { x: unobserved }, pods: old });
    return runs;
  };

  test("is adopted once it can be read, and named where pods may be stale", () => {
    const comparison = seen().compare({ workload: web, sources: { x: present("x", { a: "1" }) }, pods: old });
    assert.deepEqual([standings(comparison), comparison.maybeStale.length], [["x adopted"], 1]);
  });

  test("is due with catch-up where a pod is older than its last write", () => {
    const rules = { catchUp: true };
    const look = { workload: web, sources: { x: present("x", { a: "1" }) }, rules };
    assert.deepEqual(standings(seen().compare({ ...look, pods: old })), ["x due"]);
    assert.deepEqual(standings(seen().compare({ ...look, pods: podsOf(start) })), ["x adopted"]);
  });

  test("is due where the snapshot of another workload shows that it moved since", () => {
    const runs = known({ x: present("x", { a: "1" }), y: present("y", { a: "1" }) });
    const workload = aWorkload({
      uid: "uid-other",
      uses: uses("x"),
      stamps: { direct: "c0000001 ConfigMap/x=unknown", git: undefined },
    });
    const moved = present("x", { a: "2" }, later);
    assert.deepEqual(standings(runs.compare({ workload, sources: { x: moved }, pods: old })), ["x due"]);
    assert.deepEqual(
      standings(runs.compare({ workload, sources: { x: present("x", { a: "1" }, later) }, pods: old })),
      ["x adopted"],
    );
  });
});

describe("pods that are being replaced", () => {
  const changed = { x: present("x", { a: "2" }, { lastWrite: start }) };
  const mixed = { oldest: start - 10 * minute, oldestCurrent: start + minute, created: [] };

  const owing = () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const because = runs
      .compare({ workload: web, sources: changed, pods: mixed })
      .sources.flatMap((each) => each.change ?? []);
    const pending = { since: new Date(start).toISOString(), reason: "verifying" as const, because };
    runs.run({ workload: web, sources: changed, pods: mixed, done: { pending } });
    return runs;
  };

  test("new ones are fresh, old ones still run: under way, and not taken as rolled out before the old ones are gone", () => {
    const during = known({ x: present("x", { a: "1" }) }).compare({ workload: web, sources: changed, pods: mixed });
    assert.deepEqual([standings(during), during.underWay], [["x due"], true]);
    const after = owing().compare({ workload: web, sources: changed, pods: podsOf(start + minute) });
    assert.deepEqual(standings(after), ["x fresh"]);
  });

  test("the content goes back before the old ones are gone: the new ones run with what it was meanwhile, so it is due", () => {
    const back = { x: present("x", { a: "1" }, { lastWrite: start + 2 * minute }) };
    assert.deepEqual(standings(owing().compare({ workload: web, sources: back, pods: podsOf(start + minute) })), [
      "x due",
    ]);
  });

  test("the rollout is undone, so that the old pods stay: due", () => {
    const runs = owing();
    const undone = aWorkload({ uses: uses("x"), generation: 3 });
    assert.deepEqual(standings(runs.compare({ workload: undone, sources: changed, pods: old })), ["x due"]);
  });

  test("they are replaced by hand (OnDelete): the new ones are enough", () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const workload = aWorkload({ uses: uses("x"), manual: "OnDelete" });
    assert.deepEqual(standings(runs.compare({ workload, sources: changed, pods: mixed })), ["x fresh"]);
  });
});

describe("our stamp is gone from the template", () => {
  const ours = { direct: "c0000001 ConfigMap/x=unknown", git: undefined };
  const changed = { x: present("x", { a: "2" }, { lastWrite: start }) };
  /** The source changed, the run that restarted for it was at `start + 1 min`, its pods came right after. */
  const restarted = () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const done = { patched: { mode: "direct" as const, stamp: ours.direct, generation: 2 } };
    runs.run({ workload: web, sources: changed, pods: old, done, at: start + minute });
    return runs;
  };
  const bare = aWorkload({ uses: uses("x"), generation: 3 });

  test("somebody reset it, and every pod is new: nothing, whatever was written on the source since", () => {
    const labelled = { x: present("x", { a: "2" }, { lastWrite: start + 10 * minute }) };
    const comparison = restarted().compare({ workload: bare, sources: labelled, pods: podsOf(start + 5 * minute) });
    assert.deepEqual([comparison.origin, standings(comparison)], ["stripped", ["x unchanged"]]);
  });

  test("the restart was undone before its old pods were gone, so they run with the old content: due, and owed until done", () => {
    const runs = restarted();
    const undone = runs.compare({ workload: bare, sources: changed, pods: old });
    assert.deepEqual([undone.origin, standings(undone)], ["stripped", ["x due"]]);
    const because = undone.sources.flatMap(({ change }) => change ?? []);
    const pending = { since: new Date(start).toISOString(), reason: "paused" as const, because };
    runs.run({ workload: bare, sources: changed, pods: old, done: { pending } });
    assert.deepEqual(standings(runs.compare({ workload: bare, sources: changed, pods: old })), ["x due"]);
  });

  test("nobody could look at its pods: owed until somebody can", () => {
    const runs = restarted();
    assert.equal(runs.compare({ workload: bare, sources: changed, pods: undefined }).needsPods, true);
  });
});

describe("a source that is gone", () => {
  const rules = { reloadOnDelete: true };

  test("is due with on-delete, and once only", () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const look = { workload: web, sources: { x: absent }, rules };
    assert.deepEqual(standings(runs.compare(look)), ["x due"]);
    runs.run({ ...look, done: { patched: { mode: "direct", stamp: "c0000001 ConfigMap/x=absent", generation: 2 } } });
    const stamped = aWorkload({
      uses: uses("x"),
      generation: 2,
      stamps: { direct: "c0000001 ConfigMap/x=absent", git: undefined },
    });
    assert.deepEqual(standings(runs.compare({ ...look, workload: stamped })), ["x kept-absent"]);
  });

  test("is not due because on-delete is switched on later, and is compared by content when it comes back", () => {
    const runs = known({ x: present("x", { a: "1" }) });
    runs.run({ workload: web, sources: { x: absent } });
    runs.run({ workload: web, sources: { x: unobserved } });
    assert.deepEqual(standings(runs.run({ workload: web, sources: { x: absent }, rules })), ["x kept-absent"]);
    const back = (value: string) =>
      standings(runs.compare({ workload: web, sources: { x: present("x", { a: value }) }, pods: old }));
    assert.deepEqual([back("1"), back("2")], [["x unchanged"], ["x due"]]);
    runs.run({ workload: web, sources: { x: present("x", { a: "1" }) }, pods: old });
    assert.deepEqual(standings(runs.compare({ workload: web, sources: { x: absent }, rules })), ["x due"], "gone anew");
  });
});

test("a rollout that was undone, back to a stamp from before a source was used: due, unless pods are fresh", () => {
  const both = { x: present("x", { a: "1" }), y: present("y", { a: "1" }, later) };
  const { currentId } = testDigester;
  const digests = both.x.is === "present" ? both.x.source.digests.get(currentId) : undefined;
  const stamp = `${currentId} ConfigMap/x=${testDigester.combine(currentId, digests ?? {}, "*")}.*`;
  const workload = aWorkload({ uses: uses("x", "y") });
  const undone = aWorkload({ uses: uses("x", "y"), generation: 3, stamps: { direct: stamp, git: undefined } });
  const told = (pods: ReturnType<typeof podsOf>) => {
    const runs = new Runs();
    runs.run({ workload, sources: both, pods: old });
    return standings(runs.compare({ workload: undone, sources: both, pods }));
  };
  assert.deepEqual(told(old), ["x unchanged", "y due"]);
  assert.deepEqual(told(podsOf(start + 5 * minute)), ["x unchanged", "y adopted"]);
});

describe("a digest key that is gone", () => {
  const lost = createDigester([{ id: "c0000003", bytes: new Uint8Array(32).fill(3) }]);

  test("and keys that are asked for newly: nothing can be compared, so nothing is due", () => {
    const runs = known({ x: { sight: present("x", { a: "1", b: "1" }), keys: ["a"] } });
    const now = present("x", { a: "1", b: "1" }, { ...later, digester: lost });
    const rules = { digester: lost };
    assert.deepEqual(standings(runs.compare({ workload: web, sources: { x: now }, pods: old, rules })), ["x key-lost"]);
    const sources = { x: now, y: { sight: present("y", { a: "1" }, { ...later, digester: lost }), used: false } };
    assert.deepEqual(standings(runs.compare({ workload: web, sources, pods: old, rules }))[1], "y adopted");
  });

  test("names of keys still tell that one was removed, so pods that began since are not fresh", () => {
    const runs = known({ x: present("x", { a: "1", b: "1" }) });
    const now = present("x", { a: "1" }, { digester: lost });
    const both = aWorkload({
      uses: uses("x", "y"),
      generation: 2,
      uid: "uid-2",
      stamps: { direct: "c0000003", git: undefined },
    });
    const look = { workload: both, sources: { x: now }, pods: podsOf(start + minute), rules: { digester: lost } };
    assert.deepEqual(standings(runs.compare(look)), ["x due"]);
  });
});

describe("a stamp that holds one digest over all sources", () => {
  const names = Array.from({ length: 60 }, (_, index) => `source-with-a-long-name-${index}`);
  const data = (value: string) => Object.fromEntries(names.map((name) => [name, present(name, { a: value }, later)]));
  const sealed = (sources: Record<string, ReturnType<typeof present>>, digester = testDigester) => {
    const entries = Object.entries(sources).map(([name, sight]) => {
      const digests = sight.is === "present" ? sight.source.digests.get(digester.currentId) : undefined;
      const digest = digests && digester.combine(digester.currentId, digests, "*");
      return `ConfigMap/${name}=${digest ? `${digest}.*` : "absent"}`;
    });
    const seal = digester.seal(digester.currentId, entries);
    return `${digester.currentId} ${entries.length}-sources=${seal?.digest}.${seal?.shape}`;
  };

  test("and no state: equal sources are unchanged, others due unless pods are fresh", () => {
    const workload = aWorkload({ stamps: { direct: sealed(data("1")), git: undefined } });
    const same = new Runs().compare({ workload, sources: data("1"), pods: old });
    assert.deepEqual(new Set(same.sources.map(({ standing }) => standing)), new Set(["unchanged"]));
    const [first = ""] = names;
    const one = { ...data("1"), [first]: present(first, { a: "2" }, later) };
    const moved = new Runs().compare({ workload, sources: one, pods: old });
    assert.ok(moved.sources.some(({ standing }) => standing === "due"));
  });

  test("written by a run that was killed, while one source could not be read and one is gone: nothing restarts twice", () => {
    const [first = "", second = "", third = ""] = names;
    const before = data("1");
    const runs = known(before);
    // The run that was killed saw the third one change and lose a key, and knew the first two from its record only.
    const blind = { ...before, [first]: unobserved, [second]: absent, [third]: present(third, {}, later) };
    const stamped = { ...before, [third]: blind[third] as ReturnType<typeof present> };
    const workload = aWorkload({ generation: 2, stamps: { direct: sealed(stamped), git: undefined } });
    const again = runs.compare({ workload, sources: blind, pods: podsOf(start + minute) });
    assert.deepEqual(
      new Set(again.sources.map(({ standing }) => standing)),
      new Set(["unchanged", "kept-unobserved", "kept-absent"]),
    );
  });

  describe("and a record of another template, as where a rollout was undone before the next run", () => {
    // The record knows content 1 and its stamp; live again is the template before that, which was rolled out with something else.
    const undone = aWorkload({ generation: 2, stamps: { direct: sealed(data("0")), git: undefined } });
    const told = (sources: Parameters<Runs["compare"]>[0]["sources"], pods: ReturnType<typeof podsOf>) =>
      new Set(
        known(data("1"))
          .compare({ workload: undone, sources, pods })
          .sources.map(({ standing }) => standing),
      );

    test("the stamp counts, and not the record: due, unless pods are fresh", () => {
      assert.deepEqual(told(data("1"), old), new Set(["due"]));
      assert.deepEqual(told(data("1"), podsOf(start + 5 * minute)), new Set(["fresh"]));
    });

    test("of other sources or keys it tells nothing: the record counts", () => {
      const [first = "", ...rest] = names;
      const fewer = Object.fromEntries(rest.map((name) => [name, present(name, { a: "1" }, later)]));
      assert.deepEqual(told(fewer, old), new Set(["unchanged"]));
      const blind = { ...data("1"), [first]: unobserved };
      assert.deepEqual(told(blind, old), new Set(["unchanged", "kept-unobserved"]));
      const sight = present(first, { a: "1" }, later);
      const byKey = { ...data("1"), [first]: { sight, keys: ["a"], used: false } };
      assert.deepEqual(told(byKey, old), new Set(["unchanged"]));
    });
  });

  test("made with a retired digest key: still comparable", () => {
    const rotated = createDigester([testKeys[1], testKeys[0]]);
    const workload = aWorkload({ stamps: { direct: sealed(data("1")), git: undefined } });
    const keyIds = [testKeys[1].id, testKeys[0].id];
    const sources = Object.fromEntries(
      names.map((name) => [name, present(name, { a: "1" }, { ...later, digester: rotated, keyIds })]),
    );
    const same = new Runs().compare({ workload, sources, pods: old, rules: { digester: rotated } });
    assert.deepEqual(new Set(same.sources.map(({ standing }) => standing)), new Set(["unchanged"]));
  });

  test("and no state, while a source cannot be read: nothing is decided from a seal that cannot be compared", () => {
    const [first = ""] = names;
    const workload = aWorkload({ stamps: { direct: sealed(data("1")), git: undefined } });
    const runs = new Runs();
    const blind = runs.run({ workload, sources: { ...data("2"), [first]: unobserved }, pods: old });
    assert.deepEqual(new Set(blind.sources.map(({ standing }) => standing)), new Set(["kept-unobserved"]));
    assert.equal(runs.record, undefined, "and nothing is remembered that would hide it later");
    const seen = runs.compare({ workload, sources: data("2"), pods: old });
    assert.deepEqual(new Set(seen.sources.map(({ standing }) => standing)), new Set(["due"]));
  });
});

describe("a restart is owed, and the content goes back to what was rolled out", () => {
  /** Owed since `start`. */
  const owing = () => {
    const runs = known({ x: present("x", { a: "1" }) });
    const change = {
      source: { kind: "ConfigMap" as const, namespace: "shop", name: "x" },
      change: "modified" as const,
      keys: ["a"],
    };
    const pending = { since: new Date(start).toISOString(), reason: "paused" as const, because: [change] };
    runs.run({ workload: web, sources: { x: present("x", { a: "2" }) }, pods: old, done: { pending } });
    return runs;
  };
  const back = { x: present("x", { a: "1" }, { lastWrite: start + 5 * minute }) };
  const podsAt = (...created: number[]) => ({ oldest: created[0], oldestCurrent: created[0], created });
  const standing = (...created: number[]) =>
    standings(owing().compare({ workload: web, sources: back, pods: podsAt(...created) }));

  test("no pod started meanwhile: cancelled, also where one started after it was back", () => {
    assert.deepEqual(standing(start - minute), ["x reverted"]);
    assert.deepEqual(standing(start - minute, start + 6 * minute), ["x reverted"]);
  });

  test("a pod started meanwhile and runs with what it was then: due", () => {
    assert.deepEqual(standing(start - minute, start + minute), ["x due"]);
  });

  test("nobody could look at the pods: owed still", () => {
    const comparison = owing().compare({ workload: web, sources: back, pods: undefined });
    assert.deepEqual([standings(comparison), comparison.needsPods], [["x due"], true]);
  });
});

describe("what was owed keeps its name", () => {
  test("a source that was added, and whose restart failed, was added still", () => {
    const runs = known({ x: absent });
    const sources = { x: present("x", { a: "1" }, later) };
    const rules = { reloadOnCreate: true };
    const first = runs.compare({ workload: web, sources, pods: old, rules });
    const because = first.sources.flatMap(({ change }) => change ?? []);
    const pending = { since: new Date(start).toISOString(), reason: "failed" as const, because };
    runs.run({ workload: web, sources, pods: old, rules, done: { pending } });
    const next = runs.compare({ workload: web, sources, pods: old });
    assert.deepEqual([standings(next), next.sources[0]?.change?.change], [["x due"], "added"]);
  });
});
