/** The supply of a run that reads its own file. */
import { crc32 } from "node:zlib";
import type { ScannedKeys } from "../../kernel/hashed_keys.ts";
import type { BatchLimits } from "../../kernel/scanner.ts";
import type { Batch } from "../../ledger/batches/batches.ts";
import type { WaitingRow } from "../../ledger/batches/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type FilePart, listFileParts } from "../../ledger/runs/run_files.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { FoundRecords } from "../../source/found_records.ts";
import { changed, readRange } from "../../source/file/range.ts";
import { assertSameSize, assertUnchanged } from "../../source/unchanged.ts";
import { checksum } from "./checksum.ts";
import { FileReader } from "./file_reader.ts";
import type { BatchRecords, BatchRoom, RowReader, RowSupply } from "./row_supply.ts";

/** Records closer together than this are read in one go, with the bytes between them. */
const MAX_GAP_BYTES = 64 * 1024;
const MAX_STRETCH_BYTES = 8 * 1024 * 1024;

export class FileSupply implements RowSupply {
  readonly #path: string;
  /** What the user may still be writing. */
  readonly #watched: { readonly path: string; readonly size: number };
  readonly #run: Pick<Run, "id" | "source" | "header">;
  #parts: Promise<readonly FilePart[]> | null = null;

  constructor(run: Pick<Run, "id" | "source" | "header">) {
    const { source } = run;
    this.#run = run;
    this.#path = source.path;
    const isHere = source.original?.host === Deno.hostname();
    this.#watched = isHere ? source.original : source;
  }

  async open(
    ledger: Ledger,
    { source }: Run,
    keys: ScannedKeys | null,
    limits: BatchLimits,
    identifies?: boolean,
  ): Promise<RowReader> {
    const file = { ...source, header: this.#run.header, parts: await this.#filesOf(ledger) };
    return await FileReader.open(file, keys, limits, identifies);
  }

  assertUnchanged({ source }: Run): Promise<void> {
    return assertUnchanged(source);
  }

  assertNotGrown(): Promise<void> {
    return assertSameSize(this.#watched);
  }

  async readBatch(
    ledger: Ledger,
    batch: Batch,
    waiting: readonly number[],
    room: BatchRoom,
  ): Promise<BatchRecords> {
    const { byte_start, byte_end, first_row, first_line } = batch;
    const positions = waiting.map((row) => row - first_row);
    const input = room.input(byte_end - byte_start, batch.row_count, positions);
    const bytes = await readRange(this.#path, byte_start, byte_end, input);
    if (checksum(bytes) !== batch.checksum) throw changed(this.#path);
    const parts = (await this.#filesOf(ledger))
      .filter(({ start }) => start > byte_start && start < byte_end)
      .map(({ start, line }) => ({ offset: start - byte_start, line }));
    const at = { offset: byte_start, line: first_line, row: first_row };
    return { kind: "piece", bytes, at, parts };
  }

  async readRows(_ledger: Ledger, rows: readonly WaitingRow[]): Promise<FoundRecords> {
    const lengths = rows.map((row) => row.byte_end - row.byte_start);
    const ends = Int32Array.from(runningSums(lengths));
    const starts = ends.map((end, record) => end - lengths[record]);
    const bytes = new Uint8Array(ends.at(-1) ?? 0);
    for (let first = 0; first < rows.length;) {
      const last = stretchEnd(rows, first);
      const offset = rows[first].byte_start;
      const stretch = await readRange(this.#path, offset, rows[last].byte_end);
      for (let record = first; record <= last; record++) {
        const row = rows[record];
        const own = stretch.subarray(row.byte_start - offset, row.byte_end - offset);
        if (crc32(own) !== row.checksum) throw changed(this.#path);
        bytes.set(own, starts[record]);
      }
      first = last + 1;
    }
    return {
      count: rows.length,
      bytes,
      starts,
      ends,
      lines: Float64Array.from(rows, (row) => row.line),
      rowNumbers: Float64Array.from(rows, (row) => row.row_number),
    };
  }

  /** Of a run that reads several: they don't change. */
  #filesOf(ledger: Ledger): Promise<readonly FilePart[]> {
    const { id, source } = this.#run;
    if (source.files === undefined) return Promise.resolve([]);
    return this.#parts ??= listFileParts(ledger, id).catch((error) => {
      this.#parts = null;
      throw error;
    });
  }

  /** Nothing to record: the row log already has the outcomes. */
  recordTried(): Promise<void> {
    return Promise.resolve();
  }
}

/** The last of the rows that are read together with the first. */
function stretchEnd(rows: readonly WaitingRow[], first: number): number {
  let last = first;
  while (
    last + 1 < rows.length &&
    rows[last + 1].byte_start - rows[last].byte_end < MAX_GAP_BYTES &&
    rows[last + 1].byte_end - rows[first].byte_start < MAX_STRETCH_BYTES
  ) last++;
  return last;
}

function* runningSums(numbers: readonly number[]): Generator<number> {
  let sum = 0;
  for (const number of numbers) yield sum += number;
}
