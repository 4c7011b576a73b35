/** A batch's records, run through the pipeline: good rows as COPY lines, bad ones with their errors. */
import { LevelAssigner } from "../batch/levels.ts";
import type { EncodedRows } from "../load/rows.ts";
import type { RowError } from "../row/outcome.ts";
import type { RecordCursor } from "../source/record.ts";
import type { RunProgram } from "./program.ts";

export interface EncodedBatch {
  /** What the records' ranges refer to. */
  readonly bytes: Uint8Array;
  readonly count: number;
  /** For each record: where it stands. */
  readonly rowNumbers: Float64Array;
  readonly lines: Float64Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The good ones … */
  readonly good: EncodedRows;
  /** … and which record each of them is. */
  readonly goodRecords: Int32Array;
  /** What is wrong with the others, by record. */
  readonly bad: ReadonlyMap<number, readonly RowError[]>;
}

/**
 * @param count How many records the batch has.
 * @param skip Row numbers of records that are not this batch's any more.
 * @param leveled Rows may have keys in common: find the order that they need.
 */
export function encodeBatch(
  cursor: RecordCursor,
  program: RunProgram,
  count: number,
  skip: ReadonlySet<number>,
  leveled: boolean,
): EncodedBatch {
  const { pipeline, out, hasher } = program;
  const rowNumbers = new Float64Array(count);
  const lines = new Float64Array(count);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  const lineEnds = new Int32Array(count);
  const goodRecords = new Int32Array(count);
  const levels = leveled && hasher ? new Int32Array(count) : null;
  const assigner = new LevelAssigner();
  const bad = new Map<number, readonly RowError[]>();
  let record = 0;
  let good = 0;
  out.truncate(0);
  while (cursor.next()) {
    if (skip.has(cursor.row)) continue;
    if (record === count) throw new Error(`The batch has more than its ${count} records`);
    rowNumbers[record] = cursor.row;
    lines[record] = cursor.line;
    starts[record] = cursor.start;
    ends[record] = cursor.end;
    const errors = pipeline.process(cursor, out);
    if (errors !== null) {
      bad.set(record, errors);
    } else {
      if (levels && hasher) levels[good] = assigner.assign(hasher.hash(cursor));
      lineEnds[good] = out.length;
      goodRecords[good] = record;
      good++;
    }
    record++;
  }
  if (record !== count) throw new Error(`The batch has ${record} records, planned were ${count}`);
  return {
    bytes: cursor.bytes,
    count,
    rowNumbers,
    lines,
    starts,
    ends,
    good: {
      count: good,
      bytes: out.view(),
      ends: lineEnds,
      levels: assigner.flat ? null : levels,
    },
    goodRecords,
    bad,
  };
}
