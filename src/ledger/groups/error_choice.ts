/** Certain errors: `--group`, `--code`, `--column`, `--of-file`. */

/**
 * Errors for which each of these lists holds: one of its words is the error's. Null: any. A row is
 * chosen if one of its errors is.
 */
export interface ErrorChoice {
  /** Whole ids. */
  readonly groups: readonly string[] | null;
  readonly codes: readonly string[] | null;
  /** Of the table. */
  readonly columns: readonly string[] | null;
  /** Only rows in one of these ranges, which are in order. Undefined: any. */
  readonly ranges?: readonly RowRange[];
}

/** Row numbers, both included. */
export interface RowRange {
  readonly first: number;
  readonly last: number;
}

/** SQL: is the error or group `e`, whose id is `id`, chosen? Uses `parametersOf` as `$2` to `$4`. */
export function chosenIn(id: string): string {
  return `($2::text[] is null or ${id} = any($2)) and ($3::text[] is null or e.code = any($3))
    and ($4::text[] is null or e."column" = any($4))`;
}

export function parametersOf(choice: ErrorChoice | null) {
  return [choice?.groups ?? null, choice?.codes ?? null, choice?.columns ?? null];
}
