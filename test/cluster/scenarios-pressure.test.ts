/** The same, as fast as it can be written. */
import { describe, it } from "node:test";
import { playAndTell } from "./support/scenario.ts";
import { scenarios } from "./support/scenarios.ts";

describe("scenarios, pressure", () => {
  for (const scenario of scenarios.filter(({ id }) => ["S4", "S7"].includes(id)))
    it(`${scenario.id}: ${scenario.claim}: final configuration everywhere, no restart without a change`, () =>
      playAndTell(scenario));
});
