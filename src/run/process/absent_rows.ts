/**
 * What one transaction that loads all of a file does with rows of the table which the file doesn't have
 * (`on_absent`). It finds them when all rows of the file are loaded, and deletes or marks them last.
 */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import type { AbsentRule } from "../../importer/absent_rule.ts";
import { type AbsentCounts, absentNotes } from "../../ledger/runs/absent_rows.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { retryOf, rootOf } from "../../ledger/runs/retries.ts";
import type { RunFailure } from "../../ledger/runs/runs.ts";
import { BatchMarks } from "../../ledger/undo/undo_marks.ts";
import { numberMarks } from "../../ledger/undo/undo_images.ts";
import { createSeen } from "../../load/absent/absent_tables.ts";
import {
  countInScope,
  findAbsent,
  hasInScope,
  sampleAbsent,
} from "../../load/absent/find_absent.ts";
import { findBelonging } from "../../load/absent/find_belonging.ts";
import {
  type AbsentNotes,
  deleteAbsent,
  findReferring,
  markAbsent,
} from "../../load/absent/remove_absent.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import { asRefusal } from "../../load/refusal/refuse.ts";
import { IMMEDIATELY } from "../../load/refusal/undoable.ts";
import { undoneColumns } from "../../load/undo_identity.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import type { RunProgram } from "../program.ts";
import type { EncodedBatch } from "./encode.ts";
import { FailedKeys } from "./failed_keys.ts";
import type { Look } from "./resolve.ts";
import {
  absentNotes as describeLeft,
  missedScope,
  whyBelonging,
  whyNotDeleted,
  whyReferred,
} from "./absent_failures.ts";

export interface FoundAbsent {
  readonly inScope: number;
  readonly absent: number;
  readonly rule: AbsentRule;
  /** Keys of the first ones. */
  readonly samples: readonly (readonly string[])[];
}

export type Removed =
  | { readonly ok: true; readonly counts: AbsentCounts }
  | { readonly ok: false; readonly failure: RunFailure };

export class AbsentRows {
  readonly #ledger: Ledger;
  readonly #program: RunProgram;
  readonly rule: AbsentRule;
  readonly #look: Look;
  /** Null if rows that fail keep all absent rows. */
  readonly #failed: FailedKeys | null;
  #inScope = 0;
  #absent = 0;
  /** Not even the file's own rows are in scope. */
  #missesAll = false;

  /** `look`: on the session that loads the rows. */
  private constructor(ledger: Ledger, program: RunProgram, rule: AbsentRule, look: Look) {
    this.#ledger = ledger;
    this.#program = program;
    this.rule = rule;
    this.#look = look;
    this.#failed = rule.despiteFailures ? new FailedKeys(program) : null;
  }

