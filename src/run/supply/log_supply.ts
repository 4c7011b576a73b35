/** The supply of a retry: another run's failed rows, from the log of the chain's root. */
import { FoundScanner } from "../../kernel/found_scanner.ts";
import type { ScannedKeys } from "../../kernel/hashed_keys.ts";
import type { BatchLimits } from "../../kernel/scanner.ts";
import type { Batch } from "../../ledger/batches/batches.ts";
import type { WaitingRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readProgress } from "../../ledger/runs/progress.ts";
import { readTaken, readTakenRows } from "../../ledger/rows/retried_rows.ts";
import type { Retry } from "../../ledger/runs/retries.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { recordTried, type TriedRows } from "../../ledger/edits/tried_rows.ts";
import { chooseRecords, type FoundRecords } from "../../source/found_records.ts";
import { recordFormat } from "../../source/format.ts";
import { LogReader } from "./log_reader.ts";
import { LogRuler } from "./log_ruler.ts";
import type { BatchRecords, RowReader, RowSupply } from "./row_supply.ts";
import { RowsTaken } from "./rows_taken.ts";

export class LogSupply implements RowSupply {
  readonly #run: Pick<Run, "source" | "header">;
  readonly #retry: Retry;

  constructor(run: Pick<Run, "source" | "header">, retry: Retry) {
    this.#run = run;
    this.#retry = retry;
  }

  async open(
    ledger: Ledger,
    _run: Run,
    keys: ScannedKeys | null,
    limits: BatchLimits,
  ): Promise<RowReader> {
    const { source, header } = this.#run;
    const failed = this.#retry.chosen ?? (await readProgress(ledger, this.#retry.from)).failed;
    if (keys === null) return new LogRuler(ledger, this.#retry, limits, failed);
    const scanner = new FoundScanner(recordFormat(source.format, header), keys);
    return new LogReader(ledger, this.#retry, scanner, limits, failed);
  }

  /** Nothing to check: logged rows never change, and reading them fails if some are gone. */
  assertUnchanged(): Promise<void> {
    return Promise.resolve();
  }

  assertNotGrown(): Promise<void> {
    return Promise.resolve();
  }

  async readBatch(
    ledger: Ledger,
    batch: Batch,
    waiting: readonly number[],
  ): Promise<BatchRecords> {
    const { first_row, last_row } = batch;
    const rows = await readTaken(ledger, this.#retry, first_row, last_row);
    const planned = batch.row_count + batch.deferred;
    if (rows.count !== planned) throw taken(planned, first_row, last_row, rows.count);
    const elsewhere = new Set(waiting);
    const found = elsewhere.size === 0
      ? rows
      : chooseRecords(rows, (record) => !elsewhere.has(rows.rowNumbers[record]));
    return { kind: "found", found };
  }

  async readRows(ledger: Ledger, rows: readonly WaitingRow[]): Promise<FoundRecords> {
    const numbers = rows.map((row) => row.row_number);
    const found = await readTakenRows(ledger, this.#retry, numbers);
    if (found.count === numbers.length) return found;
    throw taken(numbers.length, numbers[0], numbers[numbers.length - 1], found.count);
  }

  /** Records the outcomes in the root's log, except for a dry run. */
  async recordTried(ledger: Ledger, tried: () => TriedRows): Promise<void> {
    if (this.#retry.dryRun) return;
    const rowsTried = tried();
    const { resolved, failed } = rowsTried;
    const count = resolved.length + failed.length;
    if (count === 0) return;
    const own = await recordTried(ledger, this.#retry, rowsTried);
    if (own === count) return;
    const rows = [...resolved, ...failed].sort((a, b) => a - b);
    throw taken(count, rows[0], rows[count - 1], own);
  }
}

function taken(planned: number, first: number, last: number, found: number): RowsTaken {
  return new RowsTaken(
    `Only ${found} of ${planned} rows between ${first} and ${last} can still be retried: ` +
      "another retry has taken or fixed the others, or their log was deleted.",
  );
}
