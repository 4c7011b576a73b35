/** A row's outcome and its errors. Shared by the stages from `row` to `report`. */

export const ROW_STATUSES = ["created", "updated", "skipped", "failed"] as const;
export type RowStatus = (typeof ROW_STATUSES)[number];

/** Stable: people filter on these. docs/definition.md explains each. */
export const ERROR_CODES = [
  "required",
  "type",
  "min",
  "max",
  "min_length",
  "max_length",
  "pattern",
  "one_of",
  "duplicate",
  "duplicate_in_file",
  "batch_rolled_back",
  "lookup",
  "lookup_ambiguous",
  "foreign_key",
  "not_null",
  "check",
  "too_long",
  "out_of_range",
  "encoding",
  "malformed",
  "no_table",
  "cell",
  "hook",
  "hook_timeout",
  "database",
  // Of rows that an undo leaves as they are: docs/undo.md explains these.
  "referenced",
  "changed_since",
  "not_kept",
  "kept_by_trigger",
  "not_sure",
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What groups of errors have, too: rows with refused values, and errors of too many kinds. */
export const GROUP_CODES = [...ERROR_CODES, "validation", "other"] as const;
export type GroupCode = (typeof GROUP_CODES)[number];

/** One error of a row. `message` names the column, never the value, so that errors group. */
export interface RowError {
  readonly code: ErrorCode;
  readonly message: string;
  /** The target column, where there is one. */
  readonly column: string | null;
  /** The source's text for the column, cut at `MAX_VALUE_LENGTH` characters. */
  readonly value: string | null;
  /** Only if Postgres refused the row. */
  readonly sqlstate?: string;
  readonly constraint?: string;
  /** For `check`: what the CHECK wants, in words or in SQL. */
  readonly check?: string;
  /** What may help with this value, in a sentence: such as what was probably meant. */
  readonly hint?: string;
  /** For `duplicate_in_file`: the row that came first. */
  readonly first_row?: number;
}

export const MAX_VALUE_LENGTH = 200;

/** Cuts by code points, so that no half of a surrogate pair is left over. */
export function cutValue(text: string): string {
  if (text.length <= MAX_VALUE_LENGTH) return text;
  return Array.from(text.slice(0, 2 * MAX_VALUE_LENGTH)).slice(0, MAX_VALUE_LENGTH).join("");
}
