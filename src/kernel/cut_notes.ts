/** What is noticed in a batch while it is cut: for the run's warnings. */
import type { RecordReader } from "../source/record.ts";
import type { RecordBoundaries, RecordFormat } from "../source/record_format.ts";
import { type KernelExports, OTHER_KEY } from "./contract.ts";
import type { Kernel } from "./instance.ts";

export interface CutNotes {
  readonly suspects: Suspects;
  /** Records that are the header once more. */
  readonly repeats: Suspects;
  readonly skipped: Skipped;
  /** Rows that had too few fields, or empty surplus ones, and were made to fit. */
  readonly fittedRows: number;
  /** Names of values beside the fields, with the lines before the first record that has each. */
  readonly others?: ReadonlyMap<string, number>;
}

/** Lines that were skipped, because they have no values, or are comments. */
export interface Skipped {
  readonly emptyRows: number;
  readonly comments: number;
}

/** Records that may be no rows, such as those whose values hold lines that look like rows. */
export interface Suspects {
  readonly count: number;
  /** The lines before the first such record in the cut. */
  readonly line: number;
}

/** Notices it in the records that the kernel leaves to others, and adds what the kernel has. */
export class NoteTaker {
  readonly #format: RecordFormat;
  readonly #headerLine: Uint8Array;
  /** Null if only the kernel has looked for them. */
  #suspects: Suspects | null = null;
  #repeats: Suspects | null = null;
  #fittedRows = 0;
  #skipped: Skipped = NOTHING;
  #others: ReadonlyMap<string, number> = NO_NAMES;
  /** How many keys the kernel has noted before. */
  #known = 0;

  /** `headerLine`: the header as it is in the source; empty if its repetitions don't matter. */
  constructor(format: RecordFormat, headerLine: Uint8Array) {
    this.#format = format;
    this.#headerLine = headerLine;
  }

  /** Begins with a batch. */
  begin(): void {
    this.#suspects = null;
    this.#repeats = null;
    this.#fittedRows = 0;
    this.#skipped = NOTHING;
    this.#others = NO_NAMES;
  }

  /** Lines were passed. */
  passed({ emptyRows, comments }: Pick<RecordBoundaries, "emptyRows" | "comments">): void {
    this.#skipped = {
      emptyRows: this.#skipped.emptyRows + emptyRows,
      comments: this.#skipped.comments + comments,
    };
  }

  /** A record was read. */
  read(reader: RecordReader): void {
    if (reader.nextLine - reader.line > 1 && this.#format.holdsRows(reader)) {
      this.#suspects = oneMore(this.#suspects, reader.line);
    }
    if (this.#repeatsHeader(reader)) this.#repeats = oneMore(this.#repeats, reader.line);
    if (reader.others !== undefined && reader.others.length > 0) this.#note(reader);
    const { defect, fieldCount } = reader;
    // Without `fillsRows`, such a record has a defect.
    if (defect === null && fieldCount !== this.#format.fields) this.#fittedRows++;
  }

  /** Of the batch so far. */
  notes({ exports, bytes }: Kernel): CutNotes {
    this.#noteKernels(exports, bytes);
    return {
      suspects: this.#suspects ?? {
        count: exports.suspects.value,
        line: exports.suspectLine.value,
      },
      repeats: this.#repeats ?? {
        count: exports.repeats.value,
        line: exports.repeatLine.value,
      },
      fittedRows: exports.fittedRows.value + this.#fittedRows,
      ...this.#others.size > 0 && { others: this.#others },
      skipped: {
        emptyRows: exports.emptyRows.value + this.#skipped.emptyRows,
        comments: exports.comments.value + this.#skipped.comments,
      },
    };
  }

  /** Adds the keys that the kernel has met first in this batch. */
  #noteKernels(exports: KernelExports, bytes: Uint8Array<ArrayBuffer>): void {
    const { value: count } = exports.otherCount;
    for (; this.#known < count; this.#known++) {
      const at = exports.others.value + this.#known * OTHER_KEY.bytes;
      const [line, length, place] = new Uint32Array(bytes.buffer, at, OTHER_KEY.bytes / 4);
      const name = decoder.decode(bytes.subarray(place, place + length));
      const known = this.#others.get(name);
      if (known === undefined || known > line) {
        this.#others = new Map([...this.#others, [name, line]]);
      }
    }
  }

  #note({ others = [], defect, line }: RecordReader): void {
    if (defect !== null || this.#others.size >= MOST_NAMES) return;
    const known = new Map(this.#others);
    for (const name of others) if (!known.has(name)) known.set(name, line);
    if (known.size > this.#others.size) this.#others = known;
  }

  #repeatsHeader({ bytes, start, end }: RecordReader): boolean {
    const header = this.#headerLine;
    return header.length > 0 && end - start === header.length &&
      header.every((byte, i) => bytes[start + i] === byte);
  }
}

function oneMore(known: Suspects | null, line: number): Suspects {
  return { count: (known?.count ?? 0) + 1, line: known?.line ?? line };
}

/** Rows whose keys are values have as many as there are rows. */
const MOST_NAMES = 100;

const NO_NAMES: ReadonlyMap<string, number> = new Map();

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

const NOTHING: Skipped = { emptyRows: 0, comments: 0 };
