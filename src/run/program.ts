/** A run's definition, compiled against the file's header and the table. */
import { describeKeys, planKeys } from "../keys/plan_keys.ts";
import type { KeyHasher } from "../keys/hasher.ts";
import { qualified } from "../db/quoting.ts";
import type { Session } from "../db/session.ts";
import { checkAgainstTable } from "../importer/against_table.ts";
import { DefinitionError } from "../importer/definition_errors.ts";
import { withCutNames } from "../importer/cut_name.ts";
import type { Origin } from "../importer/problem.ts";
import { Encoder } from "../kernel/encoder.ts";
import { retryOf } from "../ledger/retries.ts";
import type { Target } from "../ledger/begin_batch.ts";
import { Ledger } from "../ledger/ledger.ts";
import { addWarnings } from "../ledger/run_states.ts";
import {
  readRunTable,
  recordTableChanges,
  type RunTable,
  writeRunTable,
} from "../ledger/run_tables.ts";
import type { Run } from "../ledger/runs.ts";
import { RoomInLog } from "../ledger/unlogged.ts";
import { noteUndoTable } from "../ledger/undo_tables.ts";
import { holdTable } from "../load/hold_table.ts";
import {
  type LoadHistory,
  type LoadPlan,
  newLoadHistory,
  writtenColumns,
} from "../load/load_plan.ts";
import { type RunUndo, runUndo, sameUndo, undoTable } from "./run_undo.ts";
import type { Table } from "../load/catalog/table.ts";
import { tableChanges } from "../load/catalog/table_changes.ts";
import { tableShape } from "../load/catalog/table_shape.ts";
import { objectReader } from "../source/json/objects.ts";
import type { CompiledPipeline, PipelineContext } from "../row/compile.ts";
import { compilePipeline, DefinitionMismatch, HeaderMismatch } from "../row/compile.ts";
import { RowLogWriter } from "../kernel/row_log.ts";
import { CopyWriter } from "../row/copy_writer.ts";
import { formatWarnings, namesNulls, recordFormat } from "../source/format.ts";
import type { RecordFormat } from "../source/record_format.ts";
import { FileNames, type RowFiles } from "./file_names.ts";
import { planLoad, refuseObstacles } from "./loadable.ts";
import { keysAfterHooks } from "./hooks/keys_after_hooks.ts";
import { RunHooks } from "./hooks/run_hooks.ts";
import { refuseUnfilled } from "./hooks/refuse_unfilled.ts";
import type { Lookups } from "./lookup_memory.ts";
import { readTable } from "./read_table.ts";
import { orderOfRelated } from "./related_plans.ts";
import { describeChanges, TableChanged } from "./table_changed.ts";
import type { RowSupply } from "./supply/row_supply.ts";
import { supplyOf } from "./supply/supply_of.ts";

export interface RunProgram {
  readonly run: Run;
  /** Where the run's rows come from. */
  readonly supply: RowSupply;
  /** How the rows are read. */
  readonly records: RecordFormat;
  /** What the names of its files say. */
  readonly names: FileNames;
  readonly pipeline: CompiledPipeline;
  readonly loadPlan: LoadPlan;
  /** What is noted, so that the run can be undone; null if nothing is. */
  readonly undo: RunUndo | null;
  /** The table that all of this was compiled for. */
  readonly target: Target;
  /** Describes the keys by which rows are put in order, to compare it with another program's. */
  readonly keys: string;
  /** Null if there are no keys, or none that can be hashed. */
  readonly hasher: KeyHasher | null;
  /** Why the run's batches must be taken one at a time, in order; null if they need not be. */
  readonly inOrderBecause: string | null;
  /** The table's keys have changed since the run was planned. */
  readonly replanned: boolean;
  readonly history: LoadHistory;
  /** How many failed rows may still be logged, as far as this worker knows. */
  readonly room: RoomInLog;
  /** Holds the batch's bytes, and its good rows as lines for COPY; reused from batch to batch. */
  readonly encoder: Encoder;
  /** Writes the batch's rows for the row log; also reused from batch to batch. */
  readonly log: RowLogWriter;
  readonly warnings: readonly string[];
  /** What this worker remembers of what was looked up. */
  readonly lookups: Lookups;
  /** Code that is called for its rows; null if there is none. */
  readonly hooks: RunHooks | null;
}

export interface RunShape
  extends Pick<Run, "id" | "definition" | "header" | "user_id" | "settings"> {
  readonly source: Pick<Run["source"], "format" | "began">;
  /** Absent: it is not created yet. */
  readonly created_at?: Date;
  /** Absent: no row will be read. */
  readonly names?: RowFiles;
}

