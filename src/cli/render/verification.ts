/** What `verify` has found. */
import { lineTitle } from "../../report/places.ts";
import type { PlacedRow, PlacedValue, PlacedVerification } from "../../report/verified_rows.ts";
import { formatCount } from "../../report/numbers.ts";
import type { VerifiedTable } from "../../run/verify/findings.ts";
import type { Style } from "./style.ts";
import { printable } from "./terminal_text.ts";
import { renderTable, type TextColumn } from "./text_table.ts";

/** How many values are shown; `--json` has more. */
const SHOWN = 20;

/** What is said of a row only where it isn't clear. */
interface Said {
  /** The run reads several files. */
  readonly file: boolean;
  /** Rows went into several tables. */
  readonly table: boolean;
}

/** `sheet`: its name, of a workbook. */
function columnsFor(sheet: string | null, said: Said): readonly TextColumn[] {
  return [
    ...said.file ? [{ title: "in" }] : [],
    { title: "row", right: true },
    { title: lineTitle(sheet), right: true },
    ...said.table ? [{ title: "into" }] : [],
    { title: "key" },
    { title: "column" },
    { title: "file" },
    { title: "table" },
  ];
}

/** Null width: not a terminal, nothing is cut. */
export function renderVerification(
  found: PlacedVerification,
  { width, style }: { readonly width: number | null; readonly style: Style },
): string[] {
  const said = {
    file: found.samples.some(({ file }) => file !== undefined),
    table: found.samples.some(({ table }) => table !== undefined),
  };
  const samples = found.samples.flatMap((row) => cells(row, said));
  const columns = columnsFor(found.sheet ?? null, said);
  const shown = samples.slice(0, SHOWN);
  const isCut = samples.length > shown.length || found.samples.length < differing(found);
  return [
    summary(found),
    ...(found.tables ?? []).map(({ table, rows }) => printable(`In ${table}: ${countsOf(rows)}`)),
    ...shown.length === 0 ? [] : ["", ...renderTable(columns, shown, width, style)],
    ...isCut && shown.length > 0 ? [style.dim("and more: --json has the first 100 rows")] : [],
    ...found.remarks.flatMap((remark, index) =>
      index === 0 ? ["", printable(remark)] : [printable(remark)]
    ),
  ];
}

function differing({ rows, tables = [] }: PlacedVerification): number {
  const all = tables.length === 0 ? [rows] : tables.map((table) => table.rows);
  return all.reduce(
    (sum, each: VerifiedTable["rows"]) =>
      sum + each.changed + each.gone + each.not_found + (each.added ?? 0),
    0,
  );
}

function summary({ rows, not_loaded }: PlacedVerification): string {
  return countsOf({ ...rows, not_loaded: not_loaded ?? 0 });
}

function countsOf(
  rows: Partial<PlacedVerification["rows"] & VerifiedTable["rows"]> & {
    readonly not_loaded?: number;
  },
): string {
  const facts: readonly (readonly [count: number, what: string])[] = [
    [rows.set_aside ?? 0, "set aside"],
    [rows.skipped ?? 0, "skipped"],
    [rows.replaced ?? 0, "replaced by later rows"],
    [rows.changed ?? 0, "changed since"],
    [rows.gone ?? 0, "gone"],
    [rows.not_found ?? 0, "not found"],
    [rows.added ?? 0, "added since"],
    [rows.unreadable ?? 0, "not compared"],
    [rows.not_loaded ?? 0, "not loaded"],
  ];
  return [[rows.as_written ?? 0, "as written"] as const, ...facts.filter(([count]) => count > 0)]
    .map(([count, what]) => `${formatCount(count)} ${what}`).join(" · ");
}

const SHOWN_VALUE = 40;

function cells(row: PlacedRow, said: Said): string[][] {
  const place = [
    ...said.file ? [row.file ?? ""] : [],
    formatCount(row.row_number),
    formatCount(row.line),
    ...said.table ? [into(row)] : [],
    keyOf(row),
  ];
  if (row.message !== null) return [[...place, "", row.message, ""]];
  if (row.result !== "changed") {
    const what = NAMES[row.result];
    const values = row.values.map(({ column, file }) => `${column}: ${shown(file)}`).join(", ");
    return [[...place, `(${what})`, cut(values), ""]];
  }
  return row.values.map((value, index) => [
    ...index === 0 ? place : place.map(() => ""),
    columnOf(value),
    cut(shown(value.file)),
    cut(shown(value.table)),
  ]);
}

const NAMES = { gone: "gone", not_found: "not found", added: "added" };

/** With the place in the row of what belongs to it. */
function into({ table = "", place }: PlacedRow): string {
  return place === undefined ? table : `${table} (${place})`;
}

/** In a workbook with the cell, as in `plan (C17)`. */
function columnOf({ column, cell }: PlacedValue): string {
  return cell === undefined ? column : `${column} (${cell})`;
}

function keyOf({ key }: PlacedRow): string {
  return cut(Object.values(key).map(shown).join(", "));
}

function shown(value: string | null): string {
  return value === null ? "NULL" : value === "" ? "''" : value;
}

function cut(text: string): string {
  const letters = Array.from(text);
  return letters.length <= SHOWN_VALUE ? text : `${letters.slice(0, SHOWN_VALUE - 1).join("")}…`;
}
