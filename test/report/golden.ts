import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { suite, test } from "node:test";

const folder = new URL("../../fixtures/report/", import.meta.url);

/**
 * Compares what is rendered, byte by byte, with `fixtures/report/<claim>.txt`. With GOLDEN=write in the environment the files are
 * written instead; read the difference before it is committed.
 */
export function golden(name: string, rows: Readonly<Record<string, () => string>>): void {
  suite(name, () => {
    for (const [claim, render] of Object.entries(rows)) {
      test(claim.replaceAll("-", " "), () => {
        const file = new URL(`${claim}.txt`, folder);
        const text = render();
        if (process.env.GOLDEN === "write") writeFileSync(file, text);
        assert.ok(existsSync(file), `fixtures/report/${claim}.txt does not exist`);
        assert.equal(text, readFileSync(file, "utf8"));
      });
    }
  });
}