/**
 * Checks that definition, file and table fit together. Throws TargetError, DefinitionError,
 * DefinitionMismatch or HeaderMismatch if they don't.
 */
export async function fitTogether(
  session: Session,
  run: RunShape,
  ledgerSchema: string,
  origin?: Origin,
  patience?: number,
): Promise<
  { table: Table; pipeline: CompiledPipeline; loadPlan: LoadPlan; warnings: readonly string[] }
> {
  const table = await readTable(session, run, ledgerSchema, patience);
  return { table, ...fit(run, table, origin) };
}

/**
 * The same, with a table that was read before. `loads`: false if rows are only compared with the
 * table, for which the role needs less.
 */
export function fit(
  run: RunShape,
  table: Table,
  origin?: Origin,
  loads = true,
  hooks: RunHooks | null = null,
): { pipeline: CompiledPipeline; loadPlan: LoadPlan; warnings: readonly string[] } {
  const definition = withCutNames(run.definition, table);
  const checked = checkAgainstTable(definition, table, origin);
  if (checked.problems.length > 0) throw new DefinitionError(checked.problems);
  const pipeline = compilePipeline(definition, run.header, table, {
    runId: run.id,
    user: run.user_id,
    ...wordsOfRun(run),
    fileWord: run.names && ((row, part) => run.names?.word(row, part) ?? null),
    isTyped: run.source.format.type === "json",
    ...objectsIn(run.source.format),
    namesNulls: namesNulls(run.source.format),
    ...(hooks !== null && {
      isHooked: true,
      changeOf: (target: string) => hooks.columns.of(target),
    }),
  });
  if (definition.hooks !== undefined) refuseUnfilled(definition.hooks, pipeline.programs);
  const loadPlan = planLoad(definition, table, pipeline);
  if (loads) refuseObstacles(loadPlan);
  return {
    pipeline,
    loadPlan,
    warnings: [...checked.warnings.map((problem) => problem.message), ...pipeline.warnings],
  };
}

/** What constants may say of the run. */
function wordsOfRun({ definition, settings, source: { began }, created_at }: RunShape) {
  return {
    importer: definition.slug,
    began: began === undefined ? created_at : new Date(began),
    zone: settings?.TimeZone ?? null,
  };
}

/**
 * `seen`: the run's table as it was when the run was created, if the caller has just created it: to
 * read the catalog takes 8 ms over a new connection. If the table has changed since the run looked
 * last, the run's warnings then say so. Throws as `fitTogether` does, and TableChanged.
 *
 * If the run was planned by other keys, because the table's unique indexes or the types of their
 * columns have changed since, its rows are no longer spread so that no two batches share a key. Then
 * its batches are taken one at a time. `patience`: as for `readTable`.
 */
export async function prepareRun(
  session: Session,
  run: Run,
  ledgerSchema: string,
  seen: Table | null = null,
  patience?: number,
): Promise<RunProgram> {
  const holdsAll = session.repertoire === null;
  if (seen !== null) return compileFor(run, seen, holdsAll);
  const ledger = new Ledger(session, ledgerSchema);
  // Before the catalog: so it is never newer than what is found there.
  const known = await readRunTable(ledger, run.id);
  const table = await readTable(session, run, ledgerSchema, patience);
  const changes = known === null ? [] : tableChanges(known.shape, tableShape(table));
  const changed = changes.length === 0 ? null : describeChanges(changes);
  let program: RunProgram;
  try {
    program = compileFor(run, table, holdsAll);
  } catch (error) {
    const isMismatch = error instanceof DefinitionError || error instanceof DefinitionMismatch ||
      error instanceof HeaderMismatch;
    if (changed === null || !isMismatch) throw error;
    throw new DefinitionMismatch(`${changed} ${error.message}`, { cause: error });
  }
  const now = describeTable(table, program.loadPlan);
  const noted = known?.remembered.find(({ relation }) => relation === table.oid);
  if (noted !== undefined) program = { ...program, undo: sameUndo(program, noted) };
  // It was resumed after the first part was forgotten: then it is no use to note the rest.
  const isForgotten = known !== null && known.remembered.length === 0;
  if (isForgotten) program = { ...program, undo: null };
  const undo = run.dry_run || noted !== undefined || isForgotten ? null : now.undo;
  const isSame = known !== null && known.fingerprint === now.fingerprint;
  if (isSame && undo === null) return program;
  const lost = known?.filled.filter((name) => !now.filled.includes(name)) ?? [];
  if (lost.length > 0 && changed !== null) throw new TableChanged(changed, lost);
  const note = async () => {
    if (undo !== null) await noteUndoTable(ledger, run.id, undo);
    if (isSame) return;
    const isNews = await writeRunTable(ledger, run.id, now, known);
    if (isNews && changed !== null) {
      await recordTableChanges(ledger, run.id, changes);
      await addWarnings(ledger, run.id, [changed, ...program.warnings]);
    }
  };
  await (session.transactionState === "open" ? note() : session.transaction(note));
  return program;
}

