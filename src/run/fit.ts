/** Checks that a definition, a file and a table fit together. */
import type { Session } from "../db/session.ts";
import { checkAgainstTable, originOfSnapshot } from "../importer/against_table/against_table.ts";
import { DefinitionError } from "../importer/definition_errors.ts";
import { withCutNames } from "../importer/against_table/cut_name.ts";
import type { Origin } from "../importer/problem.ts";
import type { Run } from "../ledger/runs/runs.ts";
import type { LoadPlan } from "../load/load_plan.ts";
import type { Table } from "../load/catalog/table.ts";
import { objectReader } from "../source/json/objects.ts";
import type { CompiledPipeline, PipelineContext } from "../row/compile.ts";
import { compilePipeline, DefinitionMismatch } from "../row/compile.ts";
import type { ColumnProgram } from "../row/pipeline.ts";
import { checkConstants } from "../row/wrong_constants.ts";
import { compileChoice, type RouteChoice } from "../row/route_choice.ts";
import { atRoute, routeDefinitions } from "../importer/routes/routes.ts";
import { namesNulls } from "../source/format.ts";
import type { RowFiles } from "./file_names.ts";
import { planLoad, refuseObstacles } from "./loadable.ts";
import type { RunHooks } from "./hooks/run_hooks.ts";
import { refuseUnfilled } from "./hooks/refuse_unfilled.ts";
import { readTable } from "./read_table.ts";

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
): Promise<Fitted & { table: Table }> {
  const table = await readTable(session, run, ledgerSchema, patience);
  return { table, ...fit(run, table, origin) };
}

/** How rows go into one table. */
export interface FittedRoute {
  readonly pipeline: CompiledPipeline;
  readonly loadPlan: LoadPlan;
}

/** The pipeline and the plan are those of the first table. */
export interface Fitted extends FittedRoute {
  readonly warnings: readonly string[];
  /** All tables, and which of them takes a row. Null: there is one, which takes them all. */
  readonly routes: { readonly all: readonly FittedRoute[]; readonly choice: RouteChoice } | null;
}

/** How rows go into each of its tables. */
export function routesIn(fitted: Fitted): readonly FittedRoute[] {
  return fitted.routes?.all ?? [fitted];
}

/** All that reads fields of a record. */
export function readersIn(
  { pipeline, routes }: Fitted,
): readonly Pick<ColumnProgram, "fields">[] {
  if (routes === null) return pipeline.programs;
  return [...routes.all.flatMap((route) => route.pipeline.programs), routes.choice];
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
): Fitted {
  const { definition } = run;
  if (definition.tables === undefined) {
    const fitted = fitOne(run, table, origin, loads, hooks);
    if (definition.hooks !== undefined) {
      refuseUnfilled(definition.hooks, fitted.pipeline.programs);
    }
    return { ...fitted, routes: null };
  }
  if (definition.mapping !== undefined) {
    throw new DefinitionMismatch(
      "The columns of a definition with `tables` can't be mapped for one run: " +
        "each of its tables has columns of its own.",
    );
  }
  const { routes: tables = [] } = table;
  const all = routeDefinitions(definition).map((own, index) =>
    fitOne(
      { ...run, definition: own },
      tables[index],
      atRoute(origin ?? originOfSnapshot(definition), definition, index),
      loads,
      hooks,
    )
  );
  if (definition.hooks !== undefined) {
    refuseUnfilled(definition.hooks, all.flatMap(({ pipeline }) => pipeline.programs));
  }
  return {
    ...all[0],
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
    routes: { all, choice: compileChoice(definition, run.header, contextOf(run, hooks)) },
  };
}

function fitOne(
  run: RunShape,
  table: Table,
  origin: Origin | undefined,
  loads: boolean,
  hooks: RunHooks | null,
): FittedRoute & Pick<Fitted, "warnings"> {
  const definition = withCutNames(run.definition, table);
  const checked = checkAgainstTable(definition, table, origin);
  const constants = checkConstants(definition, table, origin ?? originOfSnapshot(definition));
  const problems = [...checked.problems, ...constants.problems];
  if (problems.length > 0) throw new DefinitionError(problems);
  const pipeline = compilePipeline(definition, run.header, table, contextOf(run, hooks));
  const loadPlan = planLoad(definition, table, pipeline);
  if (loads) refuseObstacles(loadPlan);
  return {
    pipeline,
    loadPlan,
    warnings: [
      ...[...checked.warnings, ...constants.warnings].map((problem) => problem.message),
      ...pipeline.warnings,
    ],
  };
}

function contextOf(run: RunShape, hooks: RunHooks | null): PipelineContext {
  return {
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

/** Rows of other tables may be in rows of JSON. */
function objectsIn(format: RunShape["source"]["format"]): Pick<PipelineContext, "readObjects"> {
  if (format.type !== "json") return {};
  return { readObjects: (names) => objectReader(names, format.encoding) };
}
