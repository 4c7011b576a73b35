/**
 * A database for one test. It is on the server that INGEST_TEST_DATABASE_URL names, which
 * `scripts/test.ts` starts. If a test file is run with `deno test`, this process starts an embedded
 * server.
 *
 * Which function to use:
 * - `testDatabase()` returns an empty database. Use it for tests of migrations, for tests that need
 *   no ledger, and for programs that must create their tables themselves.
 * - `migratedDatabase()` returns one with ingest's tables in the schema `ingest`. It is a copy of a
 *   template that is migrated once, so calling `migrate` in a test wastes time.
 *
 * Test files run in several processes at the same time. Each process has its own server, which only
 * one test uses at a time, so a test may read all of `pg_locks` and `pg_stat_activity`. It must not
 * stop the server or change its settings, because later tests use it, too; `temporaryHome` gives it
 * another. All tests share the machine: see `ALONE` in `scripts/test/groups.ts`.
 */
import { formatDatabaseUrl, resolveDatabase } from "../../src/config/resolve_database.ts";
import { thisMachine } from "../../src/config/machine.ts";
import { acquireEmbedded } from "../../src/db/embedded.ts";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";
import { TEST_SETTINGS } from "./settings.ts";
import { migratedTemplate } from "./template.ts";
import { PATIENCE } from "./until.ts";

export interface TestDatabase extends AsyncDisposable {
  readonly config: DatabaseConfig;
  /** The same as a URL, for the programs that a test starts. */
  readonly url: string;
  /** The test's own session in this database. */
  readonly session: Session;
  /** A superuser's session in another database, to inspect and end backends. */
  readonly admin: Session;
}

/**
 * `await using db = await testDatabase()`. At the end of the test it fails if a connection other
 * than `db.session` is left open, and drops the database.
 */
export function testDatabase(): Promise<TestDatabase> {
  return copyOf(() => Promise.resolve("template1"));
}

/** The same with ingest's tables in the schema `ingest`. */
export function migratedDatabase(): Promise<TestDatabase> {
  return copyOf(migratedTemplate);
}

/** Milliseconds that a connection of the test's own process may take, however busy the machine is. */
const CONNECTING = 60_000;

/** Copies files: 13 ms. By default, Postgres 15 and later copy page by page: 33 ms. */
const STRATEGY = "strategy file_copy";
const POSTGRES_15 = 150_000;

async function copyOf(
  template: (admin: Session, server: DatabaseConfig) => Promise<string>,
): Promise<TestDatabase> {
  const server = await testServer();
  const patient = { ...server.config, connectTimeout: CONNECTING };
  const admin = await Session.open(patient, { applicationName: "test admin" });
  try {
    const name = `test_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
    const original = await template(admin, patient);
    const strategy = admin.serverVersion < POSTGRES_15 ? "" : STRATEGY;
    await admin.execute(`create database ${name} template ${original} ${strategy}`);
    const config = { ...patient, database: name };
    const session = await Session.open(config, { applicationName: "test" });
    return {
      config,
      url: formatDatabaseUrl({ ...server.config, database: name }),
      session,
      admin,
      [Symbol.asyncDispose]: async () => {
        await session.close();
        const left = await waitForDisconnects(admin, name);
        await admin.execute(`drop database ${name} with (force)`);
        await admin.close();
        await server.release();
        if (left.length > 0) {
          throw new Error(`the test left connections open: ${left.join("; ")}`);
        }
      },
    };
  } catch (error) {
    await admin.close();
    await server.release();
    throw error;
  }
}

/** Describes the connections that are still open after there was enough time to close them. */
async function waitForDisconnects(admin: Session, database: string): Promise<readonly string[]> {
  const deadline = Date.now() + PATIENCE;
  while (true) {
    const left = await admin.query<{ what: string }>(
      `select format('%s (%s, %s)', application_name, state, left(query, 80)) as what
         from pg_stat_activity
        where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    if (left.length === 0 || Date.now() > deadline) return left.map(({ what }) => what);
    // The statement is the pause: Postgres looks again after 10 ms.
    await admin.query("select pg_sleep(0.01)");
  }
}

interface TestServer {
  readonly config: DatabaseConfig;
  release(): Promise<void>;
}

async function testServer(): Promise<TestServer> {
  const databaseUrl = Deno.env.get("INGEST_TEST_DATABASE_URL");
  if (!databaseUrl) return await acquireEmbedded(`/tmp/ingest-tests-${Deno.uid()}`, TEST_SETTINGS);
  const environment = Deno.env.toObject();
  const choice = resolveDatabase({ databaseUrl }, environment, false, thisMachine(environment));
  if (choice.kind !== "server") throw new Error("INGEST_TEST_DATABASE_URL names no server");
  return { config: choice.config, release: () => Promise.resolve() };
}
