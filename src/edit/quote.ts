/** Words that some version of YAML reads as something other than text. */
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Text that every version of YAML reads as that text, without quotes, in block and in flow. */
const plain = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;

/** What JSON lets through as it is and YAML does not print (YAML 1.2 §5.1), or takes for a line break (YAML 1.1). */
const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Double-quoted as JSON does it: one line, and the same text for every parser of YAML and JSON. */
export function quote(text: string): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(unprintable, escaped);
}

/** Without quotes where that is safe. */
export function quoteIfNeeded(text: string): string {
  return plain.test(text) && !words.test(text) ? text : quote(text);
}
