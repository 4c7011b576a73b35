/** The lines of a batch that has rows of several files, which all count their own. */

/** Where rows of another file begin in a batch's bytes. */
export interface BatchPart {
  readonly offset: number;
  /** The physical line there, in that file. */
  readonly line: number;
}

export class PartLines {
  readonly #parts: readonly BatchPart[];
  readonly #bytes: Uint8Array;
  readonly #newline: number;
  readonly #firstLine: number;
  #shifts: readonly number[] | null = null;

  /** `firstLine`: on which the batch begins, in the file of its first row. */
  constructor(parts: readonly BatchPart[], bytes: Uint8Array, newline: number, firstLine: number) {
    this.#parts = parts;
    this.#bytes = bytes;
    this.#newline = newline;
    this.#firstLine = firstLine;
  }

  /** What has to be added to a line that was counted from the batch's beginning. */
  shiftAt(offset: number): number {
    const part = this.#parts.findLastIndex((part) => part.offset <= offset);
    return part === -1 ? 0 : (this.#shifts ??= this.#all())[part];
  }

  #all(): number[] {
    let [line, at] = [this.#firstLine, 0];
    return this.#parts.map((part) => {
      for (; at < part.offset; at++) if (this.#bytes[at] === this.#newline) line++;
      return part.line - line;
    });
  }
}