/**
 * For a run whose rows are compared with the table, and not written to it. Notes nothing. Throws as
 * `fitTogether` does.
 */
export function prepareToCompare(session: Session, run: Run, table: Table): RunProgram {
  return compileFor(withoutRelated(run), table, session.repertoire === null, false);
}

/** Only the rows of the table itself are compared. */
function withoutRelated(run: Run): Run {
  const { many: _, nested: __, ...definition } = run.definition;
  return { ...run, definition };
}

/** For rows that are only tried: what they come to in the table is rolled back. Throws as `fit` does. */
export function prepareToTry(session: Session, run: Run, table: Table): RunProgram {
  return compileFor({ ...run, planned_keys: null }, table, session.repertoire === null);
}

/** What is kept about the table, to compare it later. */
export function describeTable(table: Table, loadPlan: LoadPlan): RunTable {
  return {
    fingerprint: table.fingerprint ?? null,
    shape: tableShape(table),
    filled: writtenColumns(loadPlan),
    undo: undoTable(loadPlan),
  };
}

/** Rows of other tables may be in rows of JSON. */
function objectsIn(format: RunShape["source"]["format"]): Pick<PipelineContext, "readObjects"> {
  if (format.type !== "json") return {};
  return { readObjects: (names) => objectReader(names, format.encoding) };
}

/** What goes into other tables is encoded beside the columns of the table. */
function withRelated(pipeline: CompiledPipeline): CompiledPipeline {
  const { programs, related } = pipeline;
  if (related.length === 0) return pipeline;
  return { ...pipeline, programs: [...programs, ...related.map(({ program }) => program)] };
}

/** `holdsAll`: the database can hold any text. `loads`: as for `fit`. */
function compileFor(run: Run, table: Table, holdsAll: boolean, loads = true): RunProgram {
  const { definition } = run;
  const names = new FileNames(run);
  const hooks = definition.hooks === undefined ? null : new RunHooks({
    definition,
    header: run.header,
    number: run.id === 0 ? null : run.id,
    dry_run: run.dry_run,
    typed: run.source.format.type === "json",
  });
  const { pipeline: fitted, loadPlan: plan, warnings } = fit(
    { ...run, names },
    table,
    undefined,
    loads,
    hooks,
  );
  const pipeline = withRelated(fitted);
  // Without the value that is only compared; it comes last.
  const written = pipeline.programs.slice(0, plan.columns.length);
  const records = recordFormat(run.source.format, run.header);
  const keys = keysAfterHooks(
    planKeys(table, written, pipeline.keyColumns, pipeline.kept, new CopyWriter(1024)),
    hooks,
    [...pipeline.keyColumns, ...table.uniqueIndexes.flatMap(({ columns }) => columns ?? [])],
  );
  const described = describeKeys(keys);
  const replanned = run.planned_keys !== null && run.planned_keys !== described;
  const loadPlan = { ...plan, keysMayRepeat: keys.kind === "in_order" || replanned };
  return {
    run,
    supply: supplyOf(run),
    records,
    names,
    pipeline,
    loadPlan,
    // Nobody knows what afterBatch has written.
    undo: run.dry_run || hooks?.uses.afterBatch === true ? null : runUndo(loadPlan),
    target: {
      name: qualified(table),
      fingerprint: table.fingerprint ?? null,
      hold: holdTable(loadPlan),
    },
    keys: described,
    replanned,
    hasher: keys.kind === "hashed" ? keys.hasher : null,
    inOrderBecause: keys.kind === "in_order"
      ? keys.because
      : replanned
      ? `the keys of ${table.name} have changed since the rows were planned`
      : orderOfRelated(loadPlan),
    history: newLoadHistory(),
    room: new RoomInLog(run),
    encoder: new Encoder(pipeline, records, "binary"),
    log: new RowLogWriter(run.id, records, holdsAll),
    warnings: [
      // A retry reads the log and not the file.
      ...(retryOf(run) === null ? run.source.notes ?? [] : []),
      ...formatWarnings(run.source.format, definition.source),
      ...warnings,
    ],
    lookups: new Map(),
    hooks,
  };
}
