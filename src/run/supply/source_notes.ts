/** What a reader has noticed in a source, for the run's warnings. */
import type { Cut } from "../../kernel/scanner.ts";

/** How many lines a warning names. */
const NAMED_LINES = 5;

export class SourceNotes {
  #suspects = 0;
  readonly #suspectLines: number[] = [];

  /** `line`: the physical line on which the cut begins. */
  add({ suspects }: Cut, line: number): void {
    if (suspects.count === 0) return;
    this.#suspects += suspects.count;
    if (this.#suspectLines.length < NAMED_LINES) this.#suspectLines.push(line + suspects.line);
  }

  list(): string[] {
    return this.#suspects === 0 ? [] : [swallowed(this.#suspects, this.#suspectLines)];
  }
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
