/**
 * Defuses cells that a spreadsheet would run as a formula, such as `=HYPERLINK(…)`: a file from
 * somebody else must not run anything on the computer of the person who opens its failed rows. A
 * leading `'` turns a cell into text. It is removed again when the edited file comes back.
 */

/**
 * How a formula begins, in one program or another: Japanese Excel takes the full-width forms, and
 * some programs drop a leading tab or line break. A text that already has such a `'` gets one more,
 * so that removing one gives back exactly the text.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/u;
const GUARDED = /^'+[=+\-@\t\r\n＝＋－＠]/u;

/** `-5`, `+49`, `-1.5e3`, `-1.234,56`: plain numbers are harmless. */
const PLAIN_NUMBER = /^[+-][.,]?\d[\d.,]*(?:[eE][+-]?\d+)?$/u;

export function guardCell(text: string): string {
  return FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}

/** Does the export put a `'` before this text? */
export function isGuarded(text: string): boolean {
  return guardCell(text) !== text;
}

/** Is this a guarded cell whose text was edited, and is no formula any more? */
export function hasLostFormula(cell: string): boolean {
  return cell.startsWith("'") && !GUARDED.test(cell);
}

/** `unguardCell(guardCell(text)) === text`, for every text. */
export function unguardCell(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}

/**
 * What a workbook of failed rows calls its sheet. Spreadsheets keep it, and so it tells that the
 * cells are texts without guards.
 */
export function failedSheet(run: number): string {
  return `Failed rows of run ${run}`;
}

/** How much of a long text a cell of a workbook has; it holds 32,767 characters. */
const MOST_OF_CELL = 32_000;
const CUT = / … \(cut: ingest has all \d+ characters\)$/u;

/** A text as a cell of a workbook holds it. Lossless, unless it is so long that it `isCut`. */
export function workbookCell(text: string): string {
  if (text.length <= MOST_OF_CELL) return text;
  const begins = text.slice(0, MOST_OF_CELL).toWellFormed();
  return `${begins} … (cut: ingest has all ${text.length} characters)`;
}

/** Has the cell still the end of one that was cut? */
export function isCut(cell: string): boolean {
  return CUT.test(cell);
}
