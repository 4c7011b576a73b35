import { BoundaryScanner } from "../../src/source/csv/boundaries.ts";
import { CsvReader } from "../../src/source/csv/reader.ts";
import type { FoundRecords } from "../../src/source/found_records.ts";
import type { CsvFormat } from "../../src/source/csv/csv_format.ts";
import { recordFormat, type SourceFormat } from "../../src/source/format.ts";
import type { LongRecordEnd, RecordFormat } from "../../src/source/record_format.ts";

const encoder = new TextEncoder();

export const COMMA: CsvFormat = { type: "csv", delimiter: ",", newline: "lf", grammar: 2 };

/** Throws if it is another format. */
export function asCsv(format: SourceFormat): CsvFormat {
  if (format.type !== "csv") throw new Error(`It is ${format.type}`);
  return format;
}

/** A format with this many fields. */
export function csvRecords(format: SourceFormat, fields: number): RecordFormat {
  return recordFormat(format, Array.from({ length: fields }, (_, field) => `f${field + 1}`));
}

/** The same records, in a format that the kernel can't read. */
export function unknownToKernel(format: RecordFormat): RecordFormat {
  return {
    fields: format.fields,
    delimited: null,
    cellDelimiter: format.cellDelimiter,
    cannotEncode: format.cannotEncode,
    reader: (...args) => format.reader(...args),
    boundaries: (...args) => format.boundaries(...args),
    display: (bytes) => format.display(bytes),
    holdsRows: (record) => format.holdsRows(record),
    encode: (values) => format.encode(values),
  };
}

/** All that a reader says about one record, with its place in the whole source. */
export interface SeenRecord {
  readonly row: number;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly defect: string | null;
  readonly fields: readonly string[] | null;
}

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Records with other bytes between them. */
export function foundOf(
  records: readonly { readonly row: number; readonly line: number; readonly raw: Uint8Array }[],
): FoundRecords {
  const between = bytesOf('",x\n');
  const bytes = concat(...records.flatMap(({ raw }) => [[...between], [...raw]]));
  const lengths = records.map(({ raw }) => between.length + raw.length);
  const ends = Int32Array.from(lengths, (_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b));
  return {
    count: records.length,
    bytes,
    starts: ends.map((end, i) => end - records[i].raw.length),
    ends,
    lines: Float64Array.from(records, ({ line }) => line),
    rowNumbers: Float64Array.from(records, ({ row }) => row),
  };
}

export function concat(...pieces: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    pieces.flatMap((piece) => typeof piece === "string" ? [...bytesOf(piece)] : [...piece]),
  );
}

/** Reads a piece that lies at `at` in its source. */
export function readPiece(
  bytes: Uint8Array,
  format: SourceFormat,
  at: { readonly offset: number; readonly line: number; readonly row: number },
  expectedFields: number | null,
  maxRecordBytes?: number,
): SeenRecord[] {
  const reader = format.type === "csv"
    ? new CsvReader(bytes, format, at, expectedFields, maxRecordBytes)
    : csvRecords(format, expectedFields ?? 0).reader(bytes, at, maxRecordBytes);
  const seen: SeenRecord[] = [];
  while (reader.next()) {
    const fields = reader.defect === null
      ? Array.from(
        { length: expectedFields ?? reader.fieldCount },
        (_, field) => reader.text(field),
      )
      : null;
    seen.push({
      row: reader.row,
      line: reader.line,
      start: at.offset + reader.start,
      end: at.offset + reader.end,
      defect: reader.defect === null ? null : `${reader.defect.code}: ${reader.defect.message}`,
      fields,
    });
  }
  return seen;
}

export function readAll(
  source: string | Uint8Array,
  format: SourceFormat = COMMA,
  expectedFields: number | null = null,
): SeenRecord[] {
  const bytes = typeof source === "string" ? bytesOf(source) : source;
  return readPiece(bytes, format, { offset: 0, line: 1, row: 1 }, expectedFields);
}

/** The fields of each usable row; for others, the text of the defect. */
export function rowsOf(
  source: string | Uint8Array,
  format: SourceFormat = COMMA,
  expectedFields: number | null = null,
): (readonly string[] | string)[] {
  return readAll(source, format, expectedFields).map((record) =>
    record.fields ?? record.defect ?? ""
  );
}

/** Is the quote closed that is open at `from`? Where the bytes end, nobody can know. */
export function isClosed(long: LongRecordEnd, bytes: Uint8Array, from: number): boolean {
  const ahead = long.clone();
  return ahead.take(bytes, from, bytes.length) !== -1 || !ahead.isOpen || from === bytes.length;
}

/**
 * Cuts a source as the planner does: in windows of `window` bytes that grow when a record doesn't
 * fit, into pieces of at most `maxRows` rows. Each piece has its place in the source.
 */
export function cut(
  bytes: Uint8Array,
  format: CsvFormat,
  maxRows: number,
  window: number,
  maxRecordBytes?: number,
): { offset: number; line: number; row: number; end: number; rows: number }[] {
  const scanner = new BoundaryScanner(format, maxRecordBytes);
  const pieces = [];
  let piece = { offset: 0, line: 1, row: 1, end: 0, rows: 0 };
  let line = 1;
  let at = 0;
  let size = window;
  while (at < bytes.length) {
    const until = Math.min(bytes.length, at + size);
    const advance = (givesUp: boolean) => {
      scanner.givesUp = givesUp;
      const rows = maxRows - piece.rows;
      const isLast = until === bytes.length;
      scanner.advance(bytes.subarray(at, until), 0, rows, Number.MAX_SAFE_INTEGER, isLast);
    };
    advance(false);
    if (scanner.long?.mayBeOpen && !isClosed(scanner.long, bytes, at + scanner.end)) advance(true);
    size = scanner.end === 0 ? size + window : window;
    at += scanner.end;
    line += scanner.lines;
    piece = { ...piece, end: at, rows: piece.rows + scanner.rows };
    if (scanner.long !== null) {
      const before = scanner.long.lines;
      const end = scanner.long.take(bytes, at, bytes.length);
      line += scanner.long.lines - before;
      at = end === -1 ? bytes.length : end;
    }
    const mustEnd = scanner.long !== null || scanner.gaveUp;
    if (mustEnd || piece.rows === maxRows || at === bytes.length) {
      pieces.push(piece);
      piece = { offset: at, line, row: piece.row + piece.rows, end: at, rows: 0 };
    }
  }
  return pieces;
}
