/** The rows of a part, by the table that they went into. */
import type { Ledger } from "../../ledger/ledger.ts";
import { SourceError } from "../../source/error.ts";
import { encodeToCompare } from "../process/resolve.ts";
import { splitByRoute } from "../process/split_by_route.ts";
import type { RunProgram } from "../program.ts";
import type { Compared, RowsToVerify } from "./compared.ts";
import type { CompiledRun } from "./compile.ts";
import type { Part, PartRows } from "./read_rows.ts";

/** Rows of a table. */
export interface TableRows {
  readonly compared: Compared;
  readonly rows: RowsToVerify;
}

export interface RowsByTable {
  /** How many rows were read. */
  readonly count: number;
  readonly tables: readonly TableRows[];
  /** Rows that were loaded, and that no table would take now. */
  readonly refused: readonly RefusedRow[];
}

export interface RefusedRow {
  readonly row_number: number;
  readonly line: number;
  readonly message: string;
}

/** Throws SourceError if the file is no longer as it was. */
export async function readByTable(
  ledger: Ledger,
  { program, tables }: CompiledRun,
  part: Part,
): Promise<RowsByTable> {
  const rows = await part.read(ledger, program);
  const { count } = rows.read;
  const split = await splitByRoute(
    program,
    rows.read,
    () => encodeToCompare(ledger.session, program, rows.read),
  );
  const failed = new Set(rows.outcomes.failed);
  const own = split.parts.map(({ program, read }): TableRows => ({
    compared: tables.find((each) => each.program === program)!,
    rows: rowsOf(program, { ...rows, read }, failed),
  }));
  if (split.refused === null) return { count, tables: own, refused: [] };
  const { bad, places } = split.refused;
  const refused = [...bad].map(([record, [{ message }]]) => ({
    row_number: places.rowNumbers[record],
    line: places.lines[record],
    message,
  }));
  const unknown = refused.filter(({ row_number }) => !failed.has(row_number));
  const left = rows.counts.ofNoTable(refused.length - unknown.length)
    .take([...unknown.keys()]);
  return { count, tables: own, refused: left.map((index) => unknown[index]) };
}

function rowsOf(
  program: RunProgram,
  { read, outcomes, counts }: PartRows,
  failed: ReadonlySet<number>,
): RowsToVerify {
  const { records } = read;
  const known = program.isPart && records.kind === "found"
    ? records.found.rowNumbers.reduce((sum, number) => sum + (failed.has(number) ? 1 : 0), 0)
    : failed.size;
  return { read, outcomes, ...counts.of(program, known) };
}

/** Those of one table; null if the file has changed there. */
export async function readAgain(
  ledger: Ledger,
  compiled: CompiledRun,
  { how: { plan: { table } } }: Compared,
  part: Part,
): Promise<TableRows | null> {
  try {
    const { tables } = await readByTable(ledger, compiled, part);
    return tables.find(({ compared: { how } }) => how.plan.table.oid === table.oid) ?? null;
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}
