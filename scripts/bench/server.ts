/** The database that is measured: a Postgres of the benchmark's own, or the one that is named. */
import { join } from "node:path";
import { formatDatabaseUrl, resolveDatabase } from "../../src/config/database.ts";
import { thisMachine } from "../../src/config/machine.ts";
import { acquireEmbedded } from "../../src/db/embedded.ts";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";

export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
  readonly session: Session;
  /** `PostgreSQL 18.4` */
  readonly version: string;
  /** Removes tables and ingest's ledger, so that each run meets the same database. */
  reset(): Promise<void>;
}

/** Both programs profit from it alike: no checkpoint in the middle of a measurement. */
const SETTINGS = { max_wal_size: "8GB", checkpoint_timeout: "1h" };

/** What is made in a database that is not ours lies in this database, which is dropped. */
const DATABASE = "ingest_bench";

export async function openDatabase(url: string | null, temporary: string): Promise<BenchDatabase> {
  const server = url === null
    ? await acquireEmbedded(join(temporary, "home"), SETTINGS)
    : { config: configOf(url), release: () => Promise.resolve() };
  try {
    const admin = await Session.open(server.config, { applicationName: "ingest bench admin" });
    try {
      await admin.execute(`drop database if exists ${DATABASE} with (force)`);
      await admin.execute(`create database ${DATABASE}`);
      return await useDatabase({ ...server.config, database: DATABASE }, admin, server.release);
    } catch (error) {
      await admin.close();
      throw error;
    }
  } catch (error) {
    await server.release();
    throw error;
  }
}

async function useDatabase(
  config: DatabaseConfig,
  admin: Session,
  release: () => Promise<void>,
): Promise<BenchDatabase> {
  const table = await Deno.readTextFile(new URL("./table.sql", import.meta.url));
  const session = await Session.open(config, { applicationName: "ingest bench" });
  const [{ version }] = await session.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  return {
    url: formatDatabaseUrl(config),
    session,
    version: `PostgreSQL ${version.split(" ")[0]}`,
    async reset() {
      await session.execute("drop schema if exists ingest cascade");
      await session.execute("drop table if exists customers");
      await session.execute(table);
      await session.execute("checkpoint");
    },
    async [Symbol.asyncDispose]() {
      await session.close();
      if (!admin.lost) await admin.execute(`drop database if exists ${DATABASE} with (force)`);
      await admin.close();
      await release();
    },
  };
}

function configOf(databaseUrl: string): DatabaseConfig {
  const environment = Deno.env.toObject();
  const choice = resolveDatabase({ databaseUrl }, environment, false, thisMachine(environment));
  if (choice.kind !== "server") throw new Error("--database-url names no server");
  return choice.config;
}
