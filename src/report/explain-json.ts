import type { DecidingAnnotation } from "../model/decision.ts";
import type { ExplainedSource, ExplainReport } from "../model/report-explain.ts";
import type { RolledOut } from "../model/state.ts";
import { commitJson } from "./committed.ts";
import { causesJson } from "./history.ts";
import { changeJson, issueJson, pendingJson, quarantineJson, refJson } from "./json.ts";

/** The document of `explain -o json`; every field is there, null where there is nothing. */
export function explainJson(report: ExplainReport) {
  const { workload, strategy, mode, knowledge, pending, committed, unverified, stripped } = report;
  return {
    workload: refJson(workload),
    verdict: report.verdict,
    message: report.message,
    sources: report.sources.map(sourceJson),
    annotations: report.annotations.map(({ key, value, from }) => ({ key, value, from })),
    settings: report.settings.map(({ name, value, level, object, annotation, source }) => ({
      name,
      value,
      level,
      object: object ?? null,
      key: annotation?.key ?? null,
      said: annotation?.value ?? null,
      source: source ? refJson(source) : null,
    })),
    strategy: {
      word: strategy.word,
      known: strategy.known,
      level: strategy.level,
      object: strategy.object ?? null,
      key: strategy.annotation?.key ?? null,
      said: strategy.annotation?.value ?? null,
    },
    mode: {
      word: mode.word,
      known: mode.known,
      level: mode.level,
      object: mode.object ?? null,
      key: mode.annotation?.key ?? null,
      said: mode.annotation?.value ?? null,
    },
    knowledge: knowledge
      ? {
          origin: knowledge.origin,
          recordedAt: knowledge.recordedAt ?? null,
          stamp: knowledge.stamps.direct ?? null,
          gitStamp: knowledge.stamps.git ?? null,
        }
      : null,
    pending: pending ? pendingJson(pending) : null,
    committed: committed ? commitJson({ ...committed, workload }) : null,
    quarantines: report.quarantines.map(quarantineJson),
    unverified: unverified
      ? {
          stamp: unverified.stamp,
          startedAt: unverified.startedAt,
          because: causesJson(workload.namespace, unverified.because),
        }
      : null,
    stripped: stripped ? { since: stripped.since, managers: stripped.managers } : null,
    issues: report.issues.map(issueJson),
    exitCode: report.exitCode,
  };
}

function sourceJson(source: ExplainedSource) {
  return {
    source: refJson(source.source),
    eligible: source.eligible,
    rule: source.rule,
    reason: source.reason ?? null,
    message: source.message,
    annotation: source.annotation ? annotationJson(source.annotation) : null,
    tried: source.tried.map(({ rule, says }) => ({ rule, says })),
    where: source.where,
    watched: source.watched,
    sight: source.sight,
    sightError: source.sightError ?? null,
    lastWrite: source.lastWrite ?? null,
    standing: source.standing ?? null,
    change: source.change ? changeJson(source.change) : null,
    rolledOut: source.rolledOut === undefined ? null : rolledOutJson(source.rolledOut),
  };
}

function annotationJson({ key, value, from }: DecidingAnnotation): DecidingAnnotation {
  return { key, value, from };
}

function rolledOutJson(content: RolledOut): RolledOut {
  return typeof content === "string" ? content : { keyId: content.keyId, digest: content.digest, keys: content.keys };
}
