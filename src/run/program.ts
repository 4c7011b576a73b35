/** A run's definition, compiled against the file's header and the table. */
import { describeKeys, planKeys } from "../keys/plan_keys.ts";
import type { KeyHasher } from "../keys/hasher.ts";
import { qualified } from "../db/quoting.ts";
import { Encoder } from "../kernel/encoder.ts";
import { retryOf } from "../ledger/retries.ts";
import type { Target } from "../ledger/begin_batch.ts";
import type { Run } from "../ledger/runs.ts";
import { RoomInLog } from "../ledger/unlogged.ts";
import { holdTable } from "../load/hold_table.ts";
import { type LoadHistory, type LoadPlan, newLoadHistory } from "../load/load_plan.ts";
import { type RunUndos, runUndos } from "./run_undo.ts";
import type { Table } from "../load/catalog/table.ts";
import type { CompiledPipeline } from "../row/compile.ts";
import { RowLogWriter } from "../kernel/row_log.ts";
import { CopyWriter } from "../row/copy_writer.ts";
import { formatWarnings, recordFormat } from "../source/format.ts";
import type { RecordFormat } from "../source/record_format.ts";
import { FileNames } from "./file_names.ts";
import { keysAfterHooks } from "./hooks/keys_after_hooks.ts";
import { RunHooks } from "./hooks/run_hooks.ts";
import type { Lookups } from "./lookup_memory.ts";
import { orderOfRelated } from "./related_plans.ts";
import type { RowSupply } from "./supply/row_supply.ts";
import { supplyOf } from "./supply/supply_of.ts";
import { fit } from "./fit.ts";

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
  /** What is noted, so that the run can be undone: by table. Of others, nothing is. */
  readonly undo: RunUndos;
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

/** What goes into other tables is encoded beside the columns of the table. */
function withRelated(pipeline: CompiledPipeline): CompiledPipeline {
  const { programs, related } = pipeline;
  if (related.length === 0) return pipeline;
  return { ...pipeline, programs: [...programs, ...related.map(({ program }) => program)] };
}

/**
 * `holdsAll`: the database can hold any text. `loads`: as for `fit`. Throws DefinitionError,
 * DefinitionMismatch and HeaderMismatch.
 */
export function compileProgram(
  run: Run,
  table: Table,
  holdsAll: boolean,
  loads = true,
): RunProgram {
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
    undo: run.dry_run || hooks?.uses.afterBatch === true ? new Map() : runUndos(loadPlan),
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
