/** Translates Postgres's refusal of a row into words for the owner of the file. */
import type { RowError } from "../../row/outcome.ts";
import { MAX_VALUE_LENGTH } from "../../row/outcome.ts";
import { checkWords } from "./check_words.ts";
import { type CopyContext, copyContext } from "./copy_context.ts";
import { namedStage } from "../stage/stage_table.ts";
import type { CheckConstraint, Table } from "../catalog/table.ts";

/** The parts of a Postgres error that we use. We never interpret its text: its language varies. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly where?: string;
  readonly constraint_name?: string;
  readonly column_name?: string;
  readonly table_name?: string;
  /**
   * The error itself, if it doesn't say that a row is at fault: a trigger may fail for this row, or
   * for every row. See suspicion.ts.
   */
  readonly suspect?: Error;
  /** Of a row of another table, which belongs to the row. */
  readonly of?: RefusedPart;
}

export interface RefusedPart {
  readonly table: Table;
  /** What messages call it, and which one it is, from the outside in. */
  readonly label: string;
  readonly places: readonly string[];
  /** What is wrong, if not Postgres has said it. */
  readonly error?: RowError;
}

const UNIQUE_VIOLATION = "23505";
const FOREIGN_KEY_VIOLATION = "23503";
const NOT_NULL_VIOLATION = "23502";
const CHECK_VIOLATION = "23514";
const STRING_TOO_LONG = "22001";
const NUMBER_OUT_OF_RANGE = "22003";
/** The encoding of the database has no such character. */
const UNTRANSLATABLE = "22P05";
const RAISED = "P0001";
/** Invalid text, datetime format, datetime overflow, interval, encoding, JSON … */
const BAD_VALUE = /^(22P0[2-6]|2200[78]|22009|22015|2202[13]|2203[0-9A-F]|2200[LMNST])$/;
/** Of a constraint, a trigger, or a length that is told apart from other values: not "type". */
const NOT_OF_THE_TYPE = /^(23|P0)/;

/** One sentence, a stable code, and the column if Postgres or the constraint names one. */
export function describeRefusal(refusal: Refusal, table: Table): RowError {
  const base = {
    sqlstate: refusal.code,
    ...(refusal.constraint_name ? { constraint: refusal.constraint_name } : {}),
  };
  const copied = copiedValue(refusal.where, table);
  const column = refusal.column_name ?? copied?.column ?? null;
  const field = (code: RowError["code"], message: string, name = column): RowError => ({
    code,
    message,
    column: name,
    value: detailValue(refusal.detail) ?? copied?.value ?? null,
    ...base,
  });
  switch (refusal.code) {
    case UNIQUE_VIOLATION: {
      const columns = keyColumns(refusal, table);
      return field(
        "duplicate",
        duplicateMessage(columns ?? [refusal.constraint_name ?? "?"]),
        columns?.length === 1 ? columns[0] : null,
      );
    }
    case FOREIGN_KEY_VIOLATION: {
      const key = table.foreignKeys.find((each) => each.name === refusal.constraint_name);
      if (!key) break;
      return field(
        "foreign_key",
        `The ${key.columns.join(", ")} field refers to a row that is not in ${key.referencedName}.`,
        key.columns.length === 1 ? key.columns[0] : null,
      );
    }
    case NOT_NULL_VIOLATION:
      if (column === null) break;
      return field("not_null", `The ${column} field is required.`);
    case CHECK_VIOLATION:
      return refusal.constraint_name
        ? {
          ...field(
            "check",
            `The ${table.name} table refuses this row: ${refusal.constraint_name}.`,
            column ?? onlyColumnOf(refusal.constraint_name, table),
          ),
          ...wantedBy(refusal.constraint_name, table),
        }
        : field("check", `The ${table.name} table has no partition for this row.`);
    case STRING_TOO_LONG:
      return column === null
        ? field("too_long", `A value is too long for its column in ${table.name}.`)
        : field("too_long", `The ${column} field is too long for its column.`);
    case NUMBER_OUT_OF_RANGE:
      return column === null
        ? field("out_of_range", `A number is out of range for its column in ${table.name}.`)
        : field("out_of_range", `The ${column} field is out of range.`);
    case UNTRANSLATABLE:
      // For a \u escape in json, the column's type is named instead, below.
      if (copied?.value !== undefined) break;
      return column === null
        ? field("database", "A value has a character that the database can't store.")
        : field("type", `The ${column} field has a character that the database can't store.`);
    case RAISED:
      return field(
        "database",
        `The ${table.name} table refuses this row: ${oneLine(refusal.message)}`,
      );
  }
  const isValue = BAD_VALUE.test(refusal.code) ||
    copied?.column !== undefined && !NOT_OF_THE_TYPE.test(refusal.code);
  if (isValue && column !== null) {
    const type = table.columns.find((each) => each.name === column)?.type;
    return field("type", `The ${column} field must be a valid ${type ?? "value"}.`);
  }
  return field("database", `The ${table.name} table refuses this row: ${oneLine(refusal.message)}`);
}

