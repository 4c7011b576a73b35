/** Tries the rows of a case one after the other, in a transaction that is rolled back. */
import { identifier, qualified } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import type { Case, CaseRow } from "../../importer/cases.ts";
import type { Definition } from "../../importer/definition.ts";
import { tableNames } from "../../importer/routes/routes.ts";
import type { Importer } from "../../importer/folder.ts";
import { LET_GO_OF_THE_DEAD } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { CREATED, FAILED, UPDATED } from "../../load/encoded_rows.ts";
import type { Table, TableColumn } from "../../load/catalog/table.ts";
import type { RowError } from "../../row/outcome.ts";
import { readRange } from "../../source/file/range.ts";
import type { FoundRecords } from "../../source/found_records.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import { prepareToTry } from "../prepare.ts";
import { type RunProgram } from "../program.ts";
import { lookAtTables } from "../read_table.ts";
import { withHooks } from "../hooks/choose_hooks.ts";
import { settingsFor } from "../user_settings.ts";
import { writeCaseFile } from "./case_source.ts";
import { tryRecords } from "./try_records.ts";

const LIMITS = "set local lock_timeout = 5000; set local statement_timeout = 30000;";

interface Outcome {
  /** The one that takes the row; null if none does. */
  readonly table: Table | null;
  readonly outcome: "created" | "updated" | "skipped" | "failed";
  readonly errors: readonly RowError[];
}

/**
 * What differs from what the case expects, in sentences; none: it holds. `folder`: for a file that is
 * removed with it. Throws what keeps a run from being made.
 */
export async function tryCase(
  session: Session,
  importer: Importer,
  given: Case,
  ownSchema: string,
  folder: string,
): Promise<readonly string[]> {
  const definition = await withHooks(importer.definition, importer);
  const settings = await settingsFor(session, definition, importer);
  const table = await lookAtTables(session, settings, definition, ownSchema);
  const path = `${folder}/${crypto.randomUUID()}`;
  const source = await writeCaseFile(given.rows, definition, path, folder);
  const run = { ...NO_RUN, importer: definition.slug, definition, source, header: source.header };
  const program = prepareToTry(
    session,
    { ...run, source: { ...source, host: null }, settings },
    table,
  );
  await using _hooks = program.hooks;
  await session.begin(
    settings,
    `set local client_min_messages = warning; ${LET_GO_OF_THE_DEAD} ${LIMITS}`,
  );
  try {
    const tables = namedTables(definition, table);
    const there = givenRows(given, tables);
    if (typeof there === "string") return [there];
    for (const [of, row] of there) await insertGiven(session, of, row);
    const records = await recordsOf(program, source);
    const differences: string[] = [];
    if (records.length !== given.rows.length) {
      return [`expected ${given.rows.length} rows, but the file has ${records.length}`];
    }
    for (const [index, row] of given.rows.entries()) {
      const found = await tryRow(session, program, records[index]);
      const wrong = [
        ...compareTable(row, found, tables),
        ...compare(row, found),
        ...await compareValues(session, found.table ?? table, row, found),
      ];
      differences.push(...wrong.map((each) => `row ${index + 1}: ${each}`));
    }
    return differences;
  } finally {
    if (!session.lost) await session.query("rollback");
  }
}

/** What a run is that doesn't exist. */
const NO_RUN: Omit<Run, "importer" | "definition" | "source" | "header" | "settings"> = {
  ...{ id: 0, kind: "import", undoes_run_id: null, parent_id: null, retried_from_run_id: null },
  ...{ user_id: null, status: "processing", dry_run: true, original_filename: "test.csv" },
  ...{ processed_filepath: null, checksum: null, fingerprint: null, same_file: null },
  ...{ total_rows: null, summary: null, error: null, warnings: [], in_order: false, whole: false },
  ...{ sets_aside: false, held: null, held_at: null, released_at: null, released_by: null },
  ...{ cancel_requested_at: null, cancel_requested_by: null, created_at: new Date(0) },
  ...{ started_at: null, planned_bytes: 0, planned_rows: 0, planned_lines: 0, planned_at: null },
  ...{
    planned_keys: null,
    completed_at: null,
    rows_removed_at: null,
    known_rows: null,
    absent: null,
    absent_rows: null,
  },
};

/** Each record by itself, in the file's order. */
async function recordsOf(
  { records }: RunProgram,
  source: ResolvedSource,
): Promise<readonly FoundRecords[]> {
  const { path, data_start, data_line, size, data_end = size } = source;
  const bytes = await readRange(path, data_start, data_end);
  const reader = records.reader(bytes, { offset: data_start, line: data_line, row: 1 });
  const found: FoundRecords[] = [];
  while (reader.next()) {
    found.push({
      count: 1,
      bytes: bytes.slice(reader.start, reader.end),
      starts: Int32Array.of(0),
      ends: Int32Array.of(reader.end - reader.start),
      lines: Float64Array.of(reader.line),
      rowNumbers: Float64Array.of(reader.row),
    });
  }
  return found;
}

async function tryRow(
  session: Session,
  program: RunProgram,
  found: FoundRecords,
): Promise<Outcome> {
  const [{ program: { loadPlan, routes }, encoded, loaded }] = await tryRecords(
    session,
    program,
    found,
  );
  // No table has taken it, if it's still the program of all of them.
  const table = routes === null ? loadPlan.table : null;
  for (const [, errors] of encoded.bad) return { table, outcome: "failed", errors };
  const [outcome] = loaded.outcomes;
  if (outcome === FAILED) return { table, outcome: "failed", errors: [loaded.errors.get(0)!] };
  const word = outcome === CREATED ? "created" : outcome === UPDATED ? "updated" : "skipped";
  return { table, outcome: word, errors: [] };
}

