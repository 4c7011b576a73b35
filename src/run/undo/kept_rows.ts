/** Rows that an undo leaves as they are: their numbers, their reasons, and how these are grouped. */
import type { PostgresError } from "../../db/connection_errors.ts";
import type { NestedRule } from "../../importer/definition.ts";
import type { Batch } from "../../ledger/batches/batches.ts";
import { writeBatchErrors } from "../../ledger/batches/batch_errors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { RowErrors } from "../../ledger/rows/rows.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { UndoRelation } from "../../load/undo/undo_relation.ts";
import type { RowError } from "../../row/outcome.ts";
import { ErrorGroups } from "../process/error_groups.ts";
import { FailureForms } from "../process/failure_forms.ts";

export type Reason =
  & Pick<RowError, "code" | "message">
  & Partial<Pick<RowError, "constraint" | "sqlstate">>;

/** Numbers rows in the order in which they are added. */
export class KeptRows {
  readonly #groups = new ErrorGroups();
  readonly #forms = new FailureForms();
  readonly #batch: Pick<Batch, "run_id" | "number" | "first_row">;
  readonly #label: string | null;
  /** How many there are. */
  count = 0;

  /** `label`: of which table they are, where that isn't clear. */
  constructor(batch: Pick<Batch, "run_id" | "number" | "first_row">, label: string | null) {
    this.#batch = batch;
    this.#label = label;
  }

  add(reason: Reason): { readonly number: number; readonly errors: RowErrors } {
    const number = this.#batch.first_row + this.count++;
    const of = this.#label === null ? "" : `${this.#label}: `;
    const error: RowError = {
      ...{ ...reason, message: `${of}${reason.message}` },
      ...{ column: null, value: null },
    };
    const errors = [error];
    this.#groups.add(number, this.#forms.of(errors, false), errors);
    const { message, ...details } = error;
    return { number, errors: { message, validation: {}, details: [details] } };
  }

  async writeGroups(ledger: Ledger): Promise<void> {
    await writeBatchErrors(ledger, this.#batch, this.#groups.list());
  }
}

export const CHANGED: Reason = {
  code: "changed_since",
  message: "The row was changed since the run wrote it.",
};
export const DELETED: Reason = {
  code: "changed_since",
  message: "The row was deleted since the run wrote it.",
};
export const CHANGED_OR_DELETED: Reason = {
  code: "changed_since",
  message: "The row was changed or deleted since the run wrote it.",
};
/**
 * Why a row has no old values. `hasWriters`: code of the table may write rows, too, and such rows are
 * not told from those that the run has written.
 */
export function withoutOldValues(
  { key, on_duplicate: how, nested = [] }: Run["definition"],
  { hasWriters }: UndoRelation,
): Reason {
  const updates = key.length > 0 && (how === "update" || how === "update_if_newer") ||
    nested.some(updatesChildren);
  const updated = "The run updated this row, and its old values were not kept (options.undo: " +
    "updates keeps them)";
  const beside = "a trigger or a function of the table wrote to it beside the run's batch, so " +
    "nothing tells its rows from the run's";
  return {
    code: "not_kept",
    message: !updates
      ? `${beside.replace("a", "A")}.`
      : hasWriters
      ? `${updated}; or ${beside}.`
      : `${updated}.`,
  };
}

function updatesChildren({ on_duplicate: how, nested }: NestedRule): boolean {
  return how === "update" || nested.some(updatesChildren);
}

export const NOT_SURE: Reason = {
  code: "not_sure",
  message: "An older row of the table has the same transaction number: this may not be the run's.",
};

export function byTrigger(table: string): Reason {
  return {
    code: "kept_by_trigger",
    message: `A trigger or rule of ${table} kept the row as it is.`,
  };
}

export function refusedBy(table: string, error: PostgresError): Reason {
  const { code: sqlstate, message, constraint_name: constraint } = error;
  return {
    code: "database",
    message: `Postgres refuses to change the row of ${table}: ${
      message.replace(/\s+/gu, " ").trim()
    }`,
    sqlstate,
    ...(constraint ? { constraint } : {}),
  };
}
