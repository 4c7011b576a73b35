/** How people find a place in their file: by the line of a text, or the cell of a workbook. */
import type { SourceFormat } from "../source/format.ts";
import { cellAddress } from "../source/xlsx/xlsx_format.ts";
import type { SourceNames } from "./source_names.ts";

/** The sheet's name if the source is a workbook; else null. */
export function sheetOf(format: SourceFormat): string | null {
  return format.type === "xlsx" ? format.sheet : null;
}

/**
 * Which field a cell of a workbook is, from 0; null if it is none of the table's. `place`: begins
 * with the cell, such as `C17: #N/A`.
 */
export function fieldOfCell(format: SourceFormat, place: string): number | null {
  const letters = /^([A-Z]{1,3})\d/u.exec(place)?.[1];
  if (format.type !== "xlsx" || letters === undefined) return null;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return column < format.first_column ? null : column - format.first_column;
}

/** What a row's `line` is called, beside its row number. `sheet`: as of `sheetOf`. */
export function lineTitle(sheet: string | null): "line" | "sheet row" {
  return sheet === null ? "line" : "sheet row";
}

/**
 * Where a row's wrong value is, by the table's column, such as `C17`; null in a text, and if no
 * column of the file fills it.
 */
export type CellOf = (column: string, line: number) => string | null;

export function cellsOf(format: SourceFormat, names: SourceNames): CellOf {
  if (format.type !== "xlsx") return () => null;
  const known = new Map<string, readonly number[]>();
  return (column, line) => {
    const fields = known.get(column) ?? names.fieldsOf(column);
    known.set(column, fields);
    if (fields.length === 0) return null;
    return fields.map((field) => cellAddress(format, field, line)).join(", ");
  };
}
