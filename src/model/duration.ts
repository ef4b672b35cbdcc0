const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration as Go's `time.ParseDuration` reads it, down to milliseconds: `90s`, `1h30m`, `1.5h`. */
export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;

/** Milliseconds of a duration that matches {@link durationPattern}; NaN for any other text. */
export function parseDuration(text: string): number {
  if (!durationPattern.test(text)) return Number.NaN;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g))
    total += Number(amount) * (units[unit ?? ""] ?? 0);
  return Math.round(total);
}

/** The shortest exact form of whole milliseconds: `50m`, `1h30m`, `1s500ms`, `0s`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const unit of ["h", "m", "s", "ms"]) {
    const size = units[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || "0s";
}
