import type { Refusal } from "../model/refusals.ts";
import { documentsOf } from "../model/yaml-text.ts";
import { type Address, type Edited, isRefusal } from "./address.ts";

/**
 * Edits one document of a file as if it stood alone: the others are not parsed, and stay as they are since nobody touches them. Where the documents cannot be told
 * apart without a parser, the file is edited as a whole.
 */
export function inDocument(
  text: string,
  address: Address,
  edit: (text: string, address: Address) => Edited | Refusal,
): Edited | Refusal {
  const documents = documentsOf(text) ?? [text];
  const own = documents[address.document];
  if (own === undefined || documents.length === 1) return edit(text, address);
  const result = edit(own, { ...address, document: 0 });
  const above = documents.slice(0, address.document).join("");
  if (!isRefusal(result)) return { text: above + result.text + documents.slice(address.document + 1).join("") };
  const lines = above.split("\n").length - 1;
  return { ...result, message: result.message.replace(/^line (\d+)/, (_, line) => `line ${lines + Number(line)}`) };
}
