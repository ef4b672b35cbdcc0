import type { FileChange } from "../model/git.ts";
import { compareText } from "../model/ref.ts";
import type { Refusal } from "../model/refusals.ts";
import type { Tree } from "../ports.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const mark = "\ufeff";

interface Original {
  readonly bytes: Uint8Array;
  readonly marked: boolean;
  readonly text: string;
}

/** Files of a tree as they are to be: texts without a byte order mark, which is put back. */
export class Draft {
  readonly #tree: Tree;
  readonly #originals = new Map<string, Original>();
  /** What differs from the tree. */
  readonly texts: ReadonlyMap<string, string>;

  constructor(tree: Tree, texts: ReadonlyMap<string, string> = new Map()) {
    this.#tree = tree;
    this.texts = texts;
  }

  /** The text of a file. Bytes that are no UTF-8 are refused: they would not come back as they were. */
  text(path: string): string | Refusal {
    const changed = this.texts.get(path);
    if (changed !== undefined) return changed;
    const known = this.#originals.get(path);
    if (known) return known.text;
    const bytes = this.#tree.read(path);
    if (!bytes) return { code: "NOT_FOUND", message: `${path} cannot be read` };
    try {
      const all = decoder.decode(bytes);
      const marked = all.startsWith(mark);
      const text = marked ? all.slice(mark.length) : all;
      this.#originals.set(path, { bytes, marked, text });
      return text;
    } catch {
      return { code: "UNPARSABLE", message: `${path} is not valid UTF-8: save it as UTF-8, which Flux expects too` };
    }
  }

  /** The same with another text in one file, which was read before. */
  with(path: string, text: string): Draft {
    const next = new Draft(this.#tree, new Map([...this.texts, [path, text]]));
    for (const [each, original] of this.#originals) next.#originals.set(each, original);
    return next;
  }

  /** Sorted by path. */
  changes(): FileChange[] {
    return [...this.texts]
      .flatMap(([path, text]) => {
        const original = this.#originals.get(path);
        if (!original || original.text === text) return [];
        const after = encoder.encode((original.marked ? mark : "") + text);
        return [{ path, before: original.bytes, after }];
      })
      .sort((a, b) => compareText(a.path, b.path));
  }
}
