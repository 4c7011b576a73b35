/**
 * A second pass over the source, only for messages: where did the keys of the rows that wait
 * occur first?
 */
import { cutBatch } from "../batch/cut.ts";
import type { DuplicateSearch } from "../batch/register.ts";
import { writeFirstRows } from "../ledger/deferred.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { BoundaryScanner } from "../source/boundaries.ts";
import { CsvReader } from "../source/csv.ts";
import type { RunProgram } from "./program.ts";
import { SourceWindow } from "./source_window.ts";

const WINDOW_BYTES = 4_000_000;
const PIECE = { rows: 10_000, bytes: 1_000_000 };

/** In the open transaction. Null: no keys were repeated. */
export async function findFirstRows(
  ledger: Ledger,
  program: RunProgram,
  search: DuplicateSearch | null,
): Promise<void> {
  if (search === null) return;
  const { source, header } = program.run;
  const scanner = new BoundaryScanner(source.format);
  const window = await SourceWindow.open(
    source.path,
    source.data_start,
    source.size,
    WINDOW_BYTES,
  );
  try {
    let [start, rows] = [0, 0];
    while (!search.done && !(window.isLast && start >= window.bytes.length)) {
      const cut = cutBatch(scanner, window.bytes, start, PIECE, window.isLast);
      if (cut === null) {
        await window.moveOn(start);
        // Reading for long without a word to the server, it would take us for dead.
        await ledger.query("select");
        start = 0;
        continue;
      }
      const piece = window.bytes.subarray(cut.start, cut.end);
      const at = { offset: 0, line: 1, row: rows + 1 };
      const reader = new CsvReader(piece, source.format, at, header.length);
      while (!search.done && reader.next()) {
        if (reader.defect === null) search.look(reader);
      }
      rows += cut.rows;
      start = cut.end;
    }
  } finally {
    window.close();
  }
  await writeFirstRows(ledger, program.run.id, search.found);
}
