/**
 * Rows that the run has created, and that are no longer as it wrote them. Nothing in such a row says
 * that it was the run's. But the file says which keys the run's rows had, so those that were changed,
 * and still have their key, can be listed. The others are counted.
 */
import { identifier } from "../../db/quoting.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import type { Batch } from "../../ledger/batches/batches.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { listRetries } from "../../ledger/batches/loaded_batches.ts";
import { retryOf } from "../../ledger/runs/retries.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { logKept, type UndoCounts } from "../../ledger/undo/undo_batches.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import { findChanged } from "../../load/undo/find_changed.ts";
import type { RowPlace } from "../../load/undo/place.ts";
import { rowsOf } from "../../load/undo/undo_relation.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../row/compile.ts";
import { fileState } from "../../source/unchanged.ts";
import { encodeToCompare } from "../process/resolve.ts";
import { hooksDiffer } from "../request/hooks_differ.ts";
import { Refused } from "../request/refuse/refused.ts";
import type { UndoSource } from "../undo_source.ts";
import { chooseCompared } from "../verify/choose_rows.ts";
import { type CompiledRun, compileToVerify } from "../verify/compile.ts";
import { listParts } from "../verify/read_rows.ts";
import { ReusedStage } from "../verify/reused_stage.ts";
import { readAgain, type TableRows } from "../verify/rows_by_table.ts";
import { stageRows } from "../verify/stage_rows.ts";
import { bringsRelated } from "../verify/related/verify_related.ts";
import { listChangedRelated } from "./changed_related.ts";
import { CHANGED, CHANGED_OR_DELETED, KeptRows } from "./kept_rows.ts";

/** The batch has as many rows as are missing. */
export async function keepChangedRows(
  ledger: Ledger,
  run: Run,
  batch: Batch,
  source: UndoSource,
): Promise<UndoCounts> {
  const all = new KeptRows(batch, source.label);
  if (run.definition.options.log_rows !== "none") {
    const found = await listChanged(ledger, run, source, batch.row_count);
    const columns = source.relation.columns
      .map(({ name }) => ({ name, sql: `t.${identifier(name)}` }));
    const kept = found.map((row) => ({ ...row, ...all.add(CHANGED) }));
    await logKept(ledger, run.id, kept, rowsOf(source.relation), columns);
  }
  while (all.count < batch.row_count) all.add(CHANGED_OR_DELETED);
  await all.writeGroups(ledger);
  return { deleted: 0, updated: 0, failed: all.count };
}

async function listChanged(
  ledger: Ledger,
  { undoes_run_id }: Run,
  { marks, relation }: UndoSource,
  most: number,
): Promise<readonly RowPlace[]> {
  const root = await requireRun(ledger, undoes_run_id!);
  const xids = [...marks.created, ...marks.updated];
  const stage = new ReusedStage(ledger.session);
  const found = new Map<string, RowPlace>();
  const add = (rows: readonly RowPlace[]) => {
    for (const row of rows) {
      if (found.size < most) found.set(`${row.relation} ${row.ctid}`, row);
    }
  };
  const related: Run[] = [];
  for (const member of [root, ...await listRetries(ledger, root.id)]) {
    const compiled = await compile(ledger, member);
    if (compiled !== null && bringsRelated(member)) related.push(member);
    const compared = compiled?.tables.find(({ how }) => how.plan.table.oid === relation.oid);
    if (!compiled || compared === undefined || compared.how.plan.key.length === 0) continue;
    for (const part of await listParts(ledger, member)) {
      const own = await readAgain(ledger, compiled, compared, part);
      // Otherwise the table may have had some of these keys before.
      if (own === null || !own.rows.onlyCreated) continue;
      await stageCreated(ledger, own, stage);
      add(await findChanged(ledger.session, compared.how.plan, xids));
    }
    await compiled.program.hooks?.close();
  }
  await stage.drop();
  if (related.length > 0) add(await listChangedRelated(ledger, related, relation.oid, xids));
  return [...found.values()];
}

/** Null if the file isn't here, or the run no longer fits the table. */
async function compile(ledger: Ledger, run: Run): Promise<CompiledRun | null> {
  const { host, path } = run.source;
  const isFile = retryOf(run) === null;
  if (isFile && host !== null && host !== Deno.hostname()) return null;
  if (isFile && await fileState(path) === null) return null;
  if (await hooksDiffer(run.definition) !== null) return null;
  try {
    return await compileToVerify(ledger, run);
  } catch (error) {
    const fits = ![TargetError, DefinitionError, DefinitionMismatch, HeaderMismatch, Refused]
      .some((kind) => error instanceof kind);
    if (fits) throw error;
    return null;
  }
}

async function stageCreated(
  { session }: Ledger,
  { compared, rows }: TableRows,
  stage: ReusedStage,
): Promise<void> {
  const { program } = compared;
  const encoded = await encodeToCompare(session, program, rows.read);
  const { order } = chooseCompared(compared, rows, encoded);
  await stage.use(compared);
  await stageRows(session, compared, encoded, order);
}
