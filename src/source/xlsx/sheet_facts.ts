/** What is worth knowing of a sheet besides its rows. */
import { columnLetters } from "./xlsx_format.ts";
import type { XmlTag } from "./xml_tag.ts";
import { MAX_COLUMNS } from "./sheet_row.ts";

const NAMED = 3;

/** Counts things and names the first ones. */
class Named {
  count = 0;
  readonly first: string[] = [];

  add(name: string): void {
    this.count++;
    if (this.first.length < NAMED) this.first.push(name);
  }

  get text(): string {
    return this.first.join(", ") + (this.count > this.first.length ? " …" : "");
  }
}

export class SheetFacts {
  formulas = 0;
  readonly #hiddenRows = new Named();
  readonly #hiddenColumns: { readonly from: number; readonly to: number }[] = [];
  readonly #cut = new Named();
  readonly #merged: string[] = [];
  #mergedCount = 0;

  hiddenRow(number: number): void {
    this.#hiddenRows.add(String(number));
  }

  column(tag: XmlTag): void {
    if (!tag.flag("hidden")) return;
    const [from, to] = [tag.integer("min", 1) - 1, tag.integer("max", MAX_COLUMNS) - 1];
    if (this.#hiddenColumns.length < MAX_COLUMNS) this.#hiddenColumns.push({ from, to });
  }

  merged(range: string): void {
    this.#mergedCount++;
    // Titles above the header are merged, too.
    if (this.#merged.length < 1000) this.#merged.push(range);
  }

  /** The cell's format doesn't show all of its moment. */
  cut(row: number, column: number): void {
    this.#cut.add(cellOf(row, column));
  }

  /** In sentences. `first` and `last`: the columns of the copy. */
  notes(first: number, last: number, headerRow: number, isUncalculated: boolean): string[] {
    const notes: string[] = [];
    const rows = this.#hiddenRows;
    if (rows.count > 0) {
      notes.push(
        `Hidden rows are imported like all others: ${rows.count} (row ${rows.text}).`,
      );
    }
    const columns = this.#hiddenIn(first, last);
    if (columns.count > 0) {
      notes.push(`Hidden columns are read like all others: ${columns.text}.`);
    }
    const merged = this.#merged.filter((range) => Number(/\d+/u.exec(range)?.[0]) >= headerRow);
    if (merged.length > 0) {
      const count = this.#merged.length < this.#mergedCount ? this.#mergedCount : merged.length;
      const shown = merged.slice(0, NAMED).join(", ") + (count > NAMED ? " …" : "");
      notes.push(
        `Merged cells have their value in their first cell; the others are empty: ${shown}.`,
      );
    }
    if (this.#cut.count > 0) {
      notes.push(
        "Dates and times are read as the sheet shows them. More than that is in " +
          `${this.#cut.count === 1 ? "1 cell" : `${this.#cut.count} cells`} (${this.#cut.text}).`,
      );
    }
    if (isUncalculated && this.formulas > 0) {
      notes.push(
        "The program that wrote the workbook left its formulas to be calculated when it is " +
          "opened, so their values may be wrong. Open it in a spreadsheet program and save it.",
      );
    }
    return notes;
  }

  #hiddenIn(first: number, last: number): Named {
    const named = new Named();
    for (const { from, to } of this.#hiddenColumns) {
      for (let i = Math.max(from, first); i <= Math.min(to, last); i++) {
        named.add(columnLetters(i));
      }
    }
    return named;
  }
}

/** Such as `C17`. */
export function cellOf(row: number, column: number): string {
  return `${columnLetters(column)}${row}`;
}
