/** A value that people wrote, for a message: JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return value === null ? "nothing" : text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
