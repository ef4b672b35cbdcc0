/** The CronJob controller itself keeps eleven characters free for what it appends (`batch.validateCronJob`). */
const longestStem = 52;

/** FNV-1a, 32 bits, 8 hex digits: short, and the same in every run. */
function fnv(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/**
 * The name of the Job that is made from a CronJob for one stamp: whoever makes it, however often it is tried, it is one name and so one Job.
 * At most 62 characters, so that it fits into the label of its pods; no Job of the schedule, which ends in digits, has it.
 */
export function triggeredJobName(cronJob: { readonly name: string; readonly uid: string }, stamp: string): string {
  const stem = cronJob.name.slice(0, longestStem).replace(/[-.]+$/, "");
  return `${stem}-r${fnv(`${cronJob.uid} ${stamp}`)}`;
}
