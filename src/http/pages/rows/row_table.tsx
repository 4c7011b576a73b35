/** Failed rows as a plain table, page by page: for browsers without scripts, and until they run. */
import type { PlaceWord } from "../parts/place.ts";
import { Buffer } from "node:buffer";
import type { RowReport } from "../../../report/row_schema.ts";
import { formatCount } from "../../../report/numbers.ts";
import { faultsOf } from "./faults.ts";
import type { SourceColumn } from "./rows_data.ts";

/** Characters of a value. The file has them all. */
const LONGEST = 80;
/** More columns are left out, except those with something wrong. */
const MOST_COLUMNS = 40;

interface RowTableProps {
  readonly rows: readonly RowReport[];
  readonly columns: readonly SourceColumn[];
  /** What lines of the run's file are called. */
  readonly word: PlaceWord;
}

export function RowTable({ rows, columns, word }: RowTableProps) {
  const shown = shownColumns(rows, columns);
  return (
    <div class="plain" tabindex={0} role="region" aria-label="Failed rows">
      <table>
        <thead>
          <tr>
            <th scope="col">{word === "row" ? "Row" : "Line"}</th>
            <th scope="col">What is wrong</th>
            {shown.map((place) => (
              <th scope="col">
                <bdi>{cut(columns[place].name)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => <Row row={row} columns={columns} shown={shown} />)}
        </tbody>
      </table>
    </div>
  );
}

/** As the grid's: where the row is. */
function heading({ file, line }: RowReport): string {
  return file === undefined ? formatCount(line) : `${file}:${line}`;
}

interface RowProps {
  readonly row: RowReport;
  readonly columns: readonly SourceColumn[];
  readonly shown: readonly number[];
}

function Row({ row, columns, shown }: RowProps) {
  const { cells, reason } = faultsOf(row, columns);
  return (
    <tr>
      <th scope="row" class="n">{heading(row)}</th>
      <td class="why">
        <bdi>{cut(reason, 2 * LONGEST)}</bdi>
      </td>
      {shown.map((place) => (
        <td class={cells.has(place) ? "wrong" : undefined} title={cells.get(place)}>
          <bdi>{cut(row.data[columns[place].name] ?? "")}</bdi>
        </td>
      ))}
    </tr>
  );
}

/** As many as fit into so many bytes, but at least one. */
export function rowsThatFit(
  rows: readonly RowReport[],
  columns: readonly SourceColumn[],
  bytes: number,
): readonly RowReport[] {
  const shown = shownColumns(rows, columns);
  let room = bytes;
  const fitting = rows.findIndex((row, i) => {
    const { cells, reason } = faultsOf(row, columns);
    const texts = shown.flatMap((place) => [
      cut(row.data[columns[place].name] ?? ""),
      cells.get(place) ?? "",
    ]);
    room -= 100 + 25 * shown.length + bytesOf([cut(reason, 2 * LONGEST), ...texts].join(""));
    return room < 0 && i > 0;
  });
  return fitting === -1 ? rows : rows.slice(0, fitting);
}

/** As HTML. */
function bytesOf(text: string): number {
  return Buffer.byteLength(text) + 5 * (text.match(/[&<>"']/gu)?.length ?? 0);
}

function shownColumns(
  rows: readonly RowReport[],
  columns: readonly SourceColumn[],
): readonly number[] {
  const all = [...columns.keys()];
  if (all.length <= MOST_COLUMNS) return all;
  const wrong = new Set(rows.flatMap((row) => [...faultsOf(row, columns).cells.keys()]));
  const first = all.filter((place) => wrong.has(place)).slice(0, MOST_COLUMNS);
  const rest = all.filter((place) => !wrong.has(place)).slice(0, MOST_COLUMNS - first.length);
  return [...first, ...rest].sort((a, b) => a - b);
}

function cut(text: string, longest = LONGEST): string {
  return text.length <= longest ? text : `${text.slice(0, longest).toWellFormed()}…`;
}
