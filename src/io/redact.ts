/** Fields that may hold values of a Secret or credentials, whatever they are part of. Compared in lower case. */
const withheld: ReadonlySet<string> = new Set([
  "data",
  "stringdata",
  "binarydata",
  "body",
  "token",
  "password",
  "authorization",
  "clientkeydata",
  "clientcertificatedata",
  "key-data",
]);

const deepest = 6;
const longestText = 2_000;

function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return "[withheld]";
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toJSON();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return "[withheld]";
  if (depth >= deepest) return "[…]";
  if (value instanceof Set) return redact([...value], depth);
  if (value instanceof Map) return redact(Object.fromEntries(value), depth);
  if (Array.isArray(value)) return value.map((entry) => redact(entry, depth + 1));
  const entries = Object.entries(value).map(([name, entry]) => [name, redactField(name, entry, depth + 1)] as const);
  return Object.fromEntries(entries);
}

/**
 * A field as it may be logged: plain data without anything that can carry a Secret's value. Bytes, functions and what lies under a
 * withheld name are replaced, errors become their message, deep and long things are cut. Not configurable: there is no way to log more.
 */
export function redactField(name: string, value: unknown, depth = 0): unknown {
  return withheld.has(name.toLowerCase()) ? "[withheld]" : redact(value, depth);
}

function redactError(error: Error, depth: number): unknown {
  const { name, message, cause } = error;
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  const why = cause instanceof Error && depth < deepest ? { cause: redactError(cause, depth + 1) } : {};
  return { name, ...code, message: redact(message), ...why };
}
