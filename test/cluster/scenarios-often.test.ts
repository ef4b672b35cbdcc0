/** Somebody keeps writing while runs come and go: many writes. */
import { describe, it } from "node:test";
import { playAndTell } from "./support/scenario.ts";
import { scenarios } from "./support/scenarios.ts";

describe("scenarios, many writes", () => {
  for (const scenario of scenarios.filter(({ id }) => ["S1", "S2"].includes(id)))
    it(`${scenario.id}: ${scenario.claim}: final configuration everywhere, no restart without a change`, () =>
      playAndTell(scenario));
});
