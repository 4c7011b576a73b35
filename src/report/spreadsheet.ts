/**
 * Cells that a spreadsheet would run as a formula, such as `=HYPERLINK(…)`: a file that somebody
 * else wrote must not do anything on the computer of the person who opens its failed rows. A
 * leading `'` makes text of them, and is taken off again when the edited file comes back.
 */

/**
 * What begins a formula, in some program or other: the full-width forms count in Japanese Excel,
 * and what stands before a tab or a line break is dropped by some. A text that has such a `'`
 * already gets one more, so that taking one off gives exactly the text again.
 */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/u;
const GUARDED = /^'+[=+\-@\t\r\n＝＋－＠]/u;

/** `-5`, `+49`, `-1.5e3`, `-1.234,56`: digits compute nothing. */
const PLAIN_NUMBER = /^[+-][.,]?\d[\d.,]*(?:[eE][+-]?\d+)?$/u;

export function guardCell(text: string): string {
  return FORMULA.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}

/** `unguardCell(guardCell(text)) === text`, for every text. */
export function unguardCell(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}