/** The column that a CHECK is about; null if it is about several. */
function onlyColumnOf(constraint: string, table: Table): string | null {
  const columns = table.checks.find(({ name }) => name === constraint)?.columns ?? [];
  return columns.length === 1 ? columns[0] : null;
}

/** Made once for each, because many rows may fail by it. */
const words = new WeakMap<CheckConstraint, string>();

/** Nothing for the CHECK of a domain, which the table doesn't have. */
function wantedBy(constraint: string, table: Table): Pick<RowError, "check"> {
  const check = table.checks.find(({ name }) => name === constraint);
  if (check === undefined) return {};
  let wanted = words.get(check);
  if (wanted === undefined) {
    wanted = checkWords(check.expression).slice(0, MAX_VALUE_LENGTH);
    words.set(check, wanted);
  }
  return { check: wanted };
}

export function duplicateMessage(columns: readonly string[]): string {
  return `Duplicate entry found for key '${columns.join(", ")}'.`;
}

/** The columns of the unique index that refused the row; null for an index on expressions. */
function keyColumns(refusal: Refusal, table: Table): readonly string[] | null {
  const { constraint_name: name } = refusal;
  if (name === undefined) return null;
  const index = table.uniqueIndexes.find((each) =>
    each.name === name || each.partitionNames?.includes(name)
  );
  return index?.columns ?? null;
}

/**
 * Whether the error came from reading a single value. Types report that with any SQLSTATE: hstore
 * with XX000, regclass with 42P01, jsonpath with 0A000, a deep jsonb with 54001.
 */
export function isUnreadable(where: string | undefined, table: Table): boolean {
  return copiedValue(where, table)?.column !== undefined;
}

function copiedValue(where: string | undefined, table: Table): CopyContext | null {
  const columns = table.columns.map(({ name }) => name);
  return copyContext(where, [table.name, namedStage(where)], columns);
}

/** The position (from 0) of the row that an error of a COPY into this relation names, or null. */
export function copyRow(refusal: Refusal, relation: string): number | null {
  const line = copyContext(refusal.where, [relation], [])?.line;
  return line === undefined ? null : line - 1;
}

/**
 * The value in `Key (email)=(a@b.c) …`, whatever language surrounds it. Exclusion constraints
 * repeat the columns: `Key (r)=([3,8)) … (r)=([1,5))`.
 */
function detailValue(detail: string | undefined): string | null {
  const value = detail?.match(/\((.*?)\)=\((.*)\)[^()]*\(\1\)=/s)?.[2] ??
    detail?.match(/\(.*?\)=\((.*)\)/s)?.[1];
  return value === undefined ? null : value.slice(0, MAX_VALUE_LENGTH);
}

function oneLine(message: string): string {
  const line = message.replaceAll(/\s+/g, " ").trim().slice(0, MAX_VALUE_LENGTH);
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
