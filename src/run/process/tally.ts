/** Sums up the outcomes of a batch's rows: counts, the row log, error groups, deferred rows. */
import { crc32 } from "node:zlib";
import type { Batch, BatchCounts } from "../../ledger/batches/batches.ts";
import type { ErrorGroup } from "../../ledger/batches/batch_errors.ts";
import type { DeferredRow } from "../../ledger/batches/deferred.ts";
import type { RowErrors } from "../../ledger/rows/rows.ts";
import type { TriedRows } from "../../ledger/edits/tried_rows.ts";
import {
  CREATED,
  FAILED,
  type LoadedRows,
  SKIPPED,
  TAKEN,
  UNDECIDED,
  UPDATED,
  WAITING,
} from "../../load/encoded_rows.ts";
import type { JsonPieces, RowLogWriter } from "../../kernel/row_log.ts";
import { failureKind } from "../../row/failure_kind.ts";
import type { RowError, RowStatus } from "../../row/outcome.ts";
import { countOutcomes } from "./count_outcomes.ts";
import type { EncodedBatch } from "./encode.ts";
import { ErrorGroups } from "./error_groups.ts";
import { FailureForms, failureJson } from "./failure_forms.ts";
import type { RunProgram } from "../program.ts";
import { SourceValues } from "./source_values.ts";

export interface BatchTally {
  readonly counts: BatchCounts;
  readonly groups: readonly ErrorGroup[];
  /** For `ledger/rows/rows.ts`, one for each table with rows to log. */
  readonly logs: readonly Uint8Array[];
  readonly waiting: readonly DeferredRow[];
}

/** What has become of the records of a batch that went into one table: usually of all. */
export interface Outcome {
  readonly program: RunProgram;
  readonly encoded: EncodedBatch;
  readonly loaded: LoadedRows;
}

export function tallyBatch(
  program: RunProgram,
  batch: Batch,
  outcomes: readonly Outcome[],
  /** So many failed rows are logged at most. */
  room: number,
): BatchTally {
  const counts = {
    ...{ created: 0, updated: 0, skipped: 0, taken: 0 },
    ...{ failed: 0, unlogged: 0, deferred: 0 },
  };
  const forms = new FailureForms();
  const groups = new ErrorGroups();
  const waiting: DeferredRow[] = [];
  const { log_rows } = program.run.definition.options;
  const logs = outcomes.flatMap((outcome) => tallyOne(outcome) ?? []);
  return { counts, groups: groups.list(), logs, waiting };

  function tallyOne({ program, encoded, loaded }: Outcome): Uint8Array | null {
    const values = new SourceValues(program, encoded);
    const log = new RowLog(program, encoded);
    const logsAll = log_rows === "all";
    const taker = takenBy(program.loadPlan.table.name);
    const rows = countOutcomes(loaded.outcomes);
    // Usually, rows are only counted. Not even the places of their records are computed.
    const looksAtEach = logsAll || rows[FAILED] > 0 || rows[WAITING] > 0;

    function fail(record: number, errors: readonly RowError[], invalid: boolean): void {
      const form = forms.of(errors, invalid);
      counts.failed++;
      groups.add(encoded.places.rowNumbers[record], form, errors);
      if (log_rows === "none") return;
      if (counts.failed > room) counts.unlogged++;
      else log.add(record, "failed", failureJson(errors, form));
    }

    for (const [record, errors] of encoded.bad) {
      fail(record, errors, failureKind(errors) === "validation");
    }
    for (const record of encoded.held) {
      counts.deferred++;
      waiting.push(deferral(batch, encoded, record));
    }
    for (let row = 0; looksAtEach && row < encoded.good.count; row++) {
      const outcome = loaded.outcomes[row];
      const record = encoded.goodRecords[row];
      if (outcome === FAILED) {
        fail(record, [values.beside(loaded.errors.get(row)!, record)], false);
      } else if (outcome === WAITING) waiting.push(deferral(batch, encoded, record));
      else if (logsAll && outcome !== UNDECIDED) {
        log.add(record, STATUS_OF[outcome], outcome === TAKEN ? taker : null);
      }
    }
    if (rows[UNDECIDED] > 0) throw new Error(`${rows[UNDECIDED]} rows have no outcome`);
    counts.created += rows[CREATED];
    counts.updated += rows[UPDATED];
    counts.skipped += rows[SKIPPED] + rows[TAKEN];
    counts.taken += rows[TAKEN];
    counts.deferred += rows[WAITING];
    return log.rows();
  }
}

/** Which rows are in a table now, and which have failed. Deferred rows are neither. */
export function triedRows(outcomes: readonly Pick<Outcome, "encoded" | "loaded">[]): TriedRows {
  const failed: number[] = [];
  const resolved: number[] = [];
  for (const { encoded, loaded } of outcomes) {
    const { rowNumbers } = encoded.places;
    for (const record of encoded.bad.keys()) failed.push(rowNumbers[record]);
    for (let row = 0; row < encoded.good.count; row++) {
      const outcome = loaded.outcomes[row];
      if (outcome === WAITING) continue;
      (outcome === FAILED ? failed : resolved).push(rowNumbers[encoded.goodRecords[row]]);
    }
  }
  return { resolved, failed };
}

const STATUS_OF: Readonly<Record<number, RowStatus>> = {
  [CREATED]: "created",
  [UPDATED]: "updated",
  [SKIPPED]: "skipped",
  [TAKEN]: "skipped",
};

/** Not an error, but the reason why the row is not in the table. */
function takenBy(table: string): JsonPieces {
  const message = `A trigger of the ${table} table took this row.`;
  const reason: RowErrors = { message, validation: {}, details: [] };
  return [JSON.stringify(reason)];
}

function deferral(batch: Batch, encoded: EncodedBatch, record: number): DeferredRow {
  const { starts, ends, lines, rowNumbers } = encoded.places;
  const [start, end] = [starts[record], ends[record]];
  // In later phases, offsets count from 0: `ingest.deferred` already has the row's place.
  const offset = batch.phase === 1 ? batch.byte_start : 0;
  return {
    rowNumber: rowNumbers[record],
    line: lines[record],
    byteStart: offset + start,
    byteEnd: offset + end,
    checksum: crc32(encoded.bytes.subarray(start, end)),
    keys: encoded.keys.get(record) ?? [],
  };
}

/** Collects the batch's rows for the row log. */
class RowLog {
  readonly #encoded: EncodedBatch;
  readonly #writer: RowLogWriter;
  #isEmpty = true;

  constructor(program: RunProgram, encoded: EncodedBatch) {
    this.#encoded = encoded;
    this.#writer = program.log;
  }

  /** `errors`: RowErrors; null if the row has none. */
  add(record: number, status: RowStatus, errors: JsonPieces | null): void {
    const { bytes, places } = this.#encoded;
    const { starts, ends, rowNumbers, lines } = places;
    if (this.#isEmpty) this.#writer.begin(bytes);
    this.#isEmpty = false;
    const place = {
      start: starts[record],
      end: ends[record],
      row: rowNumbers[record],
      line: lines[record],
    };
    this.#writer.add(place, status, errors);
  }

  rows(): Uint8Array | null {
    return this.#isEmpty ? null : this.#writer.rows();
  }
}
