/**
 * What a batch notes in its own transaction, so that what it wrote can be taken back: for each
 * savepoint under which rows were written, whether they were created or updated. A row's `xmin` then
 * tells to which of them it belongs.
 */
import type { Table } from "./catalog/table.ts";

/** `inserts`: marks only. `updates`: also the old values of rows that are updated. */
export type UndoMode = "updates" | "inserts" | "off";

export type Wrote = "created" | "updated";

/** Writes to the ledger (ledger/undo/undo_marks.ts). */
export interface UndoNotes {
  /**
   * May rows of the batch hit rows that the run, or one that it retries, has written itself? These
   * remain what they were: what the run has created stays created.
   */
  readonly hitsOwn: "never" | "perhaps" | "likely";
  /** The columns that tell rows apart; empty: none do. */
  readonly identity: readonly string[];
  /**
   * SQL for the end of a savepoint in which `rows` rows of the table were written. `wrote`: an
   * expression whose value is a `Wrote`. `fresh`: how many of them were not there before.
   */
  mark(wrote: string, rows: number, fresh: number): string;
  /**
   * The same where some of the rows were written in the other way. Those are listed: the rows `t` that
   * `from` and `where` find, as far as they were written in this savepoint.
   */
  markMixed(wrote: string, rows: number, fresh: number, exceptions: Exceptions): string;
  /** The columns whose old values are kept when a row is updated; null: none are. */
  readonly keeps: readonly string[] | null;
  /**
   * SQL: parts of WITH that mark the rows of the part `updated` and keep their old values: its columns
   * `identity`, `before` and `old_xmin`. A row without `before` is only marked.
   */
  keep(updated: string): string;
  /**
   * SQL: a part of WITH that takes back what `keep` has kept under the number $`xmin`, except for rows
   * that the part `updated` has.
   */
  drop(updated: string, xmin: number): string;
  /** SQL: what tells the table's row `t` apart. */
  readonly rowIdentity: string;
  /** SQL: was this row of the table written by the run? Was `t` created by it? */
  isOwn(row: string): string;
  readonly isOwnCreated: string;
  /**
   * SQL: parts of WITH that keep the rows which the part `gone` has deleted: its columns `row`,
   * `old_xmin`, `own` (the run has written it) and `own_created`. What the run itself has created was
   * not there before, so it is only taken off what it created.
   */
  keepRemoved(gone: string): string;
  /** Those of another table that the same batch writes to; null: nothing is noted there. */
  beside(table: Table): UndoNotes | null;
}

export interface Exceptions {
  readonly wrote: Wrote;
  readonly from: string;
  readonly where: string;
}

/** The notes of one attempt to write rows; `notes` null: none are kept. */
export class AttemptNotes {
  readonly #table: Table;
  readonly #notes: UndoNotes | null;
  #before = 0;

  constructor(table: Table, notes: UndoNotes | null) {
    this.#table = table;
    this.#notes = notes;
  }

  /** For a savepoint within the attempt's. */
  within(): AttemptNotes {
    return new AttemptNotes(this.#table, this.#notes);
  }

  /** SQL to send right after a savepoint begins. Its rows are for `begun`. */
  get begin(): string {
    return this.counts ? `select ${changesOf(this.#table)} as changes` : "";
  }

  begun(rows: readonly object[]): void {
    const [row] = rows as readonly { readonly changes: number }[];
    if (this.counts) this.#before = row.changes;
  }

  /**
   * SQL to send before the savepoint in which only these rows were created is released. `fresh`: how
   * many of them the run had not created before.
   */
  created(rows: number, fresh = rows): string {
    if (this.#notes === null || rows === 0) return "";
    return `${this.#notes.mark(this.#wrote("created", rows), rows, fresh)}; `;
  }

  /** The same for updated rows. Rows that others wrote besides are only left as they are. */
  updated(rows: number): string {
    if (this.#notes === null || rows === 0) return "";
    return `${this.#notes.mark("'updated'", rows, 0)}; `;
  }

  /** SQL that marks rows of which `exceptions` were not written like the others; null: none needed. */
  mixed(
    wrote: Wrote,
    rows: number,
    { all, fresh }: { readonly all: number; readonly fresh: number },
    exceptions: Exceptions,
  ): string | null {
    if (this.#notes === null) return null;
    return this.#notes.markMixed(this.#wrote(wrote, all), rows, fresh, exceptions);
  }

  /** Counts what is written: a trigger or a function may write rows of the table, too. */
  get counts(): boolean {
    return this.#notes !== null && this.#table.mayWriteMore === true;
  }

  /**
   * SQL. An undo deletes what is under a mark that says `created`. So nothing may be, that a trigger
   * or a function wrote. `rows`: how many were written in the savepoint.
   */
  #wrote(wrote: Wrote, rows: number): string {
    return this.counts && wrote === "created"
      ? `case ${changesOf(this.#table)} when ${
        this.#before + rows
      } then 'created' else 'updated' end`
      : `'${wrote}'`;
  }
}

/**
 * SQL: how many rows of the table were written or deleted since some moment before the transaction.
 * Only differences mean something. (Without `track_counts`, it never changes.)
 */
function changesOf({ oid, partitioned }: Table): string {
  const count = (relation: string) =>
    ["inserted", "updated", "deleted"]
      .map((what) => `pg_stat_get_xact_tuples_${what}(${relation})`).join(" + ");
  return partitioned
    ? `(select sum(${count("relid")})::bigint from pg_partition_tree(${oid}))`
    : `(${count(String(oid))})`;
}
