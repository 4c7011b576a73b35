/** Compiles a run for its tables as they are now, so that its rows can be compared with them. */
import { tableNames } from "../../importer/routes/routes.ts";
import type { Definition } from "../../importer/definition.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { readRunTable } from "../../ledger/runs/run_tables.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { Table } from "../../load/catalog/table.ts";
import { canCreateStage } from "../../load/stage/stage_table.ts";
import { comparable } from "../../load/verify/comparable.ts";
import { prepareToCompare } from "../prepare.ts";
import { routesOf, type RunProgram } from "../program.ts";
import { readTable } from "../read_table.ts";
import { Refused } from "../request/refuse/refused.ts";
import type { Compared } from "./compared.ts";

export interface CompiledTable extends Compared {
  /** Columns that the run has filled and the table no longer has. */
  readonly lost: readonly string[];
}

export interface CompiledRun {
  readonly run: Run;
  /** Chooses the table of each row where there are several. */
  readonly program: RunProgram;
  /** As it was read. */
  readonly table: Table;
  /** Usually one. */
  readonly tables: readonly CompiledTable[];
  /** It is said of which table rows are: the run, or its retries, have several. */
  readonly saysTable: boolean;
}

/** The same for the tables as they are by now. Throws as `compileToVerify` does. */
export function compileAgain(
  ledger: Ledger,
  { run, saysTable }: CompiledRun,
  known: Table | null = null,
): Promise<CompiledRun> {
  return compileToVerify(ledger, run, saysTable, known);
}

/**
 * `saysTable`: also of a run that has only one. `known`: the table, if it was just read. Throws TargetError, DefinitionError, DefinitionMismatch or
 * HeaderMismatch if the table is gone or the definition no longer fits it, and Refused.
 */
export async function compileToVerify(
  ledger: Ledger,
  run: Run,
  saysTable = false,
  known: Table | null = null,
): Promise<CompiledRun> {
  const table = known ?? await readTable(ledger.session, run, ledger.schemaName);
  const filled = (await readRunTable(ledger, run.id))?.filled ?? [];
  const definition = withoutLost(run.definition, table);
  const program = prepareToCompare(ledger.session, { ...run, definition }, table);
  const names = tableNames(run.definition);
  const programs = routesOf(program);
  const isOneOfSeveral = programs.length > 1;
  const tables = programs.map((program, index): CompiledTable => {
    const { loadPlan, pipeline } = program;
    const defaulted = pipeline.programs.filter(({ takesDefault }) => takesDefault)
      .map(({ target }) => target);
    // Tables are compared one after the other, so they can use the same stage.
    const how = comparable({ ...loadPlan, stageLabel: undefined }, defaulted);
    const stage = { ...how.plan, table: { ...loadPlan.table, stagesByFunction: false } };
    if (!canCreateStage(stage)) throw cannotStage(run, loadPlan.table);
    const label = isOneOfSeveral || saysTable ? names[index] : null;
    const own = isOneOfSeveral ? ofTable(filled, loadPlan.table.name) : filled;
    const lost = own.filter((name) => !hasColumn(loadPlan.table, name));
    return { run: { ...run, definition: program.run.definition }, program, how, label, lost };
  });
  return { run, program, table, tables, saysTable: isOneOfSeveral || saysTable };
}

/** Without the columns that its tables no longer have. */
export function withoutLost(definition: Definition, table: Table): Definition {
  const left = (columns: Definition["columns"], { columns: there }: Pick<Table, "columns">) =>
    columns && Object.fromEntries(
      Object.entries(columns).filter(([name]) => there.some((column) => column.name === name)),
    );
  const { tables, columns } = definition;
  const { routes = [] } = table;
  if (tables === undefined) return { ...definition, columns: left(columns, table) };
  return {
    ...definition,
    tables: tables.map((each, index) => ({
      ...each,
      columns: left(each.columns, routes[index]),
    })),
  };
}

/** Where a run has several tables, it is noted which of them a column is in. */
function ofTable(filled: readonly string[], table: string): readonly string[] {
  const prefix = `${table}.`;
  return filled.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

function hasColumn({ columns }: Table, name: string): boolean {
  return columns.some((column) => column.name === name);
}

export function cannotStage({ id }: Pick<Run, "id">, { role, database }: Table): Refused {
  return new Refused(
    `Cannot verify run ${id}: its rows are compared in a temporary table, and the role ${role} may ` +
      `create none. Let it: grant temporary on database ${database} to ${role};`,
  );
}
