/** A row that belongs to a row of the table can't be written. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { RowError } from "../../row/outcome.ts";
import type { Table } from "../catalog/table.ts";

export class RelatedRefused extends Error {
  override readonly name = "RelatedRefused";

  /** `places`: which one it is, from the outside in: `line_items 2`. */
  constructor(
    readonly table: Table,
    readonly label: string,
    readonly refused: PostgresError | RowError,
    readonly places: readonly string[] = [],
  ) {
    super(refused.message, { cause: refused });
  }
}

/** The other table, or a column of it, is gone: what was compiled for it can't be used. */
export class RelatedGone extends Error {
  override readonly name = "RelatedGone";
}

/** What an error means for whoever writes to the other table. */
export function refusedWithin(
  error: unknown,
  table: Table,
  label: string,
  place: string | null,
): unknown {
  const places = place === null ? [] : [place];
  if (error instanceof RelatedRefused) {
    return new RelatedRefused(error.table, `${label}.${error.label}`, error.refused, [
      ...places,
      ...error.places,
    ]);
  }
  if (!(error instanceof PostgresError)) return error;
  return GONE.has(error.code)
    ? new RelatedGone(error.message, { cause: error })
    : new RelatedRefused(table, label, error, places);
}

/** Undefined table, column or schema. */
const GONE: ReadonlySet<string> = new Set(["42P01", "42703", "3F000"]);
