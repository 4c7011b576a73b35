/**
 * `undo_marks`: under which numbers of transactions a batch's rows were written. `undo_rows`: which
 * of them are exceptions.
 */
import { identifier } from "../../db/quoting.ts";
import type { Table } from "../../load/catalog/table.ts";
import type { Exceptions, UndoNotes } from "../../load/undo_notes.ts";
import type { Ledger } from "../ledger.ts";

export interface MarkedBatch {
  readonly run_id: number;
  readonly number: number;
  /** The root of the run's chain. */
  readonly root: number;
  /** The table that it writes to. */
  readonly relation: number;
}

/** How a batch notes what it writes to one table. */
export interface NotedHow extends Pick<UndoNotes, "hitsOwn" | "identity" | "keeps"> {
  /** Of its run's own rows, it can hit only those that the batch itself has written. */
  readonly hitsOnlyBatch?: boolean;
}

/** A batch's marks on all tables that it writes to. */
export class NotesOfBatch {
  readonly #marks: ReadonlyMap<number, BatchMarks>;

  /** By table. Of others, nothing is noted. */
  constructor(
    ledger: Ledger,
    batch: Omit<MarkedBatch, "relation">,
    tables: ReadonlyMap<number, NotedHow>,
  ) {
    const beside = (table: Table) => this.of(table);
    this.#marks = new Map(
      [...tables].map(([relation, how]) => [
        relation,
        new BatchMarks(ledger, { ...batch, relation }, how, beside),
      ]),
    );
  }

  of({ oid }: Pick<Table, "oid">): BatchMarks | null {
    return this.#marks.get(oid) ?? null;
  }

  /** See `BatchMarks.numbered`: one part of WITH for all. */
  numbered(): string {
    for (const marks of this.#marks.values()) {
      const sql = marks.numbered();
      if (sql !== "") return sql;
    }
    return "";
  }
}

/** A batch's marks on one table. They have no number until its end. */
export class BatchMarks implements UndoNotes {
  readonly hitsOwn: UndoNotes["hitsOwn"];
  readonly identity: readonly string[];
  readonly keeps: readonly string[] | null;
  readonly #schema: string;
  readonly #batch: MarkedBatch;
  readonly #hitsOnlyBatch: boolean;
  #any = false;

  constructor(
    { schema }: Ledger,
    batch: MarkedBatch,
    { hitsOwn, identity, keeps, hitsOnlyBatch = false }: NotedHow,
    readonly beside: UndoNotes["beside"] = () => null,
  ) {
    this.#schema = schema;
    this.#batch = batch;
    this.#hitsOnlyBatch = hitsOnlyBatch;
    this.hitsOwn = hitsOwn;
    this.identity = identity;
    this.keeps = keeps;
  }

  mark(wrote: string, rows: number, fresh: number): string {
    return this.#mark(wrote, rows, `case ${wrote} when 'created' then ${fresh} else 0 end`);
  }

