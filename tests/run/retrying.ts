/** Retries runs in this process, for tests of what retries guarantee. */
import { Buffer } from "node:buffer";
import { parseDefinition } from "../../src/importer/parse.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { requireRun, type Run } from "../../src/ledger/runs/runs.ts";
import { recordTried } from "../../src/ledger/edits/tried_rows.ts";
import { writeFailedRows } from "../../src/report/failed_rows_csv.ts";
import { writeFailedWorkbook } from "../../src/report/failed_rows_xlsx.ts";
import { runReport } from "../../src/report/run_report.ts";
import type { ErrorsAsked } from "../../src/run/request/choose_errors.ts";
import { createRetry } from "../../src/run/request/retry/retry.ts";
import type { RetryMade } from "../../src/run/request/retry/retry_request.ts";
import type { Workshop } from "./importing.ts";

export interface Retrying {
  /** A definition in YAML; the default is the run's own. */
  readonly definition?: string;
  readonly dryRun?: boolean;
  /** The content of an edited export. */
  readonly file?: string | Uint8Array;
  readonly acceptChanges?: boolean;
  /** Only rows with such errors. */
  readonly only?: ErrorsAsked;
  readonly ledger?: Ledger;
}

/** Creates a retry; no worker has started on it. */
export async function tryRetry(shop: Workshop, id: number, how: Retrying = {}): Promise<RetryMade> {
  const ledger = how.ledger ?? shop.ledger;
  const run = await requireRun(ledger, id);
  const file = how.file === undefined ? null : `${shop.file}.fixed.csv`;
  if (file !== null && how.file !== undefined) {
    if (typeof how.file === "string") await Deno.writeTextFile(file, how.file);
    else await Deno.writeFile(file, how.file);
  }
  return await createRetry(ledger, {
    run,
    chooseDefinition: () =>
      Promise.resolve({ definition: how.definition ? parsed(how.definition) : run.definition }),
    user: "tester",
    dryRun: how.dryRun ?? false,
    file: file === null ? null : { path: file, name: file },
    acceptChanges: how.acceptChanges ?? false,
    only: how.only ?? null,
    spoolFolder: `${shop.file}.spool`,
  });
}

/** Throws if there is nothing to retry. */
export async function makeRetry(shop: Workshop, id: number, how: Retrying = {}): Promise<Run> {
  const retry = await tryRetry(shop, id, how);
  if (!retry.made) throw new Error(retry.because);
  return retry.run;
}

/** Creates a retry and works on it until it has ended. */
export async function retry(shop: Workshop, id: number, how: Retrying = {}): Promise<Run> {
  return await shop.drive(await makeRetry(shop, id, how));
}

export async function unresolved({ ledger }: Workshop, id: number): Promise<number> {
  return (await runReport(ledger, id, { rows: 0 })).progress.unresolved;
}

/** What the retry `by` records of rows of the chain's root: that it has loaded them, or failed to. */
export async function markTried(
  ledger: Ledger,
  root: number,
  by: number,
  rows: readonly number[],
  resolved = true,
): Promise<number> {
  const retry = {
    id: by,
    root,
    from: root,
    dryRun: false,
    corrected: false,
    edited: false,
    chosen: null,
  };
  const [made, failed] = resolved ? [rows, []] : [[], rows];
  return await recordTried(ledger, retry, { resolved: made, failed });
}

/** The file of the run's failed rows. */
export async function exported({ ledger }: Workshop, { id }: Pick<Run, "id">): Promise<string> {
  let text = "";
  await writeFailedRows(ledger, await requireRun(ledger, id), (piece) => {
    text += piece;
  });
  return text;
}

/** The same as a workbook; empty if there are none. */
export async function exportedWorkbook(
  { ledger }: Workshop,
  { id }: Pick<Run, "id">,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  await writeFailedWorkbook(ledger, await requireRun(ledger, id), (piece) => {
    pieces.push(piece);
  });
  return Buffer.concat(pieces);
}

/** `row/line status` of each logged row of a run, in order. */
export async function logged({ session }: Workshop, id: number): Promise<string[]> {
  const rows = await session.query<{ row: string }>(
    `select format('%s/%s %s', row_number, line, status) as row
     from ingest.rows where run_id = $1 order by row_number`,
    [id],
  );
  return rows.map(({ row }) => row);
}

/** The rows of a table with the columns `id` and `v`, in order. */
export async function contents({ session }: Workshop, table = "items"): Promise<string[]> {
  const rows = await session.query<{ row: string }>(
    `select concat_ws('=', id, v) as row from ${table} order by id, v`,
  );
  return rows.map(({ row }) => row);
}

function parsed(yaml: string) {
  const result = parseDefinition(yaml, "test.yaml");
  if ("problems" in result) throw new Error(result.problems.map((p) => p.message).join("\n"));
  return result.definition;
}
