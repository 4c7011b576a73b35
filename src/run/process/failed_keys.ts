/**
 * The keys of rows that fail. As far as they can be read, it is known which rows of the table the file
 * has all the same (`options.absent_despite_failures`).
 */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import { noteKeys } from "../../load/absent/absent_tables.ts";
import type { LoadedRows } from "../../load/encoded_rows.ts";
import type { RowError } from "../../row/outcome.ts";
import type { ColumnProgram } from "../../row/pipeline.ts";
import { ValueList } from "../../row/row_writer.ts";
import type { RecordCursor } from "../../source/record.ts";
import type { RunProgram } from "../program.ts";
import type { EncodedBatch } from "./encode.ts";

export class FailedKeys {
  readonly #program: RunProgram;
  /** Null: values of the key are not those of the file, so nobody can tell without loading the row. */
  readonly #columns: readonly ColumnProgram[] | null;
  /** Those of the current batch. */
  #keys: string[][] = [];
  #unreadable = 0;

  constructor(program: RunProgram) {
    this.#program = program;
    const columns = program.loadPlan.key.map((name) =>
      program.pipeline.programs.find(({ target }) => target === name)
    );
    const areRead = columns.every((column) => column !== undefined && column.lookup === undefined);
    this.#columns = areRead && program.hooks === null ? columns as ColumnProgram[] : null;
  }

  /** Rows that have failed and whose keys are not known. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** After a batch. */
  readonly add = (encoded: EncodedBatch, loaded: LoadedRows): void => {
    const refused = [...loaded.errors.keys()].map((row) => encoded.goodRecords[row]);
    const failed = [...encoded.bad.keys(), ...refused];
    if (failed.length === 0) return;
    const { starts, ends, lines, rowNumbers } = encoded.places;
    const reader = this.#program.records.reader(encoded.bytes, { offset: 0, line: 1, row: 1 });
    for (const record of failed) {
      const at = { offset: starts[record], line: lines[record], row: rowNumbers[record] };
      reader.moveTo(at.offset, ends[record], at);
      reader.next();
      const key = reader.defect === null ? this.#read(reader) : null;
      if (key === null) this.#unreadable++;
      else this.#keys.push(key);
    }
  };

  /** Null if anything is wrong with the key, or missing in it. */
  #read(record: RecordCursor): string[] | null {
    const key: string[] = [];
    for (const column of this.#columns ?? []) {
      const errors: RowError[] = [];
      const out = new ValueList();
      column.write(record, out, errors);
      const [value = null] = out.values;
      if (errors.length > 0 || value === null) return null;
      key.push(value);
    }
    return this.#columns === null ? null : key;
  }

  /** Notes those of the batch, on the session that loads it. */
  async note(session: Session): Promise<void> {
    const keys = this.#keys;
    if (keys.length === 0) return;
    this.#keys = [];
    await session.query(`savepoint ${NOTING}`);
    try {
      await session.query(noteKeys(this.#program.loadPlan), [JSON.stringify(keys)]);
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      await session.query(`rollback to ${NOTING}`);
      // The type refuses one of them.
      this.#unreadable += keys.length;
    }
    await session.query(`release ${NOTING}`);
  }
}

const NOTING = "ingest_noting";
