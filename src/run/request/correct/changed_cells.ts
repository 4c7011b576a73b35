/** Which cells an edited export has changed, by column. */
import type { CellChange, ChangedColumn } from "../../../ledger/edits/changed_cells.ts";
import { Refused } from "../refuse/refused.ts";

/** What a spreadsheet has done to a column: how often, and one of the cells. */
type Doings = Map<string, { cells: number; readonly sample: CellChange }>;

const MAX_SAMPLES = 3;
/** In characters. */
const MAX_SHOWN = 60;
/** A message is one line that somebody reads. */
const MAX_COLUMNS = 10;

export class ChangedCells {
  readonly #columns = new Map<
    string,
    { cells: number; readonly samples: CellChange[]; readonly doings: Doings }
  >();
  readonly #lineWord: "line" | "row";
  #completed = 0;

  /** `lineWord`: what lines of the edited file are called. */
  constructor(lineWord: "line" | "row" = "line") {
    this.#lineWord = lineWord;
  }

  /** `doing`: what a spreadsheet has done to the cell; null if a person has changed it. */
  add(column: string, change: CellChange, doing: string | null): void {
    const shown = { ...change, before: shortened(change.before), after: shortened(change.after) };
    let found = this.#columns.get(column);
    if (found === undefined) {
      found = { cells: 0, samples: [], doings: new Map() };
      this.#columns.set(column, found);
    }
    found.cells++;
    if (found.samples.length < MAX_SAMPLES) found.samples.push(shown);
    if (doing === null) return;
    const known = found.doings.get(doing);
    if (known === undefined) found.doings.set(doing, { cells: 1, sample: shown });
    else known.cells++;
  }

  /** Counts a row that had too few fields and has all of them now. */
  addCompleted(): void {
    this.#completed++;
  }

  get byColumn(): readonly ChangedColumn[] {
    return [...this.#columns].map(([column, { cells, samples, doings }]) => ({
      column,
      cells,
      samples,
      ...this.#lineWord === "row" && { of_sheet: true as const },
      by_spreadsheet: [...doings.values()].reduce((sum, doing) => sum + doing.cells, 0),
    }));
  }

  /** Has a spreadsheet changed cells that nobody meant to change? */
  get isSpreadsheets(): boolean {
    return [...this.#columns.values()].some(({ doings }) => doings.size > 0);
  }

  warnings(file: string, dryRun: boolean): string[] {
    const warnings: string[] = [];
    if (this.#completed > 0) {
      const rows = this.#completed === 1 ? "1 row" : `${this.#completed} rows`;
      warnings.push(`${file} has all cells of ${rows} that had too few fields before.`);
    }
    if (this.isSpreadsheets) {
      const advice = dryRun ? " A retry that loads them needs --accept-changes." : "";
      warnings.push(
        `A spreadsheet seems to have changed cells of ${file}: ${this.#doings()}.${advice}`,
      );
    }
    return warnings;
  }

  /** The refusal of what a spreadsheet has done. */
  refusal(run: number, file: string): Refused {
    return new Refused(
      `Cannot retry run ${run}: a spreadsheet seems to have changed cells of ${file}: ` +
        `${this.#doings()}. Put the old values back (import these columns as text), or take the ` +
        "cells as they are: --accept-changes (in the API: accept_changes).",
    );
  }

  #doings(): string {
    const columns = [...this.#columns].filter(([, { doings }]) => doings.size > 0);
    const shown = columns.slice(0, MAX_COLUMNS).map(([column, { doings }]) => {
      const listed = [...doings].map(([doing, { cells, sample: { line, before, after } }]) =>
        `${doing} in ${cells === 1 ? "1 cell" : `${cells} cells`} (${this.#lineWord} ${line}: ` +
        `${JSON.stringify(before)} became ${JSON.stringify(after)})`
      );
      return `${JSON.stringify(column)}: ${listed.join(", ")}`;
    });
    const more = columns.length - shown.length;
    return [...shown, ...(more > 0 ? [`and ${more} more columns`] : [])].join("; ");
  }
}

function shortened(text: string): string {
  const letters = Array.from(text);
  return letters.length > MAX_SHOWN ? `${letters.slice(0, MAX_SHOWN).join("")}…` : text;
}
