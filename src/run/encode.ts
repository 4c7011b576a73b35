/** A batch's records, run through the pipeline: good rows as COPY lines, bad ones with their errors. */
import { LevelAssigner } from "../batch/levels.ts";
import { keyTexts } from "../batch/key_hasher.ts";
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
  /** Records that wait for a later phase, because one that waits has a key in common with them. */
  readonly held: readonly number[];
  /** By record, where rows may have to wait for a later phase: their keys. */
  readonly keys: ReadonlyMap<number, readonly string[]>;
  /** What is wrong with the others, by record. */
  readonly bad: ReadonlyMap<number, readonly RowError[]>;
}

/**
 * @param count How many records the batch has.
 * @param skip Row numbers of records that are not this batch's any more.
 * @param leveled Rows may have keys in common: find the order that they need.
 * @param heldKeys Keys of earlier rows that wait for a later phase.
 */
export function encodeBatch(
  cursor: RecordCursor,
  program: RunProgram,
  count: number,
  skip: ReadonlySet<number>,
  leveled: boolean,
  heldKeys: ReadonlySet<string>,
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
  const held: number[] = [];
  const keys = new Map<number, readonly string[]>();
  const waitFor = new Set(heldKeys);
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
    const before = out.length;
    const errors = pipeline.process(cursor, out);
    const hashes = levels && hasher && errors === null ? hasher.hash(cursor) : null;
    const own = hashes === null ? [] : keyTexts(hashes);
    if (own.length > 0) keys.set(record, own);
    if (errors !== null) {
      bad.set(record, errors);
    } else if (own.some((key) => waitFor.has(key))) {
      for (const key of own) waitFor.add(key);
      held.push(record);
      out.truncate(before);
    } else {
      if (levels && hashes) levels[good] = assigner.assign(good, own, hashes.ambiguous);
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
      after: assigner.after,
    },
    held,
    keys,
    goodRecords,
    bad,
  };
}
