/** Compiles a run for the table as it is now, so that its rows can be compared with it. */
import type { Ledger } from "../../ledger/ledger.ts";
import { readRunTable } from "../../ledger/runs/run_tables.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { Table } from "../../load/catalog/table.ts";
import { canCreateStage } from "../../load/stage/stage_table.ts";
import { comparable } from "../../load/verify/comparable.ts";
import { prepareToCompare } from "../prepare.ts";
import { readTable } from "../read_table.ts";
import { Refused } from "../request/refuse/refused.ts";
import type { Compared } from "./compared.ts";

export interface CompiledRun extends Compared {
  /** Columns that the run has filled and the table no longer has. */
  readonly lost: readonly string[];
}

/**
 * `known`: the table, if it was just read. Throws TargetError, DefinitionError, DefinitionMismatch or
 * HeaderMismatch if the table is gone or the definition no longer fits it, and Refused.
 */
export async function compileToVerify(
  ledger: Ledger,
  run: Run,
  known: Table | null = null,
): Promise<CompiledRun> {
  if (run.definition.tables !== undefined) {
    throw new Refused(
      `Cannot verify run ${run.id}: its rows went into several tables (\`tables\` in its ` +
        "definition), and only rows of one table can be compared yet.",
    );
  }
  const table = known ?? await readTable(ledger.session, run, ledger.schemaName);
  const filled = (await readRunTable(ledger, run.id))?.filled ?? [];
  const isThere = (name: string) => table.columns.some((column) => column.name === name);
  const { columns } = run.definition;
  const left = columns &&
    Object.fromEntries(Object.entries(columns).filter(([name]) => isThere(name)));
  const definition = { ...run.definition, columns: left };
  const program = prepareToCompare(ledger.session, { ...run, definition }, table);
  const defaulted = program.pipeline.programs.filter(({ takesDefault }) => takesDefault)
    .map(({ target }) => target);
  const how = comparable(program.loadPlan, defaulted);
  if (!canCreateStage({ ...how.plan, table: { ...table, stagesByFunction: false } })) {
    throw cannotStage(run, table);
  }
  return { run, program, how, lost: filled.filter((name) => !isThere(name)) };
}

export function cannotStage({ id }: Pick<Run, "id">, { role, database }: Table): Refused {
  return new Refused(
    `Cannot verify run ${id}: its rows are compared in a temporary table, and the role ${role} may ` +
      `create none. Let it: grant temporary on database ${database} to ${role};`,
  );
}
