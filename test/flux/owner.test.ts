import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Flux } from "../../src/flux/live.ts";
import { type OwnedObject, ownerOf } from "../../src/flux/owner.ts";
import { PortError } from "../../src/model/errors.ts";
import { workloadKinds } from "../../src/model/kinds.ts";
import { ownerMarks } from "../../src/model/owner-marks.ts";
import { type RefusalCode, refusals } from "../../src/model/refusals.ts";
import { fixtures } from "../support/fixtures.ts";
import { type Changes, changed, fluxOf, liveObjects, object } from "../support/flux.ts";

interface Case {
  readonly workload: string;
  readonly changes?: Changes;
  readonly repositories?: readonly string[];
  readonly ownCredential?: boolean;
  readonly valuesPath?: string;
  readonly refused?: RefusalCode;
  readonly owned?: string;
  /** What the message must hold. */
  readonly says?: readonly string[];
}

const terms = { repositories: ["flux-system/*"], ownCredential: false };

function sought(name: string, changes: Changes = {}): { workload: OwnedObject; flux: Flux } {
  const objects = changed(liveObjects(), changes);
  const { kind = "", apiVersion = "", metadata } = object(objects, name);
  const row = workloadKinds.find((each) => each.kind === kind);
  assert.ok(row);
  const id = { group: apiVersion.split("/")[0] ?? "", kind, namespace: metadata.namespace ?? "", name: metadata.name };
  return { workload: { id, marks: ownerMarks({ metadata }), template: row.template }, flux: fluxOf(objects) };
}

const cases = fixtures<Case>("flux/owner");

describe("the owner of a live workload", () => {
  for (const { claim, content } of cases) {
    it(claim, () => {
      const { repositories = terms.repositories, ownCredential = false, valuesPath } = content;
      const { workload, flux } = sought(content.workload, content.changes);
      const asked = valuesPath === undefined ? workload : { ...workload, valuesPath };
      const found = ownerOf(asked, flux, { repositories, ownCredential });
      if (content.owned) {
        assert.ok(found.is === "owned", JSON.stringify(found));
        const { object: by, kustomization, source } = found.owned;
        const chain = [
          `${by.kind}.${by.group} ${by.namespace}/${by.name}`,
          `${kustomization.namespace}/${kustomization.name}`,
          `${source.namespace}/${source.name}`,
          source.branch,
        ];
        assert.equal(chain.join(" <- "), content.owned);
        assert.equal(found.owned.helmRelease?.name, by.kind === "HelmRelease" ? by.name : undefined);
      } else {
        assert.ok(found.is === "refused", JSON.stringify(found));
        assert.equal(found.refusal.code, content.refused);
        for (const words of content.says ?? []) assert.ok(found.refusal.message.includes(words), found.refusal.message);
      }
    });
  }

  it("every reason that the live side knows has a fixture", () => {
    const told = new Set(cases.map(({ content }) => content.refused));
    const live: RefusalCode[] = [
      ...(["NOT_FLUX", "RESOURCESET", "OWNER_MISSING", "OPERATOR_OWNED", "REMOTE_CLUSTER"] as const),
      ...(["RECONCILE_DISABLED", "SSA_IGNORED", "FIELD_IGNORED", "SOURCE_NOT_GIT", "SOURCE_OPAQUE"] as const),
      ...(["SOURCE_MISSING", "SOURCE_PINNED", "SOURCE_NOT_ALLOWED", "AUTH_PROVIDER_UNSUPPORTED"] as const),
      ...(["VERIFY_UNSIGNED", "SUSPENDED"] as const),
    ];
    assert.deepEqual(
      live.filter((code) => !told.has(code)),
      [],
    );
    assert.ok(live.every((code) => code in refusals));
  });
});

