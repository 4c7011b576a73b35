/** Copies a run's file with some of its failed rows corrected. All other bytes stay as they are. */
import type { Ledger } from "../../../ledger/ledger.ts";
import { inPages } from "../../../ledger/pages.ts";
import type { Retry } from "../../../ledger/runs/retries.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import {
  type CorrectedRange,
  type CorrectedRow,
  listCorrectedRanges,
  listCorrectedRows,
} from "../../../ledger/runs/whole_retries.ts";
import { changed, readRange } from "../../../source/file/range.ts";
import { spool, type Spooled } from "../../../source/file/spool.ts";
import { recordFormat } from "../../../source/format.ts";
import type { RecordPosition } from "../../../source/record.ts";
import type { RecordFormat } from "../../../source/record_format.ts";
import { checksum } from "../../supply/checksum.ts";
import { Refused } from "../refuse/refused.ts";

/** What lies between batches is copied in pieces of so many bytes. */
const PIECE = 1 << 20;

export interface CorrectedCopy extends Spooled {
  /** Bytes by which its rows have become more, or fewer. */
  readonly grown: number;
}

/**
 * Takes the corrections of the retry. Throws SourceError if the file is not as it was planned, and
 * Refused if a corrected row would not be one row.
 */
export async function correctedCopy(
  ledger: Ledger,
  run: Run,
  retry: Retry,
  folder: string,
): Promise<CorrectedCopy> {
  let grown = 0;
  const pieces = copied(ledger, run, retry, (by) => grown += by);
  const copy = await spool(ReadableStream.from(pieces), folder);
  return { ...copy, grown };
}

async function* copied(
  ledger: Ledger,
  { id, source, header }: Run,
  retry: Retry,
  grows: (by: number) => void,
): AsyncGenerator<Uint8Array> {
  const { path, size } = source;
  const records = recordFormat(source.format, header);
  let at = 0;
  const ranges = inPages((after, limit) => listCorrectedRanges(ledger, retry, after, limit));
  for await (const range of ranges) {
    yield* verbatim(path, at, range.byte_start);
    at = range.byte_end;
    const bytes = await readRange(path, range.byte_start, range.byte_end);
    if (checksum(bytes) !== range.checksum) throw changed(path);
    if (range.corrected === 0) {
      yield bytes;
      continue;
    }
    const rows = await listCorrectedRows(ledger, retry, range.number);
    const made = withRows(records, bytes, startOf(range), rows, `Cannot retry run ${id}`);
    grows(made.length - bytes.length);
    yield made;
  }
  yield* verbatim(path, at, size);
}

async function* verbatim(path: string, from: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = from; at < end; at += PIECE) {
    yield await readRange(path, at, Math.min(at + PIECE, end));
  }
}

function startOf({ byte_start, first_line, first_row }: CorrectedRange): RecordPosition {
  return { offset: byte_start, line: first_line, row: first_row };
}

/**
 * A batch's bytes with these rows instead of its own. Reads what it has made, too: each row has to be
 * one row, and all others have to be what they were. Throws Refused.
 */
export function withRows(
  records: RecordFormat,
  bytes: Uint8Array,
  at: RecordPosition,
  rows: readonly CorrectedRow[],
  cannot: string,
): Uint8Array {
  const wanted = new Map(rows.map((row) => [row.row_number, row]));
  const pieces: Uint8Array[] = [];
  let end = 0;
  const before = records.reader(bytes, at);
  while (before.next()) {
    const row = wanted.get(before.row);
    if (row === undefined) continue;
    if (!equal(bytes.subarray(before.start, before.end), row.own)) {
      throw new Refused(
        `${cannot}: row ${before.row} is not found in its file again. Correct the file, and ` +
          "import all of it.",
      );
    }
    pieces.push(bytes.subarray(end, before.start), row.corrected);
    end = before.end;
  }
  pieces.push(bytes.subarray(end));
  if (pieces.length !== 2 * rows.length + 1) {
    throw new Refused(
      `${cannot}: not all of its failed rows are found in its file again. Correct the file, and ` +
        "import all of it.",
    );
  }
  const made = joined(pieces);
  assertSame(records, { bytes, made, at, wanted }, cannot);
  return made;
}

function assertSame(
  records: RecordFormat,
  { bytes, made, at, wanted }: {
    readonly bytes: Uint8Array;
    readonly made: Uint8Array;
    readonly at: RecordPosition;
    readonly wanted: ReadonlyMap<number, CorrectedRow>;
  },
  cannot: string,
): void {
  const [before, after] = [records.reader(bytes, at), records.reader(made, at)];
  let corrected = at.row;
  for (;;) {
    const [more, still] = [before.next(), after.next()];
    if (!more && !still) return;
    if (more && wanted.has(before.row)) corrected = before.row;
    const own = more
      ? wanted.get(before.row)?.corrected ?? bytes.subarray(before.start, before.end)
      : null;
    if (still && own !== null && equal(made.subarray(after.start, after.end), own)) continue;
    throw new Refused(
      `${cannot}: row ${corrected}, as it was corrected, would not be one row of the file. ` +
        "Correct the file, and import all of it.",
    );
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
