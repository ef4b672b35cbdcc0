import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client, Target } from "./target.ts";

export function discovery(target: () => Target, _client: () => Client): void {
  const ask = (path: string) => target().request("GET", path);

  test("a group and version lists the resources that are served, by their plural", async () => {
    for (const [path, groupVersion, plural] of [
      ["/api/v1", "v1", "configmaps"],
      ["/apis/apps/v1", "apps/v1", "deployments"],
      ["/apis/batch/v1", "batch/v1", "cronjobs"],
    ] as const) {
      const { status, body } = await ask(path);
      assert.deepEqual([status, body.kind, body.groupVersion], [200, "APIResourceList", groupVersion]);
      const names = (body.resources as { name: string }[]).map(({ name }) => name);
      assert.ok(names.includes(plural), path);
      assert.ok(!names.includes("things"), path);
    }
  });

  test("an unknown group, and an unknown version of a known one, are a 404", async () => {
    for (const path of ["/apis/no.such.group/v1", "/apis/apps/v9", "/api/v9"])
      assert.equal((await ask(path)).status, 404, path);
  });
}
