/** `2026-10-01 03:00:05 UTC`; what is no instant stays as it is. */
export function instant(iso: string): string {
  const time = Date.parse(iso);
  return Number.isFinite(time) ? `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC` : iso;
}
