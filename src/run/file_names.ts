/** In which file a row is, for definitions that make values of a file's name. */
import { basename } from "node:path";
import type { Definition } from "../importer/definition.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { rootOf } from "../ledger/runs/retries.ts";
import { listRunFiles } from "../ledger/runs/run_files.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { SourceFormat } from "../source/format.ts";
import { type FileWords, readFileName } from "../importer/file_name.ts";

type NamedRun = Pick<Run, "id" | "parent_id" | "definition" | "source" | "original_filename">;

interface File {
  /** Among the run's files, from 1. */
  readonly number: number;
  /** How many rows of the run come before. */
  readonly before: number;
  readonly words: FileWords;
}

/** What the name of a row's file says. */
export interface RowFiles {
  /** Null if the name has no such part. Throws if the row's file is not known yet. */
  word(row: number, part: string): string | null;
}

/** For the rows of one file. */
export function rowsOfFile(
  { source }: Pick<Definition, "source">,
  name: string,
  format: SourceFormat,
): RowFiles {
  const words = readFileName(source.file_name ?? null, name) ?? { name };
  const file = { number: 1, before: 0, words };
  return { word: (row, part) => wordOf(file, row, part, format) };
}

/** What its name says comes before what we know of it. */
function wordOf(
  { number, before, words }: File,
  row: number,
  part: string,
  format: SourceFormat,
): string | null {
  if (Object.hasOwn(words, part)) return words[part];
  if (part === "number") return String(number);
  if (part === "row") return String(row - before);
  return part === "sheet" && format.type === "xlsx" ? format.sheet : null;
}

export class FileNames implements RowFiles {
  readonly #run: NamedRun;
  /** In order. */
  #files: readonly File[];
  /** Up to which row that is known. */
  #known: number;

  constructor(run: NamedRun) {
    const isOne = run.source.files === undefined;
    this.#run = run;
    this.#files = isOne
      ? [{ number: 1, before: 0, words: this.#wordsOf(run.original_filename ?? "") }]
      : [];
    this.#known = isOne ? Infinity : 0;
  }

  /** To be called before rows up to this one are encoded. They have been planned. */
  async load(ledger: Ledger, lastRow: number): Promise<void> {
    if (lastRow <= this.#known) return;
    const found = await listRunFiles(ledger, rootOf(this.#run));
    this.#files = found.flatMap(({ number, name, rows_before: before }) =>
      before === null ? [] : [{ number, before, words: this.#wordsOf(name) }]
    );
    const isWhole = this.#files.length === found.length;
    this.#known = isWhole ? Infinity : lastRow;
  }

  /** Does the run read more than one? */
  get areSeveral(): boolean {
    return this.#run.source.files !== undefined;
  }

  /** The file that a row is in, and between which rows: after `before`, and up to `end`. */
  fileOf(row: number): { readonly number: number; readonly before: number; readonly end: number } {
    const index = this.#indexOf(row);
    const { number, before } = this.#files[index];
    return { number, before, end: this.#files.at(index + 1)?.before ?? Infinity };
  }

  word(row: number, part: string): string | null {
    return wordOf(this.#files[this.#indexOf(row)], row, part, this.#run.source.format);
  }

  /** The last file that begins before the row. */
  #indexOf(row: number): number {
    if (row > this.#known) throw new Error(`The file of row ${row} is not known yet`);
    let [low, high] = [0, this.#files.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#files[middle].before < row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #wordsOf(name: string): FileWords {
    const template = this.#run.definition.source.file_name ?? null;
    const own = basename(name);
    return readFileName(template, own) ?? { name: own };
  }
}
