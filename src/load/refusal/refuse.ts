/** Decides the outcome of a single row that Postgres refused. */
import { PostgresError } from "../../db/connection_errors.ts";
import { classify, isOfServer } from "../../db/sqlstate.ts";
import type { LoadOptions } from "../load_plan.ts";
import type { LoadPlan } from "../load_plan.ts";
import { describeRefusal, isUnreadable, type Refusal } from "./refusal.ts";
import { type LoadedRows, SKIPPED, WAITING } from "../encoded_rows.ts";
import type { Table } from "../catalog/table.ts";

/** No row is at fault, but these rows can't be loaded together. Fewer of them can. */
export const NOT_TOGETHER = "not together";

export type RowRefusal = Refusal | typeof NOT_TOGETHER;

/**
 * Internal functions of Postgres whose errors are caused by a row, whatever their SQLSTATE: a
 * policy refuses the row (with the same code as a missing privilege), or a trigger raises an error
 * with a code of its own.
 */
const REFUSING_ROUTINES = ["ExecWithCheckOptions", "exec_stmt_raise"];

/** Is the row that was written at fault, whatever the error's SQLSTATE says? */
export function isOfRow({ routine }: PostgresError): boolean {
  return REFUSING_ROUTINES.includes(routine);
}

/**
 * Returns a function that turns a caught error into a refusal. It rethrows errors that no row can
 * cause. Where it isn't sure, the refusal is a `suspect`.
 */
export function asRefusal(table: Table): (error: unknown) => Refusal {
  return (error) => {
    if (!(error instanceof PostgresError)) throw error;
    if (isOfRow(error)) return error;
    const { kind } = classify(error);
    if (kind === "data") return error;
    if (kind !== "fatal" || isOfServer(error)) throw error;
    if (isUnreadable(error.where, table)) return error;
    const { code, message, detail, where, constraint_name, column_name, table_name } = error;
    const names = { constraint_name, column_name, table_name };
    return { code, message, detail, where, ...names, suspect: error };
  };
}

export function refuseRow(
  loaded: LoadedRows,
  row: number,
  refusal: RowRefusal,
  plan: LoadPlan,
  options: LoadOptions,
): void {
  if (refusal === NOT_TOGETHER) {
    throw new Error(`Row ${row} can't be loaded, although there is no other row beside it`);
  } else if (refusal.of !== undefined) {
    const { table, label, places, error = describeRefusal(refusal, table) } = refusal.of;
    const column = places.length === 0 || error.column === null
      ? label
      : `${label}.${error.column}`;
    loaded.fail(row, { ...error, message: [...places, error.message].join(": "), column });
  } else if (plan.onDuplicate === "skip" && isKeyDuplicate(refusal, plan)) {
    loaded.outcomes[row] = SKIPPED;
  } else if (options.selfReferencesMayWait && isSelfReference(refusal, plan)) {
    loaded.outcomes[row] = WAITING;
  } else {
    loaded.fail(row, describeRefusal(refusal, plan.table));
  }
}

/**
 * Another row has the same key, not only another value that must be unique, such as one column of a
 * key of two.
 */
function isKeyDuplicate(
  { code, constraint_name: name }: Refusal,
  { table, key, keyPredicate }: LoadPlan,
): boolean {
  if (code !== UNIQUE_VIOLATION || key.length === 0 || name === undefined) return false;
  return table.uniqueIndexes.some((index) =>
    (index.name === name || index.partitionNames?.includes(name)) &&
    (!index.partial || index.predicate === keyPredicate) &&
    index.columns?.length === key.length && index.columns.every((column) => key.includes(column))
  );
}

const UNIQUE_VIOLATION = "23505";

function isSelfReference(refusal: Refusal, plan: LoadPlan): boolean {
  return plan.table.foreignKeys.some((key) => key.toItself && key.name === refusal.constraint_name);
}
