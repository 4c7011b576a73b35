/** Reads the rows of a run again, as its batches have read them, with what is known of each. */
import type { Batch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import {
  countLoaded,
  countLoadedByTable,
  type CountsByTable,
  listLoaded,
  listOutcomes,
  listPlannedRanges,
  type LoadedBatch,
  type LoggedOutcomes,
} from "../../ledger/batches/loaded_batches.ts";
import { inPages } from "../../ledger/pages.ts";
import { readResolved } from "../../ledger/rows/retried_rows.ts";
import { type Retry, retryOf } from "../../ledger/runs/retries.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { type ReadBatch, readBatch } from "../process/read.ts";
import type { RunProgram } from "../program.ts";
import { PartCounts } from "./part_counts.ts";

/** Rows that are read and compared together. */
export interface Part {
  readonly batch: Batch;
  /** How many rows it has, as far as that is known before they are read. */
  readonly rows: number;
  /** Were they loaded after other rows of the run? */
  readonly later: boolean;
  /** Throws SourceError if the file is no longer as it was. */
  read(ledger: Ledger, program: RunProgram): Promise<PartRows>;
}

/** The rows of all tables. */
export interface PartRows {
  readonly read: ReadBatch;
  readonly outcomes: LoggedOutcomes;
  readonly counts: PartCounts;
  /** What became of rows of other tables, by table. */
  readonly related: CountsByTable;
}

/** The completed batches of a run, or the rows that a retry has brought into the table. */
export async function listParts(ledger: Ledger, run: Run): Promise<Part[]> {
  const retry = retryOf(run);
  return retry === null ? await partsOfFile(ledger, run) : await partsOfLog(ledger, run, retry);
}

async function partsOfFile(ledger: Ledger, run: Run): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const batch of inPages((after, limit) => listLoaded(ledger, run.id, after, limit))) {
    parts.push({
      batch,
      rows: batch.row_count,
      later: batch.phase > 1,
      read: (ledger, program) => readFromFile(ledger, program, batch),
    });
  }
  return parts;
}

async function readFromFile(
  ledger: Ledger,
  program: RunProgram,
  batch: LoadedBatch,
): Promise<PartRows> {
  const read = await readBatch(ledger, program, batch);
  const only = batch.phase === 1 ? null : [...read.waiting.keys()];
  const { tables, options } = program.run.definition;
  return {
    read,
    outcomes: await listOutcomes(ledger, batch, only),
    counts: new PartCounts(
      batch,
      tables === undefined ? null : batch.related ?? {},
      options.log_rows === "all",
    ),
    related: batch.related ?? {},
  };
}

/** Which rows it has loaded is noted for each of them, so its batches don't matter. */
async function partsOfLog(ledger: Ledger, run: Run, retry: Retry): Promise<Part[]> {
  const loaded = await countLoaded(ledger, run.id);
  const related = await countLoadedByTable(ledger, run.id);
  const byTable = run.definition.tables === undefined ? null : withoutFailed(related);
  const updated = loaded.rows - loaded.failed - loaded.created - loaded.skipped;
  const counts = new PartCounts({ ...loaded, updated, failed: 0 }, byTable, false);
  const parts: Part[] = [];
  const list = (after: number, limit: number) => listPlannedRanges(ledger, run.id, after, limit);
  for await (const batch of inPages(list)) {
    parts.push({
      batch,
      rows: batch.row_count + batch.deferred,
      later: true,
      read: async (ledger) => {
        const found = await readResolved(ledger, retry, batch.first_row, batch.last_row);
        return {
          read: { records: { kind: "found", found }, count: found.count, waiting: new Map() },
          outcomes: { failed: [], skipped: [], taken: [] },
          counts,
          related,
        };
      },
    });
  }
  return parts;
}

/** Those that failed are not read. */
function withoutFailed(counts: CountsByTable): CountsByTable {
  return Object.fromEntries(
    Object.entries(counts).map(([table, each]) => [table, { ...each, failed: 0 }]),
  );
}
