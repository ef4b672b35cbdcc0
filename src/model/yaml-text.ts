/**
 * How large a file of YAML is read, and so edited: what cannot be edited need not be found, and the other way round. Repositories that were looked at have files
 * up to 1 MiB (the bundle of Flux itself, with 150 thousand parts in 30 documents). Editing a document of the most parts takes a parser about a second and 100 MiB,
 * since it makes a tree of every character; beyond it, a stamp that saves somebody a restart by hand is not worth the memory of the job.
 */
export const yamlLimits = {
  /** Bytes of a file. */
  fileBytes: 2 * 1024 * 1024,
  /** Documents of a file. */
  documents: 2_000,
  /** Parts of a file, as `partsOf` counts them. */
  fileParts: 400_000,
  /** Parts of one document, which is what is parsed at once. */
  documentParts: 80_000,
  /** Brackets that are open at once. Those inside of scalars count too, so it is far above what anybody writes. */
  brackets: 500,
} as const;

const marker = /^---(?=[ \t\r\n]|$)/gm;
const content = /^(?!---)[ \t]*[^\s#]|^---[ \t]+[^\s#]/m;

/**
 * The text of each document of a file, in the order and number in which parsers of YAML count them (an empty one counts, comments before the first `---` do not);
 * together they are the text. `undefined` where only a parser can tell: directives, and `...` as the end of a document.
 */
export function documentsOf(text: string): readonly string[] | undefined {
  if (/^(?:%|\.\.\.(?:\s|$)|\ufeff.)/m.test(text)) return undefined;
  const starts = [...text.matchAll(marker)].map(({ index }) => index);
  const [first] = starts;
  if (first === undefined) return [text];
  // What stands above the first marker belongs to its document, unless it is one itself.
  if (!content.test(text.slice(0, first))) starts.shift();
  return [0, ...starts.filter((at) => at > 0)].map((at, index, all) => text.slice(at, all[index + 1]));
}

/** Why a text is not parsed at all, as the end of a sentence; `undefined`: it may be. The bytes of a file are for its reader to tell. */
export function excess(text: string): string | undefined {
  const documents = documentsOf(text) ?? [text];
  if (documents.length > yamlLimits.documents) return `has more than ${yamlLimits.documents} documents`;
  let all = 0;
  for (const each of documents) {
    const { parts, brackets } = partsOf(each);
    all += parts;
    if (brackets > yamlLimits.brackets) return "is nested too deeply";
    if (parts > yamlLimits.documentParts || all > yamlLimits.fileParts)
      return "has more lines and values than reroll parses";
  }
  return undefined;
}

/** What each character may begin: 1 a part, 2 a part that opens, 3 one that closes, 4 a part where a space follows. */
const marks = new Uint8Array(128);
for (const [characters, mark] of [
  ["\n,:?&*!", 1],
  ["[{", 2],
  ["]}", 3],
  ["-", 4],
] as const)
  for (const each of characters) marks[each.charCodeAt(0)] = mark;

/** About how many nodes and marks a parser makes of a text, without parsing it; and how many brackets are open at once. */
export function partsOf(text: string): { readonly parts: number; readonly brackets: number } {
  let [parts, open, brackets] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const mark = code < 128 ? marks[code] : 0;
    if (mark === 0 || (mark === 4 && text.charCodeAt(at + 1) > 32)) continue;
    parts += 1;
    if (mark === 2) open += 1;
    else if (mark === 3 && open > 0) open -= 1;
    if (open > brackets) brackets = open;
  }
  return { parts, brackets };
}
