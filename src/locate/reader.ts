import type { RefusalCode } from "../model/refusals.ts";
import { yamlLimits } from "../model/yaml-text.ts";
import type { Tree, TreeEntry } from "../ports.ts";
import { defaultLimits, type Limits, Refused } from "./limits.ts";
import { type ParsedFile, parseYaml } from "./yaml.ts";

/** Reads one tree for many walks: every folder is listed once, every file read and parsed once. */
export interface Reader {
  readonly limits: Limits;
  /** The reader of the tree as it is, without edits. */
  readonly root: Reader;
  /** `undefined` where there is no such folder. */
  list(directory: string): readonly TreeEntry[] | undefined;
  /**
   * `undefined` where there is no such file; no {@link isReadable} text where it is too large to be parsed, or no UTF-8. Throws {@link Refused} beyond the limits of the tree.
   */
  text(path: string): string | undefined;
  /** The documents of a file; one that cannot be read with certainty says why. `undefined` where there is no such file. */
  documents(path: string): ParsedFile | undefined;
  /** The documents of a text that stands inside a file. */
  inline(text: string): ParsedFile;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Stands for the text of a file that is no UTF-8, which kustomize refuses too. */
const undecodable = "\ud801";

function decoded(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return undecodable;
  }
}

class TreeReader implements Reader {
  readonly #tree: Tree;
  readonly limits: Limits;
  readonly #lists = new Map<string, readonly TreeEntry[] | undefined>();
  readonly #texts = new Map<string, string | undefined>();
  readonly #parsed = new Map<string, ParsedFile | undefined>();
  readonly #inline = new Map<string, ParsedFile>();
  #files = 0;
  #bytes = 0;
  #parts = 0;

  constructor(tree: Tree, limits: Limits) {
    this.#tree = tree;
    this.limits = limits;
  }

  get root(): Reader {
    return this;
  }

  list(directory: string): readonly TreeEntry[] | undefined {
    return remembered(this.#lists, directory, () => this.#tree.list(directory));
  }

  text(path: string): string | undefined {
    return remembered(this.#texts, path, () => {
      const bytes = this.#tree.read(path);
      if (!bytes) return undefined;
      this.#files += 1;
      this.#bytes += bytes.length;
      if (this.#files > this.limits.files) tooLarge(`it has more than ${this.limits.files} files to read`);
      if (this.#bytes > this.limits.bytes) tooLarge(`its files have more than ${this.limits.bytes} bytes together`);
      // What is too large to be parsed is not kept either.
      return bytes.length > yamlLimits.fileBytes ? oversized : decoded(bytes);
    });
  }

  documents(path: string): ParsedFile | undefined {
    return remembered(this.#parsed, path, () => {
      const text = this.text(path);
      return text === undefined ? undefined : this.#parse(text);
    });
  }

  inline(text: string): ParsedFile {
    const before = this.#inline.get(text);
    if (before) return before;
    const made = this.#parse(text);
    this.#inline.set(text, made);
    return made;
  }

  #parse(text: string): ParsedFile {
    if (text === undecodable) return { code: "UNPARSABLE", problem: "it is not valid UTF-8" };
    if (text === oversized)
      return { code: "TOO_LARGE", problem: `it is larger than the ${yamlLimits.fileBytes} bytes that reroll parses` };
    return parseYaml(text, this.limits, (parts) => {
      this.#parts += parts;
      if (this.#parts > this.limits.parsedParts) tooLarge("its files hold more than reroll parses");
    });
  }
}

/** Stands for the text of a file that is larger than what is parsed; no file of a repository can have it, since it is not valid UTF-8. */
const oversized = "\ud800";

/** Whether it is the text of the file itself. */
export const isReadable = (text: string): boolean => text !== oversized && text !== undecodable;

function tooLarge(what: string): never {
  const code: RefusalCode = "TOO_LARGE";
  throw new Refused({
    code,
    message: `The repository is larger than reroll reads: ${what}. Restart its workloads in direct mode.`,
  });
}

/** What a map has at a key, made once. */
export function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined || known.has(key)) return before as T;
  const made = make();
  known.set(key, made);
  return made;
}

/**
 * A reader of a tree. Failures of the tree itself come through as they are; beyond the limits the functions of this room answer with the
 * refusal `TOO_LARGE`.
 */
export function readerOf(tree: Tree, limits: Limits = defaultLimits): Reader {
  return new TreeReader(tree, limits);
}

class EditedReader implements Reader {
  readonly #base: Reader;
  readonly #texts: ReadonlyMap<string, string>;
  readonly #parsed = new Map<string, ParsedFile>();

  constructor(base: Reader, texts: ReadonlyMap<string, string>) {
    this.#base = base;
    this.#texts = texts;
  }

  get limits(): Limits {
    return this.#base.limits;
  }

  get root(): Reader {
    return this.#base.root;
  }

  list(directory: string): readonly TreeEntry[] | undefined {
    return this.#base.list(directory);
  }

  text(path: string): string | undefined {
    const text = this.#texts.get(path);
    return text === undefined ? this.#base.text(path) : text;
  }

  documents(path: string): ParsedFile | undefined {
    const text = this.#texts.get(path);
    if (text === undefined) return this.#base.documents(path);
    const file = this.#parsed.get(path) ?? parseYaml(text, this.limits);
    this.#parsed.set(path, file);
    return file;
  }

  inline(text: string): ParsedFile {
    return this.#base.inline(text);
  }
}

/** The same tree with other text in some of its files (none new), everything else shared with `base`: what an edit would make of it. */
export function edited(base: Reader, texts: ReadonlyMap<string, string>): Reader {
  return new EditedReader(base, texts);
}
