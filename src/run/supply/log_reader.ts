/**
 * Reads the rows of a retry from the log, in their order: first those already planned, batch by
 * batch, then those still unresolved.
 */
import { crc32 } from "node:zlib";
import { FoundScanner } from "../../kernel/found_scanner.ts";
import type { BatchLimits } from "../../kernel/scanner.ts";
import type { HashedRows } from "../../keys/hashed_rows.ts";
import type { DeferredRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type PlannedRows, readTaken, readUnresolved } from "../../ledger/rows/retried_rows.ts";
import type { Retry } from "../../ledger/runs/retries.ts";
import { firstRecords, type FoundRecords } from "../../source/found_records.ts";
import { LogWalk } from "./log_walk.ts";
import type { Piece } from "./row_supply.ts";

export class LogReader extends LogWalk {
  readonly #scanner: FoundScanner;

  constructor(
    ledger: Ledger,
    retry: Retry,
    scanner: FoundScanner,
    limits: BatchLimits,
    failed: number,
  ) {
    super(ledger, retry, limits, failed);
    this.#scanner = scanner;
  }

  protected async planned({ first_row, last_row, byte_end, rows }: PlannedRows): Promise<Piece> {
    const records = await readTaken(this.ledger, this.retry, first_row, last_row);
    return this.#take(records, byte_end - this.position.bytes, rows, last_row);
  }

  protected async unresolved(): Promise<Piece | null> {
    const { rows, bytes } = this.limits;
    const unresolved = await readUnresolved(this.ledger, this.retry, this.lastRow, this.limits);
    const { count, size } = cutRows(unresolved, bytes);
    // If a row is longer than a batch, the query did not ask for the rows after it.
    this.isLast = count === unresolved.count && count < rows && size <= bytes;
    if (count === 0) return null;
    const lastRow = unresolved.rowNumbers[count - 1];
    return this.#take(firstRecords(unresolved, count), size, count, lastRow);
  }

  /** `size` and `rows` are the planned batch's; other retries may have taken some of its rows. */
  #take(records: FoundRecords, size: number, rows: number, lastRow: number): Piece {
    const lastLine = records.lines[records.count - 1] ?? this.position.lines;
    const from = this.pass(size, rows, lastRow, lastLine);
    this.#scanner.scan(records);
    return new LogPiece(records, this.#scanner, from.bytes, this.position.bytes);
  }
}

class LogPiece implements Piece {
  readonly rows: number;
  readonly batch: Piece["batch"];
  readonly #records: FoundRecords;
  readonly hashed: HashedRows;

  constructor(
    records: FoundRecords,
    scanner: FoundScanner,
    byteStart: number,
    byteEnd: number,
  ) {
    const { count, rowNumbers, lines } = records;
    this.rows = count;
    this.batch = {
      firstRow: rowNumbers[0],
      lastRow: rowNumbers[count - 1],
      rows: count,
      firstLine: lines[0],
      byteStart,
      byteEnd,
      checksum: null,
    };
    this.#records = records;
    this.hashed = scanner;
  }

  checksumAfter(): null {
    return null;
  }

  row(index: number): DeferredRow {
    const { bytes, starts, ends, lines, rowNumbers } = this.#records;
    const [start, end] = [starts[index], ends[index]];
    return {
      rowNumber: rowNumbers[index],
      line: lines[index],
      // The row is read by its number, so only its length counts.
      byteStart: 0,
      byteEnd: end - start,
      checksum: crc32(bytes.subarray(start, end)),
      keys: [],
    };
  }
}

/** How many of the records fit into `maxBytes`, at least one, and how many bytes they have. */
export function cutRows(
  { count, starts, ends }: Pick<FoundRecords, "count" | "starts" | "ends">,
  maxBytes: number,
): { readonly count: number; readonly size: number } {
  let size = 0;
  for (let record = 0; record < count; record++) {
    const length = ends[record] - starts[record];
    if (size + length > maxBytes && record > 0) return { count: record, size };
    size += length;
  }
  return { count, size };
}
