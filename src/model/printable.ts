/** Control characters, invisible format characters (among them those that reverse the order of text), and line separators. */
const unprintable = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/** The text without anything a terminal would obey instead of show; breaks and tabs become a space. */
export function printable(text: string): string {
  return text.replace(/[\t\r\n\u2028\u2029]+/g, " ").replace(unprintable, "");
}

/** The same, line by line: breaks stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

const quotedAtMost = 80;

/** What somebody wrote, as a JSON string for a message; cut where it goes on and on. An annotation may have 256 KiB. */
export function quote(text: unknown): string {
  const whole = typeof text === "string" && text.length > quotedAtMost ? `${text.slice(0, quotedAtMost)}…` : text;
  return JSON.stringify(whole) ?? String(whole);
}
