/** A preview of a file as programs see it: `{data: preview}`. */
import { isDone } from "../ledger/runs/same_bytes.ts";
import type { Preview } from "../run/request/preview.ts";
import type { PreviewRow } from "../run/request/preview_rows.ts";
import type { PreviewReport } from "./preview_schema.ts";
import { readAs } from "./read_as.ts";

export type { PreviewReport } from "./preview_schema.ts";

interface Shown {
  readonly importer: string;
  readonly table: string;
  readonly file: string;
  readonly isBeginning: boolean;
  /** If a run would read several: how many, and of how many it was seen what they are like. */
  readonly files?: { readonly all: number; readonly lookedAt: number };
  /** Longer values are cut, in characters. Null: none is. */
  readonly longest: number | null;
}

export function toPreviewReport(
  { source, problems, warnings, rows, columns, fitted, duplicates, loadedBefore, different }:
    Preview,
  { importer, table, file, isBeginning, longest, files }: Shown,
): PreviewReport {
  const sources = new Map(fitted?.mapping.map(({ column, from }) => [column, from]));
  const shorten = (text: string) => longest === null ? text : cutAt(text, longest);
  // Of several tables, the mapping says which, and an error doesn't.
  const from = (column: string | null) =>
    column === null
      ? []
      : sources.get(column) ?? fitted?.mapping.find((each) => each.column.endsWith(`.${column}`))
        ?.from ??
        [];
  const duplicateOf = (row: number) =>
    duplicates?.inTable.has(row)
      ? { duplicate: "in_table" as const }
      : duplicates?.inFile.has(row)
      ? { duplicate: "in_file" as const }
      : {};
  const shownRow = ({ row, line, cells, values, errors }: PreviewRow) => {
    const isCut = longest !== null && [...cells, ...values].some((text) => isLong(text, longest));
    return {
      row_number: row,
      line,
      cells: cells.length === 0 ? null : cells.map(shorten),
      values: fitted === null || values.length === 0 ? null : Object.fromEntries(
        fitted.mapping.flatMap(({ column }, index) => {
          const value = values[index];
          return value === undefined ? [] : [[column, value === null ? null : shorten(value)]];
        }),
      ),
      ...isCut && { cut: true as const },
      errors: errors.map(({ column, code, message, value, hint }) => ({
        ...{ column, code, message, value },
        ...hint !== undefined && { hint },
        from: from(column),
      })),
      ...duplicateOf(row),
    };
  };
  return {
    ...{ importer, table, file },
    ok: problems.length === 0,
    problems,
    warnings,
    only_beginning: isBeginning,
    files: files === undefined
      ? null
      : { count: files.all, looked_at: files.lookedAt, different: different ?? [] },
    read_as: readAs(source),
    header: source.header,
    header_line: source.header_line ?? null,
    time_zone: fitted && fitted.timeZone,
    table_columns: columns && columns.map(({ hasDefault, ...column }) => ({
      ...column,
      has_default: hasDefault,
    })),
    mapping: fitted && fitted.mapping,
    not_used: fitted && fitted.notUsed,
    not_filled: fitted && fitted.notFilled,
    rows: rows.first.map(shownRow),
    looked_at: fitted && rows.all.length,
    failing: fitted && rows.failing,
    failing_rows: rows.failed.map(shownRow),
    mistakes: rows.mistakes.map(({ row, ...mistake }) => ({
      ...mistake,
      row_number: row,
      from: from(mistake.column),
      value: mistake.value === null ? null : shorten(mistake.value),
    })),
    duplicates: duplicates && {
      key: duplicates.key,
      on_duplicate: duplicates.onDuplicate,
      on_missing: duplicates.onMissing,
      in_table: duplicates.inTable.size,
      in_file: duplicates.inFile.size,
    },
    loaded_before: loadedBefore && {
      run_id: loadedBefore.id,
      importer: loadedBefore.importer,
      at: (loadedBefore.completed_at ?? loadedBefore.created_at).toISOString(),
      filename: loadedBefore.original_filename,
      whole: isDone(loadedBefore),
    },
  };
}

function isLong(text: string | null | undefined, longest: number): boolean {
  return typeof text === "string" && text.length > longest;
}

function cutAt(text: string, longest: number): string {
  return text.length <= longest ? text : text.slice(0, longest).toWellFormed();
}
