/** JSON records, for tests. */
import { recordFormat, type SourceFormat } from "../../../src/source/format.ts";
import type { JsonFormat } from "../../../src/source/json/json_format.ts";
import type { LongRecordEnd } from "../../../src/source/record_format.ts";
import { bytesOf } from "../records.ts";

export const LINES: JsonFormat = { type: "json", layout: "lines" };
export const ELEMENTS: JsonFormat = { type: "json", layout: "elements" };

export interface SeenJson {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly defect: string | null;
  /** Null is no value. */
  readonly values: readonly (string | null)[] | null;
}

const FIELD_NULL = 16;

export function readJson(
  bytes: Uint8Array,
  format: SourceFormat,
  header: readonly string[],
  at = { offset: 0, line: 1, row: 1 },
  maxRecordBytes?: number,
): SeenJson[] {
  const reader = recordFormat(format, header).reader(bytes, at, maxRecordBytes);
  const seen: SeenJson[] = [];
  while (reader.next()) {
    seen.push({
      line: reader.line,
      start: at.offset + reader.start,
      end: at.offset + reader.end,
      defect: reader.defect?.message ?? null,
      values: reader.defect !== null
        ? null
        : header.map((_, field) =>
          (reader.fieldFlags[field] & FIELD_NULL) !== 0 ? null : reader.text(field)
        ),
    });
  }
  return seen;
}

export function values(text: string, format: SourceFormat, header: readonly string[]) {
  return readJson(bytesOf(text), format, header).map((one) => one.defect ?? one.values);
}

/** Reads a source as a run does: cut into pieces by windows, each of which is read by itself. */
export function readInPieces(
  bytes: Uint8Array,
  format: SourceFormat,
  header: readonly string[],
  { rows, window, longest }: {
    readonly rows: number;
    readonly window: number;
    readonly longest?: number;
  },
): SeenJson[] {
  const boundaries = recordFormat(format, header).boundaries(longest);
  const seen: SeenJson[] = [];
  let line = 1;
  let long: LongRecordEnd | null = null;
  let size = window;
  for (let at = 0; at < bytes.length;) {
    if (long !== null) {
      const before: number = long.lines;
      const end: number = long.take(bytes, at, bytes.length);
      line += long.lines - before;
      at = end === -1 ? bytes.length : end;
      long = null;
      continue;
    }
    const until = Math.min(bytes.length, at + size);
    boundaries.advance(bytes.subarray(at, until), 0, rows, 1e9, until === bytes.length);
    if (boundaries.end === 0) {
      size += window;
      continue;
    }
    size = window;
    const piece = bytes.subarray(at, at + boundaries.end);
    const read = readJson(piece, format, header, { offset: at, line, row: 1 }, longest);
    if (read.length !== boundaries.rows) throw new Error("Another number of records");
    seen.push(...read);
    at += boundaries.end;
    line += boundaries.lines;
    long = boundaries.long;
  }
  return seen;
}
