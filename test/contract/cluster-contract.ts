/** What an API server must answer, held against the embedded one and a real kube-apiserver alike. */
import { after, before, describe } from "node:test";
import { discovery } from "./discovery.ts";
import { jobs } from "./jobs.ts";
import { ownership } from "./ownership.ts";
import { patching } from "./patching.ts";
import { reading } from "./reading.ts";
import { refusals } from "./refusals.ts";
import { rollouts } from "./rollouts.ts";
import { type Client, client, type OpenTarget, type Target } from "./target.ts";
import { trouble } from "./trouble.ts";
import { workloads } from "./workloads.ts";
import { writing } from "./writing.ts";

const chapters = { reading, writing, patching, ownership, refusals, discovery, workloads, rollouts, jobs, trouble };

/** Registers the whole suite against one target, opened once. */
export function clusterContract(name: string, open: OpenTarget): void {
  describe(`contract of the API, held by ${name}`, () => {
    let target: Target | undefined;
    let asked: Client | undefined;
    const opened = <T>(value: T | undefined): T => {
      if (value === undefined) throw new Error("the target is not open");
      return value;
    };
    before(async () => {
      target = await open();
      asked = client(target);
    });
    after(() => target?.close());
    for (const [chapter, register] of Object.entries(chapters))
      describe(chapter, () =>
        register(
          () => opened(target),
          () => opened(asked),
        ),
      );
  });
}
