/**
 * Random tables, filled from random files twice: by ingest, and by Postgres itself, row by row. Both
 * have to keep the same rows and refuse the same rows, whatever the database, the role and the file
 * are like, whether rows are inserted, updated or skipped, and whatever triggers do.
 *
 * `DIFFERENTIAL_TABLES=500 DIFFERENTIAL_SEED=1` tries more tables, or others, and
 * `DIFFERENTIAL_IN=LATIN1` only some surroundings.
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { identifier } from "../../src/db/quoting.ts";
import { migrate } from "../../src/db/migrate.ts";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { verifyRun } from "../../src/run/verify/verify_run.ts";
import { work } from "../../src/run/work/work.ts";
import { testDatabase } from "../support/database.ts";
import { describe, type RandomTable, randomTables, stored } from "./random_table.ts";
import { write } from "./notation.ts";
import { APPLY, applyRowByRow, copyRowByRow } from "./row_by_row.ts";
import { SURROUNDINGS, type Surroundings } from "./surroundings.ts";
import { TRIGGER_FUNCTIONS } from "./triggers.ts";
import { TYPE_DEFINITIONS } from "./types.ts";

const TABLES = Number(Deno.env.get("DIFFERENTIAL_TABLES") ?? 21);
const SEED = Number(Deno.env.get("DIFFERENTIAL_SEED") ?? 20260228);
const IN = Deno.env.get("DIFFERENTIAL_IN") ?? "";
const PASSWORD = "a password";

Deno.test("a file fills a table as Postgres itself would, row by row", async (test) => {
  for (const surroundings of SURROUNDINGS.filter(({ name }) => name.includes(IN))) {
    await test.step(`in the surroundings: ${surroundings.name}`, () => compare(surroundings));
  }
});

async function compare(surroundings: Surroundings): Promise<void> {
  await using db = await testDatabase();
  const name = `differs_${crypto.randomUUID().slice(0, 8)}`;
  const folder = await Deno.makeTempDir({ prefix: "ingest-differs-" });
  await db.admin.query(`create database ${name} ${surroundings.database}`);
  await db.admin.query(`create role ${name} login password '${PASSWORD}'`);
  try {
    await inDatabase({ ...db.config, database: name }, name, surroundings, folder);
  } finally {
    await db.admin.query(`drop database ${name} with (force)`);
    await db.admin.query(`drop role ${name}`);
    await Deno.remove(folder, { recursive: true });
  }
}

async function inDatabase(
  config: DatabaseConfig,
  role: string,
  surroundings: Surroundings,
  folder: string,
): Promise<void> {
  const tables = randomTables(TABLES, SEED, surroundings);
  const owner = await Session.open(config);
  try {
    await migrate(owner, "ingest");
    await owner.query(`create schema reference authorization ${role}`);
    await owner.query(TYPE_DEFINITIONS + TRIGGER_FUNCTIONS + APPLY);
    for (const table of tables) await owner.query(table.ddl);
    for (const setting of surroundings.settings) {
      await owner.query(`alter role ${role} set ${setting}`);
    }
    const revoked = surroundings.temporary ? "" : "revoke temporary on database %I from public;";
    await owner.query(
      `grant usage on schema ingest, public to ${role};
       grant all on all tables in schema ingest to ${role};
       grant all on all sequences in schema ingest to ${role};
       grant execute on all functions in schema ingest to ${role};
       grant ${surroundings.privileges} on all tables in schema public to ${role};
       ${revoked.replace("%I", config.database)}`,
    );
    const expected = await fillRowByRow(owner, tables, {
      ...config,
      user: role,
      password: PASSWORD,
    });
    const imported = await fillByIngest(
      tables,
      { ...config, user: role, password: PASSWORD },
      folder,
    );
    const differences: string[] = [];
    for (const [index, table] of tables.entries()) {
      const { refused, warnings, run } = imported[index];
      const actual = { rows: await stored(owner, table), refused };
      if (isDeepStrictEqual(actual, expected[index])) {
        const unproven = await prove(owner, run, table);
        if (unproven !== null) differences.push([describe(table), warnings, unproven].join("\n"));
        continue;
      }
      differences.push(
        [describe(table), warnings, `ingest: ${show(actual)}`, `Postgres: ${show(expected[index])}`]
          .join("\n"),
      );
    }
    assert.ok(
      differences.length === 0,
      `${differences.length} of ${tables.length} tables differ:\n${differences.join("\n\n")}`,
    );
  } finally {
    await owner.close();
  }
}

interface Filled {
  /** The rows as text, sorted. */
  readonly rows: readonly string[];
  readonly refused: readonly number[];
}

