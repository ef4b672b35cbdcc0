/** The same with all kinds of workload and source, and all forms of use. */
import { describe, it } from "node:test";
import { playAndTell } from "./support/scenario.ts";
import { scenarios } from "./support/scenarios.ts";

describe("scenarios, all forms", () => {
  for (const scenario of scenarios.filter(({ id }) => ["S9", "S10", "S13"].includes(id)))
    it(`${scenario.id}: ${scenario.claim}: final configuration everywhere, no restart without a change`, () =>
      playAndTell(scenario));
});
