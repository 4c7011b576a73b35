/** The logged rows of a run. */
import { failureText } from "../../report/failure_text.ts";
import { lineTitle } from "../../report/places.ts";
import type { RowReport } from "../../report/row_schema.ts";
import { formatCount } from "../../report/numbers.ts";
import type { Style } from "./style.ts";
import { renderTable, type TextColumn } from "./text_table.ts";
import { displayWidth, printable, truncate } from "./terminal_text.ts";

const COLUMNS: readonly TextColumn[] = [{ title: "status" }, { title: "what" }, { title: "data" }];

/**
 * A table if each row fits a line of the terminal, else a few lines for each row. `sheet`: of a
 * workbook. Null width: not a terminal, nothing is cut.
 */
export function renderRows(
  rows: readonly RowReport[],
  width: number | null,
  style: Style,
  sheet: string | null = null,
): string[] {
  const shown = rows.map(cells);
  const ofSeveral = rows.some(({ file }) => file !== undefined);
  const place = lineTitle(sheet);
  const columns = [{ title: "row", right: true }, { title: place, right: true }, ...COLUMNS];
  const table = ofSeveral
    ? renderTable([{ title: "file" }, ...columns], shown, null, style)
    : renderTable(columns, shown.map((row) => row.slice(1)), null, style);
  const fits = width === null || table.every((line) => displayWidth(line) <= width);
  return fits ? table : renderBlocks(shown, place, width, style);
}

function cells(row: RowReport): string[] {
  const data = Object.keys(row.data)
    .map((name) => `${unambiguous(name)}: ${unambiguous(row.data[name])}`).join(", ");
  return [
    row.file ?? "",
    formatCount(row.row_number),
    formatCount(row.line),
    row.waived
      ? `${row.status}, waived`
      : row.resolved_by_run_id !== undefined
      ? `${row.status}, fixed by ${row.resolved_by_run_id}`
      : row.correction === undefined
      ? row.status
      : `${row.status}, corrected`,
    row.errors === null ? "" : failureText(row.errors),
    data,
  ];
}

/** In quotes if it could be taken for more than one value: `x, id: 7`. */
function unambiguous(text: string): string {
  return /[,:]\s|^\s|["\s]$|^"|[,:]$/u.test(text) ? JSON.stringify(text) : text;
}

/** For terminals on which a row doesn't fit a line: the reason is never cut, only the data. */
function renderBlocks(
  rows: readonly (readonly string[])[],
  place: string,
  width: number,
  style: Style,
): string[] {
  return rows.flatMap(([file, row, line, status, reason, data]) => [
    `${file === "" ? "" : `${printable(file)}, `}row ${row}, ${place} ${line}: ${status}${
      reason === "" ? "" : `. ${printable(reason)}`
    }`,
    style.dim(truncate(`  ${printable(data)}`, width)),
  ]);
}
