/** Cells that have no value: errors such as `#N/A`, and formulas that nobody has calculated. */
import type { Defect, RecordCursor } from "../record.ts";
import { ERROR_MARK } from "./cell_text.ts";
import { cellAddress, columnLetters, type XlsxFormat } from "./xlsx_format.ts";

/** The first such cell of a record; null if there is none. */
export function cellDefect(
  { bytes, fieldCount, fieldStart, fieldEnd, line }: RecordCursor,
  format: XlsxFormat,
  header: readonly string[],
): Defect | null {
  for (let field = 0; field < Math.min(fieldCount, fieldStart.length); field++) {
    const [from, to] = [fieldStart[field], fieldEnd[field]];
    if (from === to || bytes[from] !== ERROR_MARK) continue;
    const text = latin1.decode(bytes.subarray(from + 1, to));
    const column = `column ${columnLetters(format.first_column + field)} (${header[field]})`;
    const cell = cellAddress(format, field, line);
    return {
      code: "cell",
      message: messageOf(text, column),
      value: text === "" ? cell : `${cell}: ${text}`,
    };
  }
  return null;
}

function messageOf(text: string, column: string): string {
  if (text === "") {
    return `A formula in ${column} has no calculated value: open the workbook in a spreadsheet ` +
      "program and save it.";
  }
  return text.startsWith("#")
    ? `A cell in ${column} has the error ${text}.`
    : `A cell in ${column} has a number that can't be read.`;
}

export function isMarked(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (bytes[i] === ERROR_MARK) return true;
  return false;
}

/** Values as a person sees them: the mark is shown as U+FFFD. */
export function withoutMark(
  shown: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(shown)) values[name] = value.replace(/^\ufffd/u, "");
  return values;
}

const latin1 = new TextDecoder("latin1");
