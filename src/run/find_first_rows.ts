/**
 * A second pass over the source. For messages: where did the keys of the rows that wait occur
 * first? And for a dry run: which rows have to be loaded again before those that wait?
 */
import { crc32 } from "node:zlib";
import { cutBatch } from "../batch/cut.ts";
import type { EarlierRows } from "../batch/earlier_rows.ts";
import type { DuplicateSearch } from "../batch/register.ts";
import { type DeferredRow, writeEarlierRows, writeFirstRows } from "../ledger/deferred.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { assertPlanWanted } from "../ledger/plan.ts";
import { BoundaryScanner } from "../source/boundaries.ts";
import { CsvReader } from "../source/csv.ts";
import type { RunProgram } from "./program.ts";
import { SourceWindow } from "./source_window.ts";

const WINDOW_BYTES = 4_000_000;
const PIECE = { rows: 10_000, bytes: 1_000_000 };

/** What a second pass looks for. */
export interface SecondPass {
  readonly duplicates: DuplicateSearch | null;
  readonly earlier: EarlierRows | null;
}

/** In the open transaction. Throws PlanUnwanted if the run is stopped meanwhile. */
export async function findFirstRows(
  ledger: Ledger,
  program: RunProgram,
  { duplicates, earlier }: SecondPass,
): Promise<void> {
  const isDone = () => earlier === null && (duplicates === null || duplicates.done);
  if (isDone()) return;
  const { id, source, header } = program.run;
  const scanner = new BoundaryScanner(source.format);
  const window = await SourceWindow.open(
    source.path,
    source.data_start,
    source.size,
    WINDOW_BYTES,
  );
  try {
    let [start, rows, lines] = [0, 0, source.data_line - 1];
    while (!isDone() && !(window.isLast && start >= window.bytes.length)) {
      const cut = cutBatch(scanner, window.bytes, start, PIECE, window.isLast);
      if (cut === null) {
        await window.moveOn(start);
        await assertPlanWanted(ledger, id);
        start = 0;
        continue;
      }
      const piece = window.bytes.subarray(cut.start, cut.end);
      const offset = window.offset + cut.start;
      const reader = new CsvReader(
        piece,
        source.format,
        { offset, line: lines + 1, row: rows + 1 },
        header.length,
      );
      const found: DeferredRow[] = [];
      while (!isDone() && reader.next()) {
        if (reader.defect !== null) continue;
        if (duplicates !== null && !duplicates.done) duplicates.look(reader);
        if (earlier?.includes(reader)) found.push(earlierRow(reader, piece, offset));
      }
      await writeEarlierRows(ledger, id, found);
      rows += cut.rows;
      lines += cut.lines;
      start = cut.end;
    }
  } finally {
    window.close();
  }
  if (duplicates !== null) await writeFirstRows(ledger, id, duplicates.found);
}

function earlierRow(reader: CsvReader, piece: Uint8Array, offset: number): DeferredRow {
  return {
    rowNumber: reader.row,
    line: reader.line,
    byteStart: offset + reader.start,
    byteEnd: offset + reader.end,
    checksum: crc32(piece.subarray(reader.start, reader.end)),
    keys: [],
  };
}