function show({ rows, refused }: Filled): string {
  return `refused ${refused.join(", ") || "none"}\n${rows.join("\n")}`;
}

/** Null if a verification finds every row as it was written. */
async function prove(owner: Session, run: number, table: RandomTable): Promise<string | null> {
  const ledger = new Ledger(owner, "ingest");
  const found = await verifyRun(ledger, run, { config: owner.config, workers: 1 });
  if (!found.differs || table.triggers.includes("changes")) return null;
  return `verify: ${JSON.stringify(found, null, 2)}`;
}

/** Fills the tables as the role, reads them as their owner, and puts them back as they were. */
async function fillRowByRow(
  owner: Session,
  tables: readonly RandomTable[],
  config: DatabaseConfig,
): Promise<readonly Filled[]> {
  const session = await Session.open(config);
  try {
    // As the documents say, what Postgres reads is read as the role's settings say. A session of ours
    // keeps their order of day and month.
    await session.query("reset intervalstyle");
    const filled: Filled[] = [];
    for (const table of tables) {
      await fillBefore(session, table);
      const refused = table.key === null
        ? await copyRowByRow(session, table)
        : await applyRowByRow(session, table, table.key, table.loadable);
      filled.push({ rows: await stored(owner, table), refused });
      await owner.query(`truncate public.${identifier(table.name)}`);
      await owner.query("delete from public.taken where name = $1", [table.name]);
      await fillBefore(session, table);
    }
    return filled;
  } finally {
    await session.close();
  }
}

/** What is in the table before the file comes. */
async function fillBefore(session: Session, table: RandomTable): Promise<void> {
  if (table.key === null) return;
  await applyRowByRow(session, table, table.key, table.loadable.slice(0, table.before));
}

interface Imported {
  readonly run: number;
  readonly refused: readonly number[];
  readonly warnings: string;
}

async function fillByIngest(
  tables: readonly RandomTable[],
  config: DatabaseConfig,
  folder: string,
): Promise<readonly Imported[]> {
  const session = await Session.open(config);
  const stop = new AbortController();
  try {
    const ledger = new Ledger(session, "ingest");
    const ids: number[] = [];
    for (const table of tables) ids.push(await createRun(ledger, table, folder));
    const working = work({
      config,
      schemaName: "ingest",
      workers: 2,
      signal: stop.signal,
      graceMs: 0,
    });
    while (true) {
      const [{ left }] = await session.query<{ left: number }>(
        `select count(*) as left from ingest.runs where completed_at is null`,
      );
      if (left === 0) break;
      await session.query("select pg_sleep(0.05)");
    }
    stop.abort();
    await working;
    const imported: Imported[] = [];
    for (const [index, id] of ids.entries()) {
      imported.push(await outcomeOf(session, id, tables[index]));
    }
    return imported;
  } finally {
    stop.abort();
    await session.close();
  }
}

async function createRun(ledger: Ledger, table: RandomTable, folder: string): Promise<number> {
  const parsed = parseDefinition(JSON.stringify(table.definition), `${table.name}.yaml`);
  if ("problems" in parsed) throw new Error(parsed.problems.map((p) => p.message).join("\n"));
  const file = `${folder}/${table.name}.csv`;
  const header = table.columns.map((column) => column.name);
  await Deno.writeFile(file, write([header, ...table.rows], table.notation));
  const { run } = await createRunFor((use) => use(ledger), {
    definition: parsed.definition,
    file,
    user: null,
    spoolFolder: `${folder}/spool`,
    detach: false,
    dryRun: false,
  });
  return run.id;
}

async function outcomeOf(session: Session, id: number, table: RandomTable): Promise<Imported> {
  const [run] = await session.query<
    { status: string; error: unknown; warnings: readonly string[] }
  >(
    "select status, error, warnings from ingest.runs where id = $1",
    [id],
  );
  assert.ok(
    run.status.startsWith("completed"),
    `run ${id}: ${JSON.stringify(run)}\n${describe(table)}`,
  );
  const failed = await session.query<{ row_number: number }>(
    "select row_number from ingest.rows where run_id = $1 and status = 'failed' order by 1",
    [id],
  );
  return {
    run: id,
    refused: failed.map((row) => row.row_number),
    warnings: run.warnings.join("\n"),
  };
}
