/**
 * A second pass over the source. For messages: where did the keys of the rows that wait occur
 * first? And for a dry run: which rows have to be loaded again before those that wait?
 */
import { crc32 } from "node:zlib";
import type { DuplicateSearch } from "../../keys/duplicate_search.ts";
import type { EarlierRows } from "../../keys/earlier_rows.ts";
import { Scanner } from "../../kernel/scanner.ts";
import { type DeferredRow, writeEarlierRows, writeFirstRows } from "../../ledger/deferred.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { assertPlanWanted } from "../../ledger/plan.ts";
import type { RecordCursor } from "../../source/record.ts";
import type { RunProgram } from "../program.ts";
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
  const { hasher } = program;
  if (isDone() || hasher === null) return;
  const { id, source, header } = program.run;
  const keys = { keys: hasher.described, hash: (record: RecordCursor) => hasher.hash(record) };
  const scanner = new Scanner(source.format, header.length, keys, PIECE, WINDOW_BYTES);
  const window = await SourceWindow.open(source.path, source.data_start, source.size, scanner);
  let [start, rows, lines] = [0, 0, source.data_line - 1];
  const earlierRow = (index: number): DeferredRow => {
    const place = scanner.place(index);
    return {
      rowNumber: rows + 1 + index,
      line: lines + 1 + place.line,
      byteStart: window.offset + place.start,
      byteEnd: window.offset + place.end,
      checksum: crc32(window.bytes.subarray(place.start, place.end)),
      keys: [],
    };
  };
  try {
    while (!isDone() && !(window.isLast && start >= window.length)) {
      const cut = scanner.cut(start, window.length, window.isLast, rows + 1);
      if (cut === null) {
        await window.moveOn(start);
        await assertPlanWanted(ledger, id);
        start = 0;
        continue;
      }
      const found: DeferredRow[] = [];
      for (let row = 0; row < cut.rows && !isDone(); row++) {
        if (duplicates !== null && !duplicates.done) duplicates.look(scanner, row);
        if (earlier?.includes(scanner, row)) found.push(earlierRow(row));
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
