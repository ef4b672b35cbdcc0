import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused, type Client, pathOf, type Target } from "./target.ts";

export function writing(target: () => Target, client: () => Client): void {
  test("create gives 201, a uid, a resourceVersion and a creationTimestamp; again it is AlreadyExists", async () => {
    const object = { metadata: { name: "made" }, data: { a: "1" } };
    const { status, body } = await client().post("configmaps", object);
    assert.equal(status, 201);
    assert.match(body.metadata.uid, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(body.metadata.resourceVersion, /^\d+$/);
    assert.match(body.metadata.creationTimestamp ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(body.metadata.namespace, target().namespace);
    assert.equal(body.metadata.generation, undefined);
    const again = await client().post("configmaps", object);
    assertRefused(again, 409, "AlreadyExists", /^configmaps "made" already exists$/);
    assert.deepEqual(again.body.details, { name: "made", kind: "configmaps" });
  });

  test("create where the namespace is missing says so about the namespace", async () => {
    const reply = await target().request("POST", pathOf("configmaps", "no-such"), { metadata: { name: "a" } });
    assertRefused(reply, 404, "NotFound", /^namespaces "no-such" not found$/);
    assert.deepEqual(reply.body.details, { name: "no-such", kind: "namespaces" });
  });

  test("what is malformed is a 400, what is invalid a 422 that lists every cause", async () => {
    const reply = await client().post("configmaps", { metadata: { name: "A_b" }, data: { "a b": "1" } });
    assertRefused(reply, 422, "Invalid", /^ConfigMap "A_b" is invalid: \[metadata\.name: .*, data\[a b\]: /);
    const causes = reply.body.details.causes.map(({ reason, field }: Record<string, string>) => [reason, field]);
    assert.deepEqual(causes, [
      ["FieldValueInvalid", "metadata.name"],
      ["FieldValueInvalid", "data[a b]"],
    ]);
    assertRefused(
      await client().post("configmaps", { metadata: {} }),
      422,
      "Invalid",
      /metadata\.name: Required value/,
    );
    const number = await client().post("configmaps", { metadata: { name: "n" }, data: { a: 1 } });
    assertRefused(number, 400, "BadRequest", /cannot unmarshal number into Go struct field ConfigMap\.data/);
    const elsewhere = await client().post("configmaps", { metadata: { name: "n", namespace: "other" } });
    assertRefused(elsewhere, 400, "BadRequest", /does not match the namespace sent on the request/);
    const at = pathOf("configmaps", target().namespace);
    assertRefused(await target().request("POST", at, "{"), 400, "BadRequest", /must be of type ConfigMap/);
    const text = await target().request("POST", at, "{}", { "content-type": "text/plain" });
    assertRefused(text, 415, "UnsupportedMediaType");
  });

  test("more than 1 MiB is a 422", async () => {
    const data = { a: "x".repeat(600_000), b: "x".repeat(600_000) };
    const reply = await client().post("configmaps", { metadata: { name: "big" }, data });
    assertRefused(reply, 422, "Invalid", /Too long: may not be more than 1048576 bytes/);
  });

  test("stringData becomes data; the type is Opaque by default and never changes", async () => {
    const secret = { metadata: { name: "folded" }, stringData: { a: "x" }, data: { b: "eA==" } };
    const made = await client().create("secrets", secret);
    assert.deepEqual([made.data, made.stringData, made.type], [{ a: "eA==", b: "eA==" }, undefined, "Opaque"]);
    const other = await client().put("secrets", "folded", { ...secret, type: "other" });
    assertRefused(other, 422, "Invalid", /type: Invalid value: "other": field is immutable/);
    const broken = await client().post("secrets", { metadata: { name: "broken" }, data: { a: "!!" } });
    assertRefused(broken, 400, "BadRequest", /illegal base64 data/);
  });

  test("an immutable source refuses new data and stays immutable", async () => {
    await client().create("configmaps", { metadata: { name: "frozen" }, immutable: true, data: { a: "1" } });
    const data = await client().patch("configmaps", "frozen", [{ op: "replace", path: "/data/a", value: "2" }]);
    assertRefused(data, 422, "Invalid", /data: Forbidden: field is immutable when `immutable` is set/);
    const thaw = await client().patch("configmaps", "frozen", [{ op: "remove", path: "/immutable" }]);
    assertRefused(thaw, 422, "Invalid", /immutable: Forbidden/);
    await client().change("configmaps", "frozen", { metadata: { labels: { a: "1" } } }, { type: "merge" });
  });

  test("replace with an old resourceVersion is a Conflict, without one it is taken", async () => {
    const made = await client().create("configmaps", { metadata: { name: "raced" }, data: { a: "1" } });
    const second = await client().put("configmaps", "raced", { metadata: { name: "raced" }, data: { a: "2" } });
    assert.deepEqual([second.status, second.body.data], [200, { a: "2" }]);
    assert.equal(second.body.metadata.uid, made.metadata.uid);
    const stale = await client().put("configmaps", "raced", { ...made, data: { a: "3" } });
    assertRefused(stale, 409, "Conflict", /^Operation cannot be fulfilled on configmaps "raced": the object has been /);
    const { resourceVersion: _, ...metadata } = made.metadata;
    const foreign = await client().put("configmaps", "raced", { metadata: { ...metadata, uid: "another" } });
    assertRefused(foreign, 409, "Conflict", /Precondition failed: UID in precondition: another/);
    assertRefused(await client().put("configmaps", "none", { metadata: { name: "none" } }), 404, "NotFound");
    const named = await client().put("configmaps", "raced", { metadata: { name: "else" } });
    assertRefused(named, 400, "BadRequest", /the name of the object \(else\) does not match the name on the URL/);
  });

  test("a replacement that changes nothing keeps the resourceVersion", async () => {
    const made = await client().create("configmaps", { metadata: { name: "still" }, data: { a: "1" } });
    const { body } = await client().put("configmaps", "still", made, "somebody");
    assert.deepEqual(body.metadata, made.metadata);
  });

  test("a Lease is only replaced under its resourceVersion, and a PUT of an absent one makes it", async () => {
    const renewTime = "2026-01-01T00:00:00.123456Z";
    const spec = { holderIdentity: "a", leaseDurationSeconds: 60, acquireTime: renewTime, renewTime };
    const made = await client().create("leases", { metadata: { name: "lock" }, spec });
    assert.deepEqual(made.spec, spec);
    const blind = await client().put("leases", "lock", { metadata: { name: "lock" }, spec });
    assertRefused(
      blind,
      422,
      "Invalid",
      /metadata\.resourceVersion: Invalid value: 0: must be specified for an update/,
    );
    const taken = { ...made, spec: { ...spec, holderIdentity: "b" } };
    assert.equal((await client().put("leases", "lock", taken)).body.spec.holderIdentity, "b");
    assertRefused(await client().put("leases", "lock", taken), 409, "Conflict");
    assert.equal((await client().put("leases", "born", { metadata: { name: "born" }, spec: {} })).status, 201);
    const whole = { ...spec, renewTime: "2026-01-01T00:00:00Z" };
    const coarse = await client().post("leases", { metadata: { name: "coarse" }, spec: whole });
    assertRefused(coarse, 400, "BadRequest", /parsing time/);
    const forever = await client().post("leases", {
      metadata: { name: "zero" },
      spec: { leaseDurationSeconds: 0 },
    });
    assertRefused(forever, 422, "Invalid", /must be greater than 0/);
  });

  test("delete answers with a Status that names the uid, under preconditions", async () => {
    const { metadata } = await client().create("configmaps", { metadata: { name: "gone" } });
    for (const preconditions of [{ uid: "other" }, { resourceVersion: "1" }])
      assertRefused(
        await client().remove("configmaps", "gone", { preconditions }),
        409,
        "Conflict",
        /in the precondition/,
      );
    const { uid, resourceVersion } = metadata;
    const { status, body } = await client().remove("configmaps", "gone", { preconditions: { uid, resourceVersion } });
    assert.deepEqual([status, body.status, body.details], [200, "Success", { name: "gone", kind: "configmaps", uid }]);
    assertRefused(await client().ask("configmaps", "gone"), 404, "NotFound", /^configmaps "gone" not found$/);
    assertRefused(await client().remove("configmaps", "gone"), 404, "NotFound");
    const again = await client().create("configmaps", { metadata: { name: "gone" } });
    assert.notEqual(again.metadata.uid, uid);
  });

  test("a dry run answers as if, and stores nothing", async () => {
    const at = pathOf("configmaps", target().namespace);
    const made = await target().request("POST", `${at}?dryRun=All`, { metadata: { name: "dry" } });
    assert.deepEqual([made.status, made.body.metadata.name], [201, "dry"]);
    assertRefused(await client().ask("configmaps", "dry"), 404, "NotFound");
    const before = await client().create("configmaps", { metadata: { name: "wet" } });
    const operations = [{ op: "add", path: "/data", value: { a: "1" } }];
    const shown = await client().change("configmaps", "wet", operations, { query: "&dryRun=All" });
    assert.deepEqual(shown.data, { a: "1" });
    assert.deepEqual(await client().get("configmaps", "wet"), before);
    const odd = await client().patch("configmaps", "wet", operations, { query: "&dryRun=some" });
    assertRefused(odd, 422, "Invalid", /dryRun: Unsupported value/);
  });
}
