/** What a reader has noticed in a source, for the run's warnings. */
import type { Suspects } from "../../kernel/cut_notes.ts";
import { displayName } from "../../source/display_text.ts";
import type { Cut } from "../../kernel/scanner.ts";

/** How many lines a warning names. */
const NAMED_LINES = 5;

export class SourceNotes {
  #emptyRows = 0;
  #comments = 0;
  #fittedRows = 0;
  readonly #suspects = new NamedLines();
  readonly #repeats = new NamedLines();
  /** Names of values that are no fields, and the line on which each appears first. */
  readonly #others = new Map<string, string>();

  /**
   * `line`: the physical line on which the cut begins. `file`: its file's name; null if there is only
   * one.
   */
  add(
    { suspects, repeats, skipped, fittedRows, others }: Cut,
    line: number,
    file: string | null,
  ): void {
    for (const [name, before] of others ?? []) {
      if (this.#others.has(name) || this.#others.size >= MOST_NAMES) continue;
      this.#others.set(name, placeOf(line + before, file));
    }
    this.#emptyRows += skipped.emptyRows;
    this.#comments += skipped.comments;
    this.#fittedRows += fittedRows;
    this.#suspects.add(suspects, line, file);
    this.#repeats.add(repeats, line, file);
  }

  list(): string[] {
    const notes: string[] = [];
    if (this.#emptyRows > 0) notes.push(`${emptyRows(this.#emptyRows)} skipped.`);
    if (this.#comments > 0) notes.push(`${comments(this.#comments)} skipped.`);
    if (this.#fittedRows > 0) notes.push(fitted(this.#fittedRows));
    if (this.#suspects.count > 0) notes.push(swallowed(this.#suspects));
    if (this.#repeats.count > 0) notes.push(repeated(this.#repeats));
    if (this.#others.size > 0) notes.push(notImported(this.#others));
    return notes;
  }
}

/** As many as a cut has. */
const MOST_NAMES = 100;

/** How many names a warning has. */
const NAMED_OTHERS = 10;

function notImported(others: ReadonlyMap<string, string>): string {
  const named = [...others].slice(0, NAMED_OTHERS)
    .map(([name, line]) => `${JSON.stringify(displayName(name))} (line ${line})`);
  const more = others.size - named.length;
  const rest = more > 0 ? ` and ${others.size < MOST_NAMES ? more : "many"} more` : "";
  const isOne = others.size === 1;
  return `${isOne ? "A key appears" : "Keys appear"} only after the file's first rows: ${
    named.join(", ")
  }${rest}. ${isOne ? "It is" : "They are"} not imported; ` +
    "`columns` in a definition can name what a column is to be read from.";
}

function placeOf(line: number, file: string | null): string {
  return file === null ? `${line}` : `${line} of ${file}`;
}

/** Counts lines, and names the first ones. */
class NamedLines {
  count = 0;
  readonly #lines: string[] = [];

  add({ count, line }: Suspects, before: number, file: string | null): void {
    if (count === 0) return;
    this.count += count;
    if (this.#lines.length < NAMED_LINES) this.#lines.push(placeOf(before + line, file));
  }

  get text(): string {
    const others = this.count - this.#lines.length;
    const more = others > 0 ? ` and ${others} more` : "";
    return `line${this.count === 1 ? "" : "s"} ${this.#lines.join(", ")}${more}`;
  }
}

function emptyRows(count: number): string {
  return count === 1 ? "1 row without any value was" : `${count} rows without any value were`;
}

function comments(count: number): string {
  return count === 1 ? "1 comment line was" : `${count} comment lines were`;
}

function fitted(count: number): string {
  const rows = count === 1 ? "1 row has" : `${count} rows have`;
  return `${rows} too few cells, or empty surplus ones: these were filled in or dropped, as ` +
    "short_rows says.";
}

function swallowed({ count, text }: NamedLines): string {
  const isOne = count === 1;
  return `${isOne ? "A quoted value" : "Quoted values"} (${text}) ${
    isOne ? "holds" : "hold"
  } lines that look like rows: a stray quote may have swallowed them. ` +
    "If quotes enclose no values in this file, load it with `source: {quote: none}`.";
}

function repeated({ count, text }: NamedLines): string {
  return `The header is repeated on ${text}, and read as ${count === 1 ? "a row" : "rows"}. ` +
    "`skip_rows` in the definition's source can leave such rows out.";
}