  /**
   * Before the first row is loaded. Null: rows that the file doesn't have are kept. A retry has only some
   * of a file's rows.
   */
  static async begin(ledger: Ledger, program: RunProgram, look: Look): Promise<AbsentRows | null> {
    const { run, loadPlan } = program;
    const { absent: rule, table } = loadPlan;
    if (rule === undefined || retryOf(run) !== null) return null;
    const rows = new AbsentRows(ledger, program, rule, look);
    rows.#inScope = await look(async (session) => {
      // Of two runs at once, one would delete what the other has found there and left as it is.
      await session.query(
        `select pg_advisory_xact_lock(${ledger.lockKey("absent", String(table.oid))})`,
      );
      const found = await countInScope(session, loadPlan, rule);
      if (found > 0) await session.query(createSeen(loadPlan));
      return found;
    });
    return rows;
  }

  /** The plan for the file's rows, whose keys are noted. */
  get plan(): LoadPlan {
    const { loadPlan } = this.#program;
    return this.#inScope === 0 ? loadPlan : { ...loadPlan, notesKeys: true };
  }

  /** Is told what has become of a batch's rows. */
  seen(encoded: EncodedBatch, loaded: LoadedRows): void {
    if (this.#inScope > 0) this.#failed?.add(encoded, loaded);
  }

  /** After each batch. */
  async noteFailed(): Promise<void> {
    const failed = this.#failed;
    if (failed !== null && this.#inScope > 0) await this.#look((session) => failed.note(session));
  }

  /** Of a row that fails, nobody may know which row of the table it is. */
  mayFind(failedRows: number): boolean {
    return failedRows === 0 || this.#failed?.unreadable === 0;
  }

  /** What to tell people. `counts`: null if nothing was done about absent rows. */
  notes(failedRows: number, counts: AbsentCounts | null): readonly string[] {
    const left = describeLeft(this.rule, this.#failed?.unreadable ?? failedRows, counts);
    return this.#missesAll ? [...left, missedScope(this.rule)] : left;
  }

  /** When all rows of the file are loaded. `good`: how many of them don't fail. */
  async find(good: number): Promise<FoundAbsent> {
    const { run, loadPlan } = this.#program;
    const known = run.known_rows;
    if (known === null) throw new Error(`Run ${run.id} doesn't know what was there before it`);
    this.#absent = this.#inScope === 0
      ? 0
      : await this.#look((session) => findAbsent(session, loadPlan, this.rule, known));
    if (this.#inScope === 0 && good > 0 && Object.keys(this.rule.scope).length > 0) {
      this.#missesAll = !await this.#look((session) => hasInScope(session, loadPlan, this.rule));
    }
    const samples = this.#absent === 0
      ? []
      : await this.#look((session) => sampleAbsent(session, loadPlan, SAMPLES));
    return { inScope: this.#inScope, absent: this.#absent, rule: this.rule, samples };
  }

  /** Deletes or marks what was found. `stays`: it will be committed, so an undo has to know of it. */
  async remove(batch: number, stays: boolean): Promise<Removed> {
    const counts = { in_scope: this.#inScope, absent: this.#absent };
    const did = this.rule.do === "delete" ? "deleted" : "marked";
    if (this.#absent === 0) return { ok: true, counts: { ...counts, [did]: 0 } };
    const notes = stays ? this.#notes(batch) : null;
    return await this.#look(async (session) => {
      const failure = did === "deleted" ? await this.#referred(session) : null;
      if (failure !== null) return { ok: false, failure };
      await session.query(`savepoint ${REMOVING}`);
      try {
        const rows = await this.#remove(session, notes);
        await session.query(`${IMMEDIATELY}; release ${REMOVING}`);
        if (notes?.updates) await numberMarks(this.#ledger);
        return { ok: true, counts: { ...counts, [did]: rows } };
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error;
        const refusal = asRefusal(this.#program.loadPlan.table)(error);
        await session.query(`rollback to ${REMOVING}; release ${REMOVING}`);
        const { table } = this.#program.loadPlan;
        return { ok: false, failure: whyNotDeleted(refusal, table, this.rule, this.#absent) };
      }
    });
  }

  async #referred(session: Session): Promise<RunFailure | null> {
    const { loadPlan } = this.#program;
    const belonging = await findBelonging(session, loadPlan);
    if (belonging !== null) return whyBelonging(belonging, loadPlan.table, this.#absent);
    const found = await findReferring(session, loadPlan);
    return found && whyReferred(found, loadPlan.table, this.#absent);
  }

  #remove(session: Session, notes: AbsentNotes | null): Promise<number> {
    const { loadPlan } = this.#program;
    const { mark } = this.rule;
    return mark === null
      ? deleteAbsent(session, loadPlan, notes)
      : markAbsent(session, loadPlan, mark, notes);
  }

  /** Null if the run can't be undone anyway. */
  #notes(batch: number): AbsentNotes | null {
    const { run, loadPlan } = this.#program;
    const undo = this.#program.undo.get(loadPlan.table.oid);
    if (undo === undefined) return null;
    const place = {
      run_id: run.id,
      number: batch,
      root: rootOf(run),
      relation: undo.relation,
    };
    // Absent rows are few, so their old values are kept in any case.
    const updates = this.rule.mark === null ? null : new BatchMarks(this.#ledger, place, {
      identity: undo.identity,
      hitsOwn: "never",
      keeps: undo.identity.length === 0 ? null : undo.keeps ?? undoneColumns(loadPlan),
    });
    return absentNotes(this.#ledger, run.id, undo.relation, updates);
  }
}

/** So many keys of absent rows are told. */
const SAMPLES = 20;
const REMOVING = "ingest_removing";
