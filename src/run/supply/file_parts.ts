/** The files that a run's copy was made of, as its reader passes them. */
import type { PlanPosition } from "../../ledger/batches/plan.ts";
import type { BegunPart, FilePart } from "../../ledger/runs/run_files.ts";

export class PartCursor {
  readonly begun: BegunPart[] = [];
  readonly #parts: readonly FilePart[];
  readonly #end: number;
  #current = -1;

  /** `end`: of the last one. */
  constructor(parts: readonly FilePart[], end: number) {
    this.#parts = parts;
    this.#end = end;
  }

  /** Where the current part begins and ends; the whole file if it has no parts. */
  get start(): number {
    return this.#parts[this.#current]?.start ?? 0;
  }

  get end(): number {
    return this.#parts[this.#current + 1]?.start ?? this.#end;
  }

  /** Null if the file has no parts. */
  get name(): string | null {
    return this.#parts[this.#current]?.name ?? null;
  }

  /** Begins the parts that start here. Returns the line on which the last of them does; null if none does. */
  beginAt({ bytes, rows }: PlanPosition): number | null {
    let line: number | null = null;
    for (;;) {
      const next = this.#parts[this.#current + 1];
      if (next === undefined || next.start > bytes) return line;
      this.#current++;
      this.begun.push({ number: next.number, rowsBefore: rows });
      line = next.line;
    }
  }
}
