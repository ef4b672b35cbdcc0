/** The same with many namespaces and large objects. */
import { describe, it } from "node:test";
import { playAndTell } from "./support/scenario.ts";
import { scenarios } from "./support/scenarios.ts";

describe("scenarios, much of everything", () => {
  for (const scenario of scenarios.filter(({ id }) => ["S3", "S8"].includes(id)))
    it(`${scenario.id}: ${scenario.claim}: final configuration everywhere, no restart without a change`, () =>
      playAndTell(scenario));
});
