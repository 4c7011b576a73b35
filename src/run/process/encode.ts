/** A batch's records, run through the pipeline: good rows as COPY gets them, bad ones with their errors. */
import { keyTexts } from "../../keys/hasher.ts";
import { LevelAssigner } from "../../keys/levels.ts";
import type { EncodedRecords } from "../../kernel/encoded_records.ts";
import { chooseRows, type EncodedRows } from "../../load/encoded_rows.ts";
import type { ColumnWriter } from "../../row/pipeline.ts";
import type { RunProgram } from "../program.ts";
import type { ReadBatch } from "./read.ts";

export interface EncodedBatch extends
  Pick<
    EncodedRecords,
    "bytes" | "count" | "places" | "bad"
  > {
  /** The good ones … */
  readonly good: EncodedRows;
  /** … and which record each of them is. */
  readonly goodRecords: Int32Array;
  /** Records that wait for a later phase, because one that waits has a key in common with them. */
  readonly held: readonly number[];
  /** By record, where rows may have to wait for a later phase: their keys. */
  readonly keys: ReadonlyMap<number, readonly string[]>;
}

/** A batch of the first phase: its rows have no keys in common. */
export function encodeBatch(
  program: RunProgram,
  read: ReadBatch,
  writers: readonly ColumnWriter[],
): EncodedBatch {
  return asTheyCome(encodeRecords(program, read, writers));
}

function encodeRecords(
  { encoder }: RunProgram,
  { records, count }: ReadBatch,
  writers: readonly ColumnWriter[],
): EncodedRecords {
  const encoded = records.kind === "piece"
    ? encoder.encodePiece(records.at, writers)
    : encoder.encodeFound(records.found, writers);
  if (encoded.count === count) return encoded;
  throw new Error(`The batch has ${encoded.count} records, planned were ${count}`);
}

function asTheyCome(records: EncodedRecords): EncodedBatch {
  const { format, copyRows, rowEnds, goodRecords } = records;
  const good = {
    count: goodRecords.length,
    format,
    bytes: copyRows,
    ends: rowEnds,
    levels: null,
    after: new Map(),
  };
  return { ...records, good, held: [], keys: new Map() };
}

/**
 * A batch whose rows may have keys in common: finds the order that they need.
 *
 * @param heldKeys Keys of earlier rows that wait for a later phase.
 */
export function encodeInLevels(
  program: RunProgram,
  read: ReadBatch,
  writers: readonly ColumnWriter[],
  heldKeys: ReadonlySet<string>,
): EncodedBatch {
  const records = encodeRecords(program, read, writers);
  const batch = asTheyCome(records);
  const { hasher } = program;
  if (hasher === null) return batch;
  const reader = program.records.reader(records.bytes, { offset: 0, line: 1, row: 1 });
  const assigner = new LevelAssigner();
  const keys = new Map<number, readonly string[]>();
  const waitFor = new Set(heldKeys);
  const held: number[] = [];
  const kept: number[] = [];
  const levels: number[] = [];
  const { starts, ends, lines, rowNumbers } = records.places;
  for (const [row, record] of records.goodRecords.entries()) {
    const [offset, end] = [starts[record], ends[record]];
    const at = { offset, line: lines[record], row: rowNumbers[record] };
    reader.moveTo(offset, end, at);
    reader.next();
    const hashes = hasher.hash(reader);
    const own = keyTexts(hashes);
    if (own.length > 0) keys.set(record, own);
    if (own.some((key) => waitFor.has(key))) {
      for (const key of own) waitFor.add(key);
      held.push(record);
    } else {
      levels.push(assigner.assign(kept.length, own, hashes.ambiguous));
      kept.push(row);
    }
  }
  const good = held.length === 0 ? batch.good : chooseRows(batch.good, kept);
  return {
    ...batch,
    good: {
      ...good,
      levels: assigner.flat ? null : Int32Array.from(levels),
      after: assigner.after,
    },
    goodRecords: Int32Array.from(kept, (row) => records.goodRecords[row]),
    held,
    keys,
  };
}
