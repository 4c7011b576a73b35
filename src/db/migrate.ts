/** Brings ingest's own tables up to date, and refuses to work on those of a newer version. */
import { createHash } from "node:crypto";
import { type Migration, readMigrations } from "./migrations.ts";
import { identifier, insideLiteral } from "./quoting.ts";
import type { Session } from "./session.ts";
import { isLockTimeout, TableLocked } from "./table_locked.ts";

/** This program and the schema in the database don't match. `message` says which to upgrade. */
export class SchemaMismatch extends Error {
  override readonly name = "SchemaMismatch";
}

/** Migrations change tables that others may have open in a transaction. Milliseconds. */
const PATIENCE = 30_000;

/**
 * Applies the missing migrations, all or nothing. Concurrent calls take turns. `schema` is the name
 * of ingest's own schema, which is created if it doesn't exist. Resolves with the names of the
 * applied migrations. `patience`: milliseconds to wait for somebody who has locked a table. Throws
 * `SchemaMismatch`, `TableLocked`, and `PostgresError` if the role lacks the right.
 */
export async function migrate(
  session: Session,
  schema: string,
  migrations?: readonly Migration[],
  patience = PATIENCE,
): Promise<{ readonly applied: readonly string[] }> {
  const known = migrations ?? await readMigrations();
  // Usually nothing is missing. Finding that out needs neither a lock nor the right to create.
  if ((await missing(session, schema, known)).length === 0) return { applied: [] };

  return await session.transaction(async () => {
    await session.execute(
      "select pg_advisory_xact_lock(hashtextextended('ingest migrations ' || $1, 0))",
      [schema],
    );
    // Only now: the migrations of another process may take their time.
    await session.execute(`set local lock_timeout = ${patience}`);
    await createLedgerOfMigrations(session, schema);
    const pending = await missing(session, schema, known);
    for (const migration of pending) {
      await session.execute(fillIn(migration.sql, schema));
      await session.execute(
        `insert into ${identifier(schema)}.migrations (number, name, checksum) values ($1, $2, $3)`,
        [migration.number, migration.name, checksum(migration)],
      );
    }
    return { applied: pending.map(({ name }) => name) };
  }).catch((error) => {
    if (!isLockTimeout(error)) throw error;
    throw new TableLocked(`A table of ingest's own, in schema ${schema},`, { cause: error });
  });
}

/** The names of the migrations that `migrate` would apply. Throws `SchemaMismatch`. */
export async function pendingMigrations(
  session: Session,
  schema: string,
  migrations?: readonly Migration[],
): Promise<readonly string[]> {
  const pending = await missing(session, schema, migrations ?? await readMigrations());
  return pending.map(({ name }) => name);
}

/** ingest has no tables in the database yet. */
export class NeverUsed extends Error {
  override readonly name = "NeverUsed";

  constructor() {
    super(
      "There are no runs and no tokens yet: ingest was never used in this database. " +
        "Start one: ingest run <importer> --file data.csv",
    );
  }
}

/**
 * Throws `SchemaMismatch` unless the schema is exactly the one that this program needs, and
 * `NeverUsed` if there is none.
 */
export async function assertMigrated(
  session: Session,
  schema: string,
  migrations?: readonly Migration[],
): Promise<void> {
  const known = migrations ?? await readMigrations();
  const pending = await pendingMigrations(session, schema, known);
  if (pending.length === 0) return;
  if (pending.length === known.length) throw new NeverUsed();
  throw new SchemaMismatch(
    `Cannot use schema ${schema}: ingest's tables in it are missing or out of date ` +
      `(${pending.join(", ")}). Run: ingest migrate`,
  );
}

async function missing(
  session: Session,
  schema: string,
  known: readonly Migration[],
): Promise<readonly Migration[]> {
  const applied = await readApplied(session, schema);
  for (const [number, record] of applied) {
    const migration = known.find((one) => one.number === number);
    if (migration === undefined) {
      throw new SchemaMismatch(
        `Cannot use schema ${schema}: a newer ingest has changed it (migration ${record.name}). ` +
          "Upgrade this program.",
      );
    }
    if (record.checksum !== checksum(migration)) {
      throw new SchemaMismatch(
        `Cannot use schema ${schema}: its migration ${record.name} differs from this program's. ` +
          "Use the program that created the schema, or another --schema.",
      );
    }
  }
  return known.filter(({ number }) => !applied.has(number));
}

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

async function readApplied(
  session: Session,
  schema: string,
): Promise<ReadonlyMap<number, Applied>> {
  const table = `${identifier(schema)}.migrations`;
  const [{ exists }] = await session.query<{ exists: boolean }>(
    "select to_regclass($1) is not null as exists",
    [table],
  );
  if (!exists) return new Map();
  const rows = await session.query<Applied>(
    `select number, name, checksum from ${table} order by number`,
  );
  return new Map(rows.map((row) => [row.number, row]));
}

async function createLedgerOfMigrations(session: Session, schema: string): Promise<void> {
  const [{ exists }] = await session.query<{ exists: boolean }>(
    "select exists (select from pg_namespace where nspname = $1) as exists",
    [schema],
  );
  // Not `if not exists`: that needs the right to create schemas even if this one exists.
  if (!exists) await session.execute(`create schema ${identifier(schema)}`);
  await session.execute(`
    create table if not exists ${identifier(schema)}.migrations (
      number integer primary key,
      name text not null,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`);
}

function fillIn(sql: string, schema: string): string {
  return sql
    // Some comments have characters that not every database can hold. The files that were released
    // must stay as they are.
    .replaceAll(/[^\0-\x7f]/gu, "?")
    .replaceAll("@schema@", () => identifier(schema))
    .replaceAll("@schema_name@", () => insideLiteral(schema));
}

function checksum(migration: Migration): string {
  return createHash("sha256").update(migration.sql).digest("hex");
}