describe("an owner that nobody could look at", () => {
  const error = new PortError("forbidden", "may not list helmreleases", { status: 403 });
  const unread = { is: "unread", error } as const;

  for (const [claim, name, shelf, whose] of [
    ["of a HelmRelease", "Deployment/media/podinfo", "helmReleases", "Deployment/media/podinfo"],
    ["of a Kustomization", "Deployment/shop/web", "kustomizations", "Deployment/shop/web"],
    ["of a HelmRelease's Kustomization", "Deployment/media/podinfo", "kustomizations", "HelmRelease/media/podinfo"],
    ["of a GitRepository", "Deployment/shop/web", "gitRepositories", "Deployment/shop/web"],
  ] as const) {
    it(`${claim} is an error, and no refusal`, () => {
      const { workload, flux } = sought(name);
      const found = ownerOf(workload, { ...flux, [shelf]: unread }, terms);
      assert.ok(found.is === "unknown", JSON.stringify(found));
      assert.equal(found.error.code, "forbidden");
      assert.ok(
        found.error.message.includes(whose) && found.error.message.includes("may not list"),
        found.error.message,
      );
    });
  }

  it("is an error where labels of both are there, and the other owner is gone", () => {
    const labels = { "helm.toolkit.fluxcd.io/name": "gone", "helm.toolkit.fluxcd.io/namespace": "media" };
    const { workload, flux } = sought("Deployment/shop/web", { "Deployment/shop/web": { metadata: { labels } } });
    assert.equal(ownerOf(workload, flux, terms).is, "owned");
    assert.equal(ownerOf(workload, { ...flux, kustomizations: unread }, terms).is, "unknown");
  });

  it("does not concern a workload of another", () => {
    const { workload, flux } = sought("Deployment/shop/web");
    assert.equal(ownerOf(workload, { ...flux, helmReleases: unread }, terms).is, "owned");
  });

  it("is an error too where only Helm's annotations hint at a HelmRelease", () => {
    const { workload, flux } = sought("Deployment/media/podinfo", {
      "Deployment/media/podinfo": {
        metadata: { labels: { "helm.toolkit.fluxcd.io/name": null, "helm.toolkit.fluxcd.io/namespace": null } },
      },
    });
    assert.equal(ownerOf(workload, { ...flux, helmReleases: unread }, terms).is, "unknown");
  });
});

it("of two HelmReleases that claim one Helm release, neither is taken for the owner", () => {
  const { workload } = sought("Deployment/media/podinfo");
  const { "meta.helm.sh/release-name": name = "", ...rest } = workload.marks?.annotations ?? {};
  const marks = { labels: {}, annotations: { "meta.helm.sh/release-name": name, ...rest } };
  const release = object(liveObjects(), "HelmRelease/media/podinfo");
  const twin = { ...release, metadata: { ...release.metadata, name: "twin" } };
  const found = ownerOf({ ...workload, marks }, fluxOf([...liveObjects(), twin]), terms);
  assert.ok(found.is === "refused");
  assert.equal(found.refusal.code, "NOT_FLUX");
});

it("an API that is not served is an owner that is missing, and the message says which version it takes", () => {
  const { workload, flux } = sought("Deployment/media/podinfo");
  const found = ownerOf(workload, { ...flux, helmReleases: { is: "absent" } }, terms);
  assert.ok(found.is === "refused");
  assert.equal(found.refusal.code, "OWNER_MISSING");
  assert.match(found.refusal.message, /helm\.toolkit\.fluxcd\.io\/v2/);
});

it("whatever else is wrong, the reason that is told does not depend on the order of lists", () => {
  const wrong: Record<string, unknown> = {
    suspend: { spec: { suspend: true } },
    verify: { spec: { verify: { mode: "HEAD", secretRef: { name: "keys" } } } },
    pinned: { spec: { ref: { tag: "v1" } } },
    provider: { spec: { provider: "azure" } },
  };
  const order = ["pinned", "provider", "verify", "suspend"];
  const codes = ["SOURCE_PINNED", "AUTH_PROVIDER_UNSUPPORTED", "VERIFY_UNSIGNED", "SUSPENDED"];
  fc.assert(
    fc.property(fc.shuffledSubarray(order, { minLength: 1 }), fc.boolean(), (faults, reversed) => {
      const objects = faults.reduce(
        (all, fault) => changed(all, { "GitRepository/flux-system/flux-system": wrong[fault] }),
        liveObjects(),
      );
      const { workload } = sought("Deployment/shop/web");
      const found = ownerOf(workload, fluxOf(reversed ? objects.toReversed() : objects), terms);
      assert.ok(found.is === "refused");
      assert.equal(found.refusal.code, codes[Math.min(...faults.map((fault) => order.indexOf(fault)))]);
    }),
  );
});
