import fc from "fast-check";

/** `npm run test:full` asks for more of the same: so many times what is enough for every commit. */
export const effort = Number(process.env.REROLL_TEST_EFFORT ?? 1);

/** How often a property is tried, of what is enough for every commit. */
export function runs(usual: number): number {
  return Math.ceil(usual * effort);
}

// One seed for everything that is drawn: what one test run found, another finds again.
if (process.env.REROLL_TEST_SEED)
  fc.configureGlobal({ seed: Number(process.env.REROLL_TEST_SEED), numRuns: runs(100) });
