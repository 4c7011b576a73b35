/** What a reader has noticed in a source, for the run's warnings. */
import type { Cut } from "../../kernel/scanner.ts";

/** How many lines a warning names. */
const NAMED_LINES = 5;

export class SourceNotes {
  #emptyRows = 0;
  #comments = 0;
  #suspects = 0;
  readonly #suspectLines: number[] = [];

  /** `line`: the physical line on which the cut begins. */
  add({ suspects, skipped }: Cut, line: number): void {
    this.#emptyRows += skipped.emptyRows;
    this.#comments += skipped.comments;
    if (suspects.count === 0) return;
    this.#suspects += suspects.count;
    if (this.#suspectLines.length < NAMED_LINES) this.#suspectLines.push(line + suspects.line);
  }

  list(): string[] {
    const notes: string[] = [];
    if (this.#emptyRows > 0) notes.push(`${emptyRows(this.#emptyRows)} skipped.`);
    if (this.#comments > 0) notes.push(`${comments(this.#comments)} skipped.`);
    if (this.#suspects > 0) notes.push(swallowed(this.#suspects, this.#suspectLines));
    return notes;
  }
}

function emptyRows(count: number): string {
  return count === 1 ? "1 row without any value was" : `${count} rows without any value were`;
}

function comments(count: number): string {
  return count === 1 ? "1 comment line was" : `${count} comment lines were`;
}

function swallowed(count: number, lines: readonly number[]): string {
  const isOne = count === 1;
  const others = count - lines.length;
  const where = `line${isOne ? "" : "s"} ${lines.join(", ")}${
    others > 0 ? ` and ${others} more` : ""
  }`;
  return `${isOne ? "A quoted value" : "Quoted values"} (${where}) ${
    isOne ? "holds" : "hold"
  } lines that look like rows: a stray quote may have swallowed them. ` +
    "If quotes enclose no values in this file, load it with `source: {quote: none}`.";
}
