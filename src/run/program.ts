/** A run's definition, compiled against the file's header and the table. */
import { describeKeys, type KeyPlan, planKeys } from "../keys/plan_keys.ts";
import type { KeyHasher } from "../keys/hasher.ts";
import { qualified } from "../db/quoting.ts";
import { Encoder } from "../kernel/encoder.ts";
import { retryOf } from "../ledger/runs/retries.ts";
import type { Target } from "../ledger/batches/begin_batch.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { RoomInLog } from "../ledger/rows/unlogged.ts";
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
import { fit, type FittedRoute } from "./fit.ts";
import { keysOfRoutes } from "./keys_of_routes.ts";
import { RouteChooser } from "./route_chooser.ts";
import { routeDefinitions } from "../importer/routes/routes.ts";

/** A run's program for one of its tables, or for the run as a whole. Usually these are the same. */
export interface RunProgram {
  readonly run: Run;
  /** Where the run's rows come from. */
  readonly supply: RowSupply;
  /** How the rows are read. */
  readonly records: RecordFormat;
  /** What the names of its files say. */
  readonly names: FileNames;
  /**
   * Null if all rows go into one table. Otherwise this program only chooses the table of each row: its
   * pipeline does that, and its plan is that of the first table.
   */
  readonly routes: Routes | null;
  /** It is the program of one of several tables. */
  readonly isPart: boolean;
  readonly pipeline: CompiledPipeline;
  readonly loadPlan: LoadPlan;
  /** What is noted, so that the run can be undone: by table. Of others, nothing is. */
  readonly undo: RunUndos;
  /** The tables that all of this was compiled for. */
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

/** One program for each table, in the definition's order. */
export interface Routes {
  readonly programs: readonly RunProgram[];
  readonly chooser: RouteChooser;
}

/** The programs of a run's tables: usually the program itself. */
export function routesOf(program: RunProgram): readonly RunProgram[] {
  return program.routes?.programs ?? [program];
}

/** The same program with other plans for its tables. */
export function withPlans(program: RunProgram, change: (plan: LoadPlan) => LoadPlan): RunProgram {
  const { routes } = program;
  return {
    ...program,
    loadPlan: change(program.loadPlan),
    routes: routes && {
      ...routes,
      programs: routes.programs.map((route) => withPlans(route, change)),
    },
  };
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
  const fitted = fit({ ...run, names }, table, undefined, loads, hooks);
  const routes = fitted.routes?.all ?? [fitted];
  const records = recordFormat(run.source.format, run.header);
  const plans = routes.map((route) => keysOf(route, hooks));
  const keys = fitted.routes === null
    ? plans[0]
    : keysOfRoutes(plans, fitted.routes.choice, hooks, new CopyWriter(1024));
  const described = describeKeys(keys);
  const replanned = run.planned_keys !== null && run.planned_keys !== described;
  const keysMayRepeat = keys.kind === "in_order" || replanned;
  const inOrderBecause = keys.kind === "in_order"
    ? keys.because
    : replanned
    ? `the keys of ${table.name} have changed since the rows were planned`
    : routes.map(({ loadPlan }) => orderOfRelated(loadPlan)).find((why) => why !== null) ?? null;
  const shared = {
    ...{ run, records, names, hooks, replanned, inOrderBecause, keys: described },
    supply: supplyOf(run),
    target: {
      names: routes.map(({ loadPlan }) => qualified(loadPlan.table)),
      fingerprint: table.fingerprint ?? null,
      hold: routes.map(({ loadPlan }) => holdTable(loadPlan)).join("; "),
    },
    hasher: keys.kind === "hashed" ? keys.hasher : null,
    room: new RoomInLog(run),
    warnings: [
      // A retry reads the log and not the file.
      ...(retryOf(run) === null ? run.source.notes ?? [] : []),
      ...formatWarnings(run.source.format, definition.source),
      ...fitted.warnings,
    ],
  };
  const definitions = routeDefinitions(definition);
  const programs = routes.map((route, index): RunProgram => {
    const pipeline = withRelated(route.pipeline);
    const loadPlan = {
      ...route.loadPlan,
      keysMayRepeat,
      // Each table has a stage of its own.
      ...fitted.routes !== null && { stageLabel: route.loadPlan.stageName },
    };
    return {
      ...shared,
      run: { ...run, definition: definitions[index] },
      routes: null,
      isPart: fitted.routes !== null,
      pipeline,
      loadPlan,
      // Nobody knows what afterBatch has written.
      undo: run.dry_run || hooks?.uses.afterBatch === true ? new Map() : runUndos(loadPlan),
      history: newLoadHistory(),
      encoder: new Encoder(pipeline, records, "binary"),
      log: new RowLogWriter(run.id, records, holdsAll),
      lookups: new Map(),
    };
  });
  if (fitted.routes === null) return programs[0];
  const chooser = new RouteChooser(fitted.routes.choice, hooks);
  hooks?.fill(programs.flatMap(({ pipeline }) => pipeline.programs));
  return {
    ...programs[0],
    run,
    isPart: false,
    routes: { programs, chooser },
    undo: new Map(programs.flatMap(({ undo }) => [...undo])),
    pipeline: chooser.pipeline,
    encoder: new Encoder(chooser.pipeline, records),
    log: new RowLogWriter(run.id, records, holdsAll),
    lookups: new Map(),
  };
}

/** By which rows of one table are put in order. */
function keysOf({ pipeline, loadPlan }: FittedRoute, hooks: RunHooks | null): KeyPlan {
  const { table, columns } = loadPlan;
  // Without the value that is only compared; it comes last.
  const written = pipeline.programs.slice(0, columns.length);
  return keysAfterHooks(
    planKeys(table, written, pipeline.keyColumns, pipeline.kept, new CopyWriter(1024)),
    hooks,
    [...pipeline.keyColumns, ...table.uniqueIndexes.flatMap(({ columns }) => columns ?? [])],
  );
}
