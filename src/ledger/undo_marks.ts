/** `undo_marks`: under which numbers of transactions a batch's rows were written. */
import type { UndoNotes } from "../load/undo_notes.ts";
import type { Ledger } from "./ledger.ts";

interface BatchNumber {
  readonly run_id: number;
  readonly number: number;
}

/** A batch's marks. They have no number until `numberMarks`, at the batch's end. */
export class BatchMarks implements UndoNotes {
  readonly #ledger: Ledger;
  readonly #batch: BatchNumber;
  readonly #relation: number;
  #any = false;

  constructor(ledger: Ledger, batch: BatchNumber, relation: number) {
    this.#ledger = ledger;
    this.#batch = batch;
    this.#relation = relation;
  }

  mark(wrote: string, rows: number): string {
    this.#any = true;
    const { run_id, number } = this.#batch;
    return `insert into ${this.#ledger.schema}.undo_marks (run_id, batch, relation, wrote, rows)
      values (${run_id}, ${number}, ${this.#relation}, ${wrote}, ${rows})`;
  }

  /**
   * SQL: a part of WITH that gives the batch's marks their numbers; empty if it has none. A mark was
   * written under the same subtransaction as its rows, so its own `xmin` is the lower half of what is
   * looked for. It must be stored: in a dump, a row's `xmin` is lost. A subtransaction's number comes
   * after that of its transaction.
   */
  numbered(): string {
    if (!this.#any) return "";
    const { run_id, number } = this.#batch;
    return `numbered as (
      update ${this.#ledger.schema}.undo_marks
      set xid = (${TOP} + ((xmin::text::bigint - ${TOP}) & 4294967295))::text::xid8
      where run_id = ${run_id} and batch = ${number} and xid is null
    )`;
  }
}

const TOP = "pg_current_xact_id()::text::bigint";
