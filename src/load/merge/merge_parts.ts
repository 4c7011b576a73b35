/**
 * The parts of an attempt whose rows are marked separately: those that were created, and those that
 * were updated. Each has a savepoint of its own, so that its rows have a number of their own.
 */
import type { Session } from "../../db/session.ts";
import type { LoadPlan } from "../load_plan.ts";
import { sameKeyCondition } from "./merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import type { Merged } from "../record_outcomes.ts";
import { IMMEDIATELY } from "../refusal/undoable.ts";
import { renamedStage, stageOf } from "../stage/stage_table.ts";
import type { AttemptNotes, Wrote } from "../undo_notes.ts";

export class Parts {
  readonly #session: Session;
  #notes: AttemptNotes;
  #end = "";
  #hasWritten = false;

  /** `notes`: those of the attempt, which is the first part. */
  constructor(session: Session, notes: AttemptNotes) {
    this.#session = session;
    this.#notes = notes;
  }

  /** SQL that marks the rows of the last part, to be sent before its savepoint is released. */
  get end(): string {
    return this.#end;
  }

  /** Begins another part, if the last one has written rows. */
  async next(): Promise<void> {
    if (!this.#hasWritten) return;
    this.#hasWritten = false;
    this.#notes = this.#notes.within();
    const begin = `${this.#end} savepoint ingest_part; ${this.#notes.begin}`;
    this.#end = "";
    this.#notes.begun(await this.#session.query(begin));
  }

  created(rows: number, fresh = rows): void {
    this.#end = this.#notes.created(rows, fresh);
    this.#hasWritten = this.#end !== "";
  }

  updated(rows: number): void {
    this.#end = this.#notes.updated(rows);
    this.#hasWritten = this.#end !== "";
  }

  /** The statement that updated the rows has marked them, too. */
  marked(rows: number): void {
    this.#hasWritten = rows > 0;
  }

  /** A MERGE has created rows and updated others. The mark says what became of most, and the others are listed. */
  async mixed(plan: LoadPlan, merged: Merged): Promise<void> {
    const { created, updated, written = created + updated } = merged;
    // Rows are listed by their keys. A row that was updated has no NULL in its key.
    const isNotNull = plan.key.every((key) =>
      plan.table.columns.find(({ name }) => name === key)?.notNull === true
    );
    const most: Wrote = updated > created && isNotNull ? "updated" : "created";
    const { names, column } = renamedStage(plan);
    const { table, position } = stageOf(plan);
    const rows = most === "created" ? created : written - created;
    const sql = this.#notes.mixed(most, rows, { all: written, fresh: created }, {
      wrote: most === "created" ? "updated" : "created",
      from: `${table} s${names}, ${ownRows(plan.table)} t`,
      // After its update, a row may no longer satisfy the key's condition.
      where: `s.${position} = any($1::int[]) and ` +
        sameKeyCondition({ ...plan, keyPredicate: null }, column),
    });
    if (sql === null) return;
    // What deferred triggers do has to be counted, too.
    if (this.#notes.counts && !plan.checksAtEnd) await this.#session.query(IMMEDIATELY);
    await this.#session.query(sql, [
      most === "created" ? merged.updated_rows : merged.created_rows,
    ]);
  }
}
