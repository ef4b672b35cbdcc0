/** The same with workloads that come and go, a killed run, and what people annotate. */
import { describe, it } from "node:test";
import { playAndTell } from "./support/scenario.ts";
import { scenarios } from "./support/scenarios.ts";

describe("scenarios, troubled", () => {
  for (const scenario of scenarios.filter(({ id }) => ["S5", "S6", "S11"].includes(id)))
    it(`${scenario.id}: ${scenario.claim}: final configuration everywhere, no restart without a change`, () =>
      playAndTell(scenario));
});
