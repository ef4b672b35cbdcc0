import { isScalar } from "yaml";
import type { Refusal } from "../model/refusals.ts";
import { type Address, type Edited, isRefusal, type Path, refuse, showPath } from "./address.ts";
import { replace } from "./insert.ts";
import { lineEnd } from "./layout.ts";
import { edit, valueAt } from "./prove.ts";
import { quote } from "./quote.ts";
import { readStream } from "./stream.ts";

/**
 * Edits a text that a file holds as a value, as a patch of kustomize is YAML within YAML. Below `|` only the lines that differ are written
 * anew; in any other form the value is written again in double quotes.
 */
export function editInside(
  text: string,
  address: Address,
  path: Path,
  change: (inner: string) => Edited | Refusal,
): Edited | Refusal {
  const stream = readStream(text);
  if (isRefusal(stream)) return stream;
  const before = valueAt(stream, address, path);
  if (typeof before !== "string") return refuse("UNPARSABLE", `${showPath(path)} is no text`);
  const changed = change(before);
  if (isRefusal(changed)) return refuse(changed.code, `within ${showPath(path)}: ${changed.message}`);
  return edit(
    text,
    address,
    path,
    () => changed.text,
    (found, around) => {
      const quoted = replace(found, quote(changed.text), around);
      if (!isScalar(found.node) || found.node.type !== "BLOCK_LITERAL") return quoted;
      const [from, to] = found.node.range ?? [0, 0];
      const literal = rewriteLiteral(text.slice(from, to).trimEnd(), before, changed.text, lineEnd(text, from));
      return [...replace(found, literal, around), ...quoted];
    },
  );
}

/** The source of a block of text, from its `|` to its last character: lines that stay keep their bytes, new ones get the same margin. */
function rewriteLiteral(source: string, before: string, after: string, eol: string): string {
  const [header = "", ...body] = source.split("\n");
  const [old, now] = [before.split("\n"), after.split("\n")];
  const head = countSame(old, now);
  const tail = countSame(old.slice(head).reverse(), now.slice(head).reverse());
  const sample = old.findIndex((line) => line.trim() !== "");
  const margin = " ".repeat(Math.max(0, (body[sample] ?? "").replace(/\r$/, "").length - (old[sample] ?? "").length));
  const fresh = now.slice(head, now.length - tail).map((line) => (line === "" ? "" : margin + line));
  const kept = body.map((line) => line.replace(/\r$/, ""));
  const lines = [...kept.slice(0, head), ...fresh, ...kept.slice(old.length - tail)];
  return [header.replace(/\r$/, ""), ...lines].join(eol).trimEnd();
}

/** How many entries two lists share from the beginning. */
function countSame(a: readonly string[], b: readonly string[]): number {
  const different = a.findIndex((line, index) => line !== b[index]);
  return different < 0 ? Math.min(a.length, b.length) : different;
}