/** By what the definition calls them. */
function namedTables(definition: Definition, table: Table): ReadonlyMap<string, Table> {
  const { routes: all = [table] } = table;
  return new Map(tableNames(definition).map((name, index) => [name, all[index]]));
}

/** A text says what is wrong with them. */
function givenRows(
  { given = [] }: Case,
  tables: ReadonlyMap<string, Table>,
): readonly (readonly [Table, GivenRow])[] | string {
  const names = [...tables.keys()];
  if (Array.isArray(given)) {
    if (given.length > 0 && names.length > 1) {
      return `given: say of which table each row is, as in given: {${names[0]}: [{…}]}`;
    }
    return given.map((row) => [tables.get(names[0])!, row]);
  }
  const unknown = Object.keys(given).find((name) => !tables.has(name));
  if (unknown !== undefined) {
    return `given: the definition has no table ${unknown}; it has ${names.join(", ")}`;
  }
  return Object.entries(given).flatMap(([name, rows]) =>
    rows.map((row) => [tables.get(name)!, row] as const)
  );
}

function compareTable(
  { table: wanted }: CaseRow,
  { table }: Outcome,
  tables: ReadonlyMap<string, Table>,
): string[] {
  if (wanted === undefined) return [];
  if (!tables.has(wanted)) {
    return [`the definition has no table ${wanted}; it has ${[...tables.keys()].join(", ")}`];
  }
  if (tables.get(wanted)?.oid === table?.oid) return [];
  const taker = [...tables].find(([, { oid }]) => oid === table?.oid);
  return [`expected the table ${wanted}, got ${taker === undefined ? "none" : taker[0]}`];
}

function compare(row: CaseRow, { outcome, errors }: Outcome): string[] {
  const expected = row.outcome ?? (row.errors === undefined ? "created" : "failed");
  if (outcome !== expected) {
    const why = errors.map(({ message }) => message).join(" ");
    return [`expected ${expected}, got ${outcome}${why === "" ? "" : `: ${why}`}`];
  }
  if (row.errors === undefined) return [];
  const wanted = Object.entries(row.errors).flatMap(([column, codes]) =>
    [codes].flat().map((code) => `${column}: ${code}`)
  ).toSorted();
  const found = errors.map(({ column, code }) => `${column ?? "row"}: ${code}`).toSorted();
  if (wanted.join() === found.join()) return [];
  return [`expected the errors ${wanted.join(", ")}; got ${found.join(", ")}`];
}

/** Looks for a row of the table with these values. */
async function compareValues(
  session: Session,
  table: Table,
  { values }: CaseRow,
  { outcome }: Outcome,
): Promise<string[]> {
  if (values === undefined || outcome === "failed") return [];
  const wanted = Object.entries(values);
  const unknown = wanted.find(([name]) => columnOf(table, name) === null);
  if (unknown !== undefined) return [`the table has no column ${JSON.stringify(unknown[0])}`];
  const conditions = wanted.map(([name], at) => isValue(columnOf(table, name)!, at + 1));
  const texts = wanted.map(([, value]) => value === null ? null : String(value));
  const score = conditions.map((condition) => `(${condition})::int`).join(" + ");
  const shown = wanted.map(([name]) => `${identifier(name)}::text as ${identifier(name)}`).join(
    ", ",
  );
  // The row that is nearest to it; of several, one that was written just now.
  const [nearest] = await session.query<Record<string, string | null>>(
    `select ${score} as matching_values, ${shown} from ${qualified(table)}
     order by 1 desc, ctid desc limit 1`,
    texts,
  );
  if (nearest === undefined) return ["the table has no row with its values: it is empty"];
  if (Number(nearest.matching_values) === wanted.length) return [];
  return wanted.filter(([name, value]) => nearest[name] !== (value === null ? null : String(value)))
    .map(([name, value]) =>
      `expected ${name} to be ${JSON.stringify(value)}, and it is ${JSON.stringify(nearest[name])}`
    );
}

function columnOf({ columns }: Table, name: string): TableColumn | null {
  return columns.find((column) => column.name === name) ?? null;
}

const NUMBERS: ReadonlySet<string> = new Set([
  "int2",
  "int4",
  "int8",
  "numeric",
  "float4",
  "float8",
]);

/** Numbers may be written in several ways. Others are the same if Postgres writes them so. */
function isValue({ name, type, baseType }: TableColumn, parameter: number): string {
  const [own, wanted] = [identifier(name), `$${parameter}::text::${type}`];
  return NUMBERS.has(baseType)
    ? `${own} is not distinct from ${wanted}`
    : `${own}::text is not distinct from ${wanted}::text`;
}

type GivenRow = Readonly<Record<string, string | number | boolean | null>>;

async function insertGiven(
  session: Session,
  table: Table,
  row: GivenRow,
): Promise<void> {
  const names = Object.keys(row);
  const casts = names.map((name, at) =>
    `$${at + 1}::text::${columnOf(table, name)?.type ?? "text"}`
  );
  await session.query(
    `insert into ${qualified(table)} (${names.map(identifier).join(", ")})
     overriding system value values (${casts.join(", ")})`,
    names.map((name) => row[name] === null ? null : String(row[name])),
  );
}
