/** Imports files and takes them back, in this process, with real workers. */
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { createUndo } from "../../../src/run/request/undo/undo.ts";
import type { Workshop } from "../importing.ts";

export const IMPORTER = "source: {type: upload}\nslug: t\ntable: t\n";

/** Creates the file's run and works on it until it has ended. */
export async function imported(
  shop: Workshop,
  file: string,
  definition = IMPORTER,
): Promise<Run> {
  return await shop.drive(await shop.create(definition, file));
}

export interface Undoing {
  readonly dryRun?: boolean;
  readonly workers?: number;
}

/** Creates an undo; no worker has started on it. */
export function makeUndo({ ledger }: Workshop, { id }: Pick<Run, "id">, dryRun = false) {
  return createUndo(ledger, { id, user: "tester", dryRun });
}

/** Resolves with the receipt of an undo that has ended. */
export async function undo(
  shop: Workshop,
  run: Pick<Run, "id">,
  { dryRun = false, workers = 2 }: Undoing = {},
): Promise<string> {
  const made = await makeUndo(shop, run, dryRun);
  return await receiptOf(shop, await shop.drive(made, workers));
}

export async function receiptOf({ ledger }: Workshop, { id }: Pick<Run, "id">): Promise<string> {
  const { status, error, progress } = await runReport(ledger, id, { rows: 0 });
  const { deleted, updated, failed } = progress;
  const counts = `deleted ${deleted}, restored ${updated}, kept ${failed}`;
  return `${status}: ${error === null ? counts : error.message}`;
}

/** Why rows of the latest undo were kept: `row message` of each that is logged. */
export async function reasons({ session }: Workshop): Promise<string[]> {
  const rows = await session.query<{ reason: string }>(
    `select format('%s %s', r.data ->> 'id', r.errors ->> 'message') as reason from ingest.rows r
     where r.run_id = (select max(id) from ingest.runs) order by r.row_number`,
  );
  return rows.map(({ reason }) => reason);
}

/** The groups of the latest undo. */
export async function groups({ session }: Workshop): Promise<string[]> {
  const found = await session.query<{ text: string }>(
    `select format('%s x %s (%s)', sum(count), message, code) as text from ingest.batch_errors
     where run_id = (select max(id) from ingest.runs) group by message, code order by message`,
  );
  return found.map(({ text }) => text);
}

/** All rows of a table as text, in order. */
export async function rowsOf({ session }: Pick<Workshop, "session">, table = "t") {
  const rows = await session.query<{ row: string }>(
    `select x::text as row from ${table} x order by x::text collate "C"`,
  );
  return rows.map(({ row }) => row);
}
