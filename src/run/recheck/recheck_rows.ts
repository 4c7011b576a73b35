/**
 * What failed rows would come to with their corrections: by the checks of the definition, and by the
 * database, in a transaction that is rolled back. No run is made of it.
 */
import { basename } from "node:path";
import { PostgresError } from "../../db/session.ts";
import { classify } from "../../db/sqlstate.ts";
import { TableLocked } from "../../db/table_locked.ts";
import { DefinitionError, UnknownImporter } from "../../importer/definition_errors.ts";
import { listWithEdits, measureWithEdits } from "../../ledger/edits/pending_edits.ts";
import { type Ledger, LET_GO_OF_THE_DEAD } from "../../ledger/ledger.ts";
import { rootOf } from "../../ledger/runs/retries.ts";
import type { RowErrors } from "../../ledger/rows/rows.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import { FAILED } from "../../load/encoded_rows.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../row/compile.ts";
import { failureKind } from "../../row/failure_kind.ts";
import type { RowError } from "../../row/outcome.ts";
import { prepareToTry } from "../prepare.ts";
import { type RunProgram } from "../program.ts";
import { rowErrors } from "../process/failure_forms.ts";
import { withHooks } from "../hooks/choose_hooks.ts";
import { readTable } from "../read_table.ts";
import { Refused } from "../request/refuse/refused.ts";
import { isOneRow, Rereading } from "../request/reread_rows.ts";
import type { ChosenDefinition } from "../request/retry/retry_request.ts";
import { settingsFor } from "../user_settings.ts";
import { type EditedRecords, editedRecords } from "./edited_records.ts";
import { tryRecords } from "./try_records.ts";

export interface RecheckedRow {
  readonly row_number: number;
  /** Null: a retry would load it, as things are now. */
  readonly errors: RowErrors | null;
}

export type Recheck =
  | {
    readonly checked: true;
    readonly definition: Run["definition"];
    readonly rows: RecheckedRow[];
  }
  /** They could not be checked. A retry may be refused for the same reason. */
  | { readonly checked: false; readonly because: string };

/** How much is in memory at a time. */
const PAGE_BYTES = 8 * 1024 * 1024, PAGE_ROWS = 1_000;

/** Milliseconds to wait for rows of the table that others hold, and for any statement. */
const LIMITS = "set local lock_timeout = 2000; set local statement_timeout = 10000;";

/**
 * `rows`: failed rows of the run's chain. `chooseDefinition`: of the definition that a retry would use.
 */
export async function recheckRows(
  ledger: Ledger,
  run: Run,
  rows: readonly number[],
  chooseDefinition: () => Promise<ChosenDefinition>,
): Promise<Recheck> {
  const root = await requireRun(ledger, rootOf(run));
  try {
    const { definition: written, origin } = await chooseDefinition();
    const definition = await withHooks(written, origin);
    const settings = await settingsFor(ledger.session, definition, origin, root.settings);
    const { format } = new Rereading(root, definition.source);
    const tried = { ...root, definition, settings, source: { ...root.source, format } };
    const table = await readTable(ledger.session, tried, ledger.schemaName);
    // Nothing of it is written.
    const program = prepareToTry(ledger.session, { ...tried, dry_run: true }, table);
    await using _hooks = program.hooks;
    const found = await rolledBack(ledger, program, async () => {
      const all: RecheckedRow[] = [];
      for (const page of pages(await measureWithEdits(ledger, root.id, rows))) {
        all.push(...await tryRows(ledger, program, await listWithEdits(ledger, root.id, page)));
      }
      return all;
    });
    return { checked: true, definition, rows: found };
  } catch (error) {
    const because = reasonOf(error);
    if (because === null) throw error;
    return { checked: false, because };
  }
}

async function rolledBack<T>(
  ledger: Ledger,
  { run, target }: RunProgram,
  work: () => Promise<T>,
): Promise<T> {
  const { session } = ledger;
  await session.begin(
    run.settings,
    `set local client_min_messages = warning; ${LET_GO_OF_THE_DEAD} ${LIMITS} ${target.hold}`,
  ).catch(async (error) => {
    if (!session.lost) await session.query("rollback");
    throw error;
  });
  try {
    return await work();
  } finally {
    if (!session.lost) await session.query("rollback");
  }
}

/** Rows that share a memory. */
function* pages(sizes: ReadonlyMap<number, number>): Generator<number[]> {
  let page: number[] = [];
  let bytes = 0;
  for (const [row, size] of sizes) {
    if (page.length > 0 && (bytes + size > PAGE_BYTES || page.length === PAGE_ROWS)) {
      yield page;
      [page, bytes] = [[], 0];
    }
    page.push(row);
    bytes += size;
  }
  if (page.length > 0) yield page;
}

async function tryRows(
  ledger: Ledger,
  program: RunProgram,
  rows: Awaited<ReturnType<typeof listWithEdits>>,
): Promise<RecheckedRow[]> {
  const { records, run, names } = program;
  await names.load(ledger, Math.max(...rows.map(({ row_number }) => row_number)));
  const boundaries = records.boundaries();
  const edited: EditedRecords = editedRecords(records, run.header, rows);
  const outcomes = new Map<number, RowErrors | null>(edited.unwritable);
  const { found } = edited;
  const fail = (row: number, errors: readonly RowError[], invalid: boolean) =>
    outcomes.set(row, rowErrors(errors, invalid));
  for (const { encoded, loaded } of await tryRecords(ledger.session, program, found)) {
    const { places: { rowNumbers, starts, ends }, goodRecords } = encoded;
    const isRow = (record: number) =>
      isOneRow(boundaries, encoded.bytes.subarray(starts[record], ends[record]));
    for (const [record, errors] of encoded.bad) {
      fail(rowNumbers[record], errors, failureKind(errors) === "validation");
    }
    for (const [row, record] of goodRecords.entries()) {
      const number = rowNumbers[record];
      if (loaded.outcomes[row] === FAILED) fail(number, [loaded.errors.get(row)!], false);
      else if (isRow(record)) outcomes.set(number, null);
      else fail(number, [NO_LONGER_ONE], false);
    }
  }
  return rows.map(({ row_number }) => ({
    row_number,
    errors: outcomes.get(row_number) ?? null,
  }));
}

const NO_LONGER_ONE: RowError = {
  code: "malformed",
  message: "As the definition says now, the row would no longer be one row.",
  column: null,
  value: null,
};

/** A statement was cancelled, by `statement_timeout`. */
const CANCELED = "57014";

/** Null: it is no fault of the definition, of the table, or of who holds it. */
function reasonOf(error: unknown): string | null {
  if (error instanceof PostgresError) {
    const { kind } = classify(error);
    if (error.code === CANCELED) return "The rows could not be checked within 10 seconds.";
    if (kind === "transient") {
      return "The rows could not be checked: somebody holds rows of the table, or the table itself.";
    }
    return kind === "lost" ? null : `The database refuses the check: ${error.message}`;
  }
  if (error instanceof UnknownImporter) {
    return "The importer's definition is gone. A retry needs it, or has to use the one that the run had.";
  }
  if (error instanceof DefinitionError) {
    const [{ file, message }] = error.problems;
    return message.replace(file, () => basename(file));
  }
  const isMisfit = error instanceof Refused || error instanceof HeaderMismatch ||
    error instanceof DefinitionMismatch || error instanceof TableLocked;
  if (isMisfit) return error.message;
  return error instanceof TargetError ? error.publicMessage : null;
}
