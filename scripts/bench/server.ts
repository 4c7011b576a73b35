/**
 * The server that is measured: a Postgres of the benchmark's own, or the one in `--database-url`.
 */
import { join } from "node:path";
import { formatDatabaseUrl, resolveDatabase } from "../../src/config/resolve_database.ts";
import { thisMachine } from "../../src/config/machine.ts";
import { acquireEmbedded } from "../../src/db/embedded.ts";
import { type DatabaseConfig, Session } from "../../src/db/session.ts";

/** The database that is measured. */
export interface BenchDatabase {
  readonly config: DatabaseConfig;
  readonly url: string;
  readonly session: Session;
}

/**
 * Even on a server that is not ours, everything is in databases with this name, dropped at the end.
 */
const DATABASE = "ingest_bench";

/** The comment on each of our databases: one that lacks it is somebody else's. */
const MARK = "made by the benchmark of ingest";

const ADMIN = "ingest bench admin";

export interface DescribedServer {
  /** Such as `PostgreSQL 18.4`. */
  readonly version: string;
  /** Such as `shared_buffers 1GB, max_wal_size 4GB`: what operators change first. */
  readonly settings: string;
  /** The server is the benchmark's own, on this machine. */
  readonly embedded: boolean;
}

export class BenchServer {
  readonly described: DescribedServer;
  readonly #config: DatabaseConfig;
  readonly #admin: Session;
  readonly #release: () => Promise<void>;
  readonly #made = new Set<string>();
  #current: Session | null = null;

  private constructor(
    config: DatabaseConfig,
    admin: Session,
    described: DescribedServer,
    release: () => Promise<void>,
  ) {
    this.#config = config;
    this.#admin = admin;
    this.described = described;
    this.#release = release;
  }

  /**
   * Without a URL, starts an embedded server with its data in `temporary`. Its settings are the
   * defaults, unless nothing is judged: then it doesn't wait for the disk, because half of a quick
   * benchmark's time would be the databases that are made and dropped.
   */
  static async open(
    { databaseUrl: url, quick }: {
      readonly databaseUrl: string | null;
      readonly quick: boolean;
    },
    temporary: string,
  ): Promise<BenchServer> {
    const server = url === null
      ? await acquireEmbedded(join(temporary, "home"), quick ? { fsync: "off" } : {})
      : { config: configOf(url), release: () => Promise.resolve() };
    try {
      const admin = await Session.open(server.config, { applicationName: ADMIN });
      await assertAlone(admin);
      const [{ version, settings }] = await admin.query<{ version: string; settings: string }>(
        `select split_part(current_setting('server_version'), ' ', 1) as version,
           'shared_buffers ' || current_setting('shared_buffers') ||
             ', max_wal_size ' || current_setting('max_wal_size') as settings`,
      );
      const named = `PostgreSQL ${version}${url === null && quick ? " without fsync" : ""}`;
      const described = { version: named, settings, embedded: url === null };
      return new BenchServer(server.config, admin, described, server.release);
    } catch (error) {
      await server.release();
      throw error;
    }
  }

  /** Makes a template for `fresh`, from another template or from nothing. */
  async makeTemplate(
    name: string,
    from: string | null,
    build: (database: BenchDatabase) => Promise<void>,
  ): Promise<void> {
    await build(await this.fresh(from));
    // Leaves statistics and visibility as autovacuum would.
    await this.#current?.execute("vacuum (analyze)");
    await this.#leave();
    const template = templateOf(name);
    await this.#drop(template);
    this.#made.add(template);
    await this.#admin.execute(`alter database ${DATABASE} rename to ${template}`);
  }

  /**
   * Makes the measured database anew from the template. No checkpoint will be due soon, because one
   * has just been made.
   */
  async fresh(template: string | null): Promise<BenchDatabase> {
    await this.#leave();
    await this.#drop(DATABASE);
    this.#made.add(DATABASE);
    // Copying files doesn't log their pages. Servers before 15 have no other way and no option.
    const strategy = this.#admin.serverVersion >= 150_000 ? "strategy file_copy" : "";
    await this.#admin.execute(
      `create database ${DATABASE} template ${
        template === null ? "template0" : templateOf(template)
      } ${strategy}`,
    );
    await this.#admin.execute(`comment on database ${DATABASE} is '${MARK}'`);
    await this.#admin.execute("checkpoint");
    const config = { ...this.#config, database: DATABASE };
    const session = await Session.open(config, { applicationName: "ingest bench" });
    this.#current = session;
    return { config, url: formatDatabaseUrl(config), session };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#leave();
      for (const name of this.#admin.lost ? [] : this.#made) await this.#drop(name);
      await this.#admin.close();
    } finally {
      await this.#release();
    }
  }

  /** Also drops what a benchmark has left that was killed. Throws if the database is not ours. */
  async #drop(name: string): Promise<void> {
    const [found] = await this.#admin.query<{ mark: string | null }>(
      "select shobj_description(oid, 'pg_database') as mark from pg_database where datname = $1",
      [name],
    );
    if (found === undefined) return;
    if (found.mark !== MARK) {
      throw new Error(
        `The database ${name} is not the benchmark's, or the benchmark was killed while it made ` +
          "the database. Rename it, or drop it.",
      );
    }
    await this.#admin.execute(`drop database ${name} with (force)`);
  }

  async #leave(): Promise<void> {
    await this.#current?.close();
    this.#current = null;
  }
}

/** Two benchmarks at once would drop each other's databases, and measure each other. */
async function assertAlone(admin: Session): Promise<void> {
  const [{ others }] = await admin.query<{ others: number }>(
    `select count(*) as others from pg_stat_activity
     where application_name = $1 and pid <> pg_backend_pid()`,
    [ADMIN],
  );
  if (others === 0) return;
  await admin.close();
  throw new Error("Another benchmark runs on this server: wait for its end");
}

function templateOf(name: string): string {
  return `${DATABASE}_${name}`;
}

function configOf(databaseUrl: string): DatabaseConfig {
  const environment = Deno.env.toObject();
  const choice = resolveDatabase({ databaseUrl }, environment, false, thisMachine(environment));
  if (choice.kind !== "server") throw new Error("--database-url names no server");
  return choice.config;
}
