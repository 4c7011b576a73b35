/** Runs a batch's records through the pipeline: good rows become COPY rows, bad ones get errors. */
import { keyTexts } from "../../keys/hasher.ts";
import { LevelAssigner } from "../../keys/levels.ts";
import type { EncodedRecords } from "../../kernel/encoded_records.ts";
import { chooseRows, type EncodedRows } from "../../load/encoded_rows.ts";
import { type ColumnWriter, lookupsOf, nameInErrors } from "../../row/pipeline.ts";
import type { RunProgram } from "../program.ts";
import type { ReadBatch } from "./read.ts";

export interface EncodedBatch extends
  Pick<
    EncodedRecords,
    "bytes" | "count" | "places" | "bad"
  > {
  /** The good rows. */
  readonly good: EncodedRows;
  /** For each good row, the index of its record. */
  readonly goodRecords: Int32Array;
  /** Records deferred to a later phase because they share a key with a row that is deferred. */
  readonly held: readonly number[];
  /** Keys by record, where rows may have to be deferred to a later phase. */
  readonly keys: ReadonlyMap<number, readonly string[]>;
}

/** Encodes a batch of the first phase, whose rows share no keys. `mayWait`: see below. */
export function encodeBatch(
  program: RunProgram,
  read: ReadBatch,
  writers: readonly ColumnWriter[],
  mayWait = false,
): EncodedBatch {
  const batch = asTheyCome(encodeRecords(program, read, writers));
  return mayWait ? withoutWaiting(program, batch) : batch;
}

/**
 * Defers the records that only wait for other rows of their table: what they look up there isn't in
 * it yet.
 */
function withoutWaiting({ pipeline }: RunProgram, batch: EncodedBatch): EncodedBatch {
  const columns = new Set(
    pipeline.programs.flatMap((program) =>
      lookupsOf(program).some(({ isTarget }) => isTarget) ? [nameInErrors(program)] : []
    ),
  );
  if (columns.size === 0 || batch.bad.size === 0) return batch;
  const bad = new Map(batch.bad);
  const held: number[] = [];
  for (const [record, errors] of batch.bad) {
    const waits = errors.every(({ code, column }) =>
      code === "lookup" && column !== null && columns.has(column)
    );
    if (!waits) continue;
    held.push(record);
    bad.delete(record);
  }
  return { ...batch, bad, held };
}

function encodeRecords(
  { encoder }: RunProgram,
  { records, count }: ReadBatch,
  writers: readonly ColumnWriter[],
): EncodedRecords {
  const encoded = records.kind === "piece"
    ? encoder.encodePiece(records.at, writers, records.parts)
    : encoder.encodeFound(records.found, writers);
  if (encoded.count === count) return encoded;
  throw new Error(`The batch has ${encoded.count} records, but ${count} were planned`);
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
 * Encodes a batch whose rows may share keys, and finds the order that they must be loaded in.
 *
 * @param heldKeys Keys of earlier rows that are deferred to a later phase.
 * @param mayWait Rows may be deferred that look up a row of their own table that isn't there yet.
 */
export function encodeInLevels(
  program: RunProgram,
  read: ReadBatch,
  writers: readonly ColumnWriter[],
  heldKeys: ReadonlySet<string>,
  mayWait = false,
): EncodedBatch {
  const records = encodeRecords(program, read, writers);
  const all = asTheyCome(records);
  const batch = mayWait ? withoutWaiting(program, all) : all;
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
  const waiting = new Set(batch.held);
  const inOrder = [...records.goodRecords.entries(), ...[...waiting].map((record) => [-1, record])];
  if (waiting.size > 0) inOrder.sort(([, one], [, other]) => one - other);
  for (const [row, record] of inOrder) {
    const [offset, end] = [starts[record], ends[record]];
    const at = { offset, line: lines[record], row: rowNumbers[record] };
    reader.moveTo(offset, end, at);
    reader.next();
    const hashes = hasher.hash(reader);
    const own = keyTexts(hashes);
    if (own.length > 0) keys.set(record, own);
    if (waiting.has(record) || own.some((key) => waitFor.has(key))) {
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