  #mark(wrote: string, rows: number, fresh: string): string {
    this.#any = true;
    return `insert into ${this.#schema}.undo_marks (run_id, batch, relation, wrote, rows, fresh)
      values (${this.#place}, ${wrote}, ${rows}, ${fresh})`;
  }

  markMixed(
    wrote: string,
    rows: number,
    fresh: number,
    { wrote: other, from, where }: Exceptions,
  ): string {
    const mark = other === "created"
      ? this.#mark(wrote, rows, String(fresh))
      : this.mark(wrote, rows, fresh);
    // As text, so that nobody looks for the number in all of the table.
    return `with mark as (${mark} returning xmin)
      insert into ${this.#schema}.undo_rows (run_id, batch, relation, xid, created, identity)
      select ${this.#place}, (select ${numberOf("xmin")} from mark), ${other === "created"},
        ${this.rowIdentity}
      from ${from} where ${where} and t.xmin::text = (select xmin::text from mark)`;
  }

  keep(updated: string): string {
    this.#any = true;
    // A number is made once for all rows. Most had the same one before: to make it costs 0.4 µs.
    return `mark as (
      insert into ${this.#schema}.undo_marks (run_id, batch, relation, wrote, rows, fresh)
      select ${this.#place}, 'updated', count(*), 0 from ${updated} having count(*) > 0 returning xmin
    ), one as materialized (
      select old_xmin as xmin, ${earlierNumberOf("old_xmin")} as number from ${updated} limit 1
    ), kept as (
      insert into ${this.#schema}.undo_rows
        (run_id, batch, relation, xid, created, identity, before, before_xid)
      select ${this.#place}, (select ${numberOf("xmin")} from mark), false, identity, before,
        case old_xmin when (select xmin from one) then (select number from one)
          else ${earlierNumberOf("old_xmin")} end
      from ${updated} where before is not null
    )`;
  }

  drop(updated: string, xmin: number): string {
    const { run_id, number } = this.#batch;
    return `dropped as (
      delete from ${this.#schema}.undo_rows u
      where u.run_id = ${run_id} and u.batch = ${number} and u.xid::xid = $${xmin}::text::xid
        and not exists (select from ${updated} where ${updated}.identity = u.identity)
    )`;
  }

  keepRemoved(gone: string): string {
    this.#any = true;
    const { run_id, relation } = this.#batch;
    return `kept as (
      insert into ${this.#schema}.deleted_rows (run_id, relation, row, before_xid)
      select ${run_id}, ${relation}, row, ${earlierNumberOf("old_xmin")} from ${gone} where not own
    ), taken_off as (
      insert into ${this.#schema}.undo_marks (run_id, batch, relation, wrote, rows, fresh)
      select ${this.#place}, 'updated', 0, -count(*) from ${gone} where own_created
      having count(*) > 0
    )`;
  }

  isOwn(row: string): string {
    return `(${row}.xmin in (${this.#xids()})) is true`;
  }

  get isOwnCreated(): string {
    const isMarked = (wrote: string) => `(t.xmin in (${this.#xids(wrote)})) is true`;
    if (this.identity.length === 0) return isMarked("created");
    const isListed = (created: boolean) =>
      `exists (select from ${this.#schema}.undo_rows u
        where ${this.#isOf("u")} and u.before is null and u.created = ${created}
          and u.relation = ${this.#batch.relation} and u.identity = ${this.rowIdentity}
          and u.xid::xid = t.xmin)`;
    return `(${isMarked("created")} and not ${isListed(false)}
      or ${isMarked("updated")} and ${isListed(true)})`;
  }

  /**
   * SQL: a part of WITH that gives the batch's marks their numbers; empty if it has none. It must be
   * stored: in a dump, a row's `xmin` is lost.
   */
  numbered(): string {
    if (!this.#any) return "";
    const { run_id, number } = this.#batch;
    return `numbered as (
      update ${this.#schema}.undo_marks set xid = ${numberOf("xmin")}
      where run_id = ${run_id} and batch = ${number} and xid is null
    )`;
  }

  get rowIdentity(): string {
    return `array[${
      this.identity.map((name) => `t.${identifier(name)}::text`).join(", ")
    }]::text[]`;
  }

  /** SQL: the first columns of a mark or a row. */
  get #place(): string {
    const { run_id, number, relation } = this.#batch;
    return `${run_id}, ${number}, ${relation}`;
  }

  /** SQL: is it of the runs that are undone together? Of a large run, all marks are many. */
  #isOf(alias: string): string {
    const { root, run_id, number } = this.#batch;
    return this.#hitsOnlyBatch
      ? `${alias}.run_id = ${run_id} and ${alias}.batch = ${number}`
      : `${alias}.run_id in (
          select id from ${this.#schema}.runs where id = ${root} or parent_id = ${root})`;
  }

  /** SQL: the lower halves of the chain's numbers, those of the open transaction included. */
  #xids(wrote?: string): string {
    return `select coalesce(m.xid::xid, m.xmin) from ${this.#schema}.undo_marks m
      where ${this.#isOf("m")} and m.relation = ${this.#batch.relation}
        ${wrote === undefined ? "" : `and m.wrote = '${wrote}'`}`;
  }
}

const TOP = "pg_current_xact_id()::text::bigint";

/**
 * SQL: a subtransaction's number, of the open transaction, from its lower half. A mark was written
 * under the same one as its rows, so it is the `xmin` of both. It comes after the transaction's own.
 */
function numberOf(xmin: string): string {
  return `(${TOP} + ((${xmin}::text::bigint - ${TOP}) & 4294967295))::text::xid8`;
}

/** SQL: the same of a row that some earlier transaction wrote. */
export function earlierNumberOf(xmin: string): string {
  return `(${TOP} - ((${TOP} - ${xmin}::text::bigint) & 4294967295))::text::xid8`;
}
