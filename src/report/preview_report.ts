/** A preview of a file as programs see it: `{data: preview}`. */
import type { Preview } from "../run/request/preview.ts";
import { readAs } from "./read_as.ts";
import type { ReadAs } from "./report_schema.ts";

export interface PreviewReport {
  readonly importer: string;
  readonly table: string;
  readonly file: string;
  /** No run of this file would be refused. Rows may fail all the same. */
  readonly ok: boolean;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly read_as: ReadAs;
  readonly header: readonly string[];
  /** The line on which the header stands; null if the definition gives the names. */
  readonly header_line: number | null;
  /** In which local times would be read; null if the table has no column for them. */
  readonly time_zone: string | null;
  /** The rest is null if the file doesn't fit the table, or without a database. */
  readonly mapping:
    | readonly {
      readonly column: string;
      readonly type: string;
      /** Empty for a constant or a default. */
      readonly from: readonly string[];
    }[]
    | null;
  readonly not_used: readonly string[] | null;
  readonly not_filled: readonly string[] | null;
  readonly rows:
    | readonly {
      readonly row_number: number;
      readonly line: number;
      /** Table column → value; null if the row can't be read. */
      readonly values: Readonly<Record<string, string | null>> | null;
      readonly errors: readonly {
        readonly column: string | null;
        readonly code: string;
        readonly message: string;
        readonly value: string | null;
      }[];
    }[]
    | null;
  /** How many of the first rows were looked at, and how many would fail before Postgres sees them. */
  readonly looked_at: number | null;
  readonly failing: number | null;
}

export function toPreviewReport(
  { source, problems, warnings, fitted }: Preview,
  of: { readonly importer: string; readonly table: string; readonly file: string },
): PreviewReport {
  return {
    ...of,
    ok: problems.length === 0,
    problems,
    warnings,
    read_as: readAs(source),
    header: source.header,
    header_line: source.header_line ?? null,
    time_zone: fitted && fitted.timeZone,
    mapping: fitted && fitted.mapping,
    not_used: fitted && fitted.notUsed,
    not_filled: fitted && fitted.notFilled,
    rows: fitted && fitted.rows.first.map(({ row, line, values, errors }) => ({
      row_number: row,
      line,
      values: values.length === 0 ? null : Object.fromEntries(
        fitted.mapping.map(({ column }, index) => [column, values[index]]),
      ),
      errors: errors.map(({ column, code, message, value }) => ({ column, code, message, value })),
    })),
    looked_at: fitted && fitted.rows.count,
    failing: fitted && fitted.rows.failing,
  };
}
