/**
 * The states that a database can have before a measurement. Each is made once and kept as a
 * template. All of them contain ingest's own tables already, as any database does after the first
 * run.
 */
import type { Bench, State, StateKeeper } from "./bench.ts";
import { copyFile } from "./copy_file.ts";
import { COUNTRIES, TOO_RICH } from "./data/customer.ts";
import { countSpecial, IN_SQL } from "./data/kinds.ts";
import { wideTable } from "./data/shapes.ts";
import { typeTables } from "./data/types.ts";
import type { BenchDatabase, BenchServer } from "./server.ts";

/** SQL: adds rows that no file has. `ids`: from what the column `id` comes, which is added to `from`. */
function strangers(from: number, name: string, ids: string): string {
  return `insert into customers
    select ${from} + id, '${name}.' || id || '@example.com', 'Ada Lovelace', null, 'GB', 36,
      '1843-07-01', 0, true, null
    from ${ids}`;
}

/** The tables without rows. */
export const EMPTY: State = {
  name: "empty",
  from: null,
  async build({ session, url }, { ingest }) {
    await session.execute(await Deno.readTextFile(new URL("./tables.sql", import.meta.url)));
    await session.execute(wideTable());
    for (const statement of typeTables()) await session.execute(statement);
    await ingest.command(["migrate", "--database-url", url]);
  },
};

/** The rows of the valid file. */
export const LOADED: State = {
  name: "loaded",
  from: EMPTY,
  async build({ session }, { files, rows }) {
    await copyFile(session, "customers", await files.get("valid", rows));
  },
};

/** The rows of the valid file, and 1 % more of which no file knows. */
export const OUTDATED: State = {
  name: "outdated",
  from: LOADED,
  async build({ session }, { rows }) {
    await session.execute(
      strangers(2000000000, "gone", `generate_series(1, ${rows} / 100) as id`),
    );
  },
};

/** A CHECK constraint that no definition knows, and rows whose e-mails occur again in the file. */
export const REFUSING: State = {
  name: "refusing",
  from: EMPTY,
  async build({ session }, { rows }) {
    await session.execute(
      `alter table customers add constraint not_too_rich check (balance < ${TOO_RICH})`,
    );
    await session.execute(
      strangers(1000000000, "taken", `generate_series(1, ${rows}) as id where ${IN_SQL.taken}`),
    );
  },
};

/** The country is a foreign key. */
export const REFERRING: State = {
  name: "referring",
  from: EMPTY,
  async build({ session }) {
    await session.execute("create table countries (code text primary key)");
    await session.execute("insert into countries select unnest($1::text[])", [COUNTRIES]);
    await session.execute("alter table customers add foreign key (country) references countries");
  },
};

/** The valid file's companies, and its countries, in tables in which they are looked up. */
export const LOOKED_UP: State = {
  name: "looked_up",
  from: EMPTY,
  async build({ session }, { files, rows }) {
    await copyFile(session, "customers", await files.get("valid", rows));
    await session.execute(
      `create table firms (id serial primary key, name text not null unique);
       insert into firms (name) select distinct company from customers where company is not null;
       create table countries (code text primary key);
       insert into countries select distinct country from customers;
       truncate customers;
       analyze firms, countries`,
    );
  },
};

/** After a run in which one row in ten failed, because a limit was too narrow. */
export const PARTLY_FAILED: State = {
  name: "partly_failed",
  from: EMPTY,
  async build(database, { ingest, folders, files, rows }) {
    const { old } = countSpecial(rows);
    const file = await files.get("some_old", rows);
    const args = ["run", "limited", "--file", file.path, "--importers", folders.importers];
    await ingest.load(database, args, { created: rows - old, failed: old });
  },
};

/** After a run in which every row failed. */
export const ALL_FAILED: State = {
  name: "all_failed",
  from: EMPTY,
  async build(database, { ingest, folders, files, rows }) {
    const file = await files.get("all_invalid", rows);
    const args = ["run", "insert", "--file", file.path, "--importers", folders.importers];
    await ingest.load(database, args, { failed: rows });
  },
};

/** As many rows as a file has, with other keys. */
export const OTHERS: State = {
  name: "others",
  from: EMPTY,
  async build({ session }, { rows }) {
    await session.execute(
      strangers(1000000000, "other", `generate_series(1, ${rows}) as id`),
    );
  },
};

/** After a run that has created as many rows as were there before. `created` has their keys. */
export const IMPORTED: State = {
  name: "imported",
  from: OTHERS,
  async build(database, { ingest, folders, files, rows }) {
    const file = await files.get("valid", rows);
    const args = ["run", "insert", "--file", file.path, "--importers", folders.importers];
    await ingest.load(database, args, { created: rows });
    await database.session.execute(
      "create table created as select id from customers where id < 1000000000",
    );
  },
};

/** Without indexes, so that no two rows can conflict. */
export const UNINDEXED: State = {
  name: "unindexed",
  from: EMPTY,
  async build({ session }) {
    await session.execute(
      "alter table customers drop constraint customers_pkey, drop constraint customers_email_key",
    );
  },
};

export class States implements StateKeeper {
  readonly #server: BenchServer;
  readonly #made = new Set<State>();

  constructor(server: BenchServer) {
    this.#server = server;
  }

  async restore(state: State, bench: Bench): Promise<BenchDatabase> {
    await this.#make(state, bench);
    return await this.#server.fresh(state.name);
  }

  async #make(state: State, bench: Bench): Promise<void> {
    if (this.#made.has(state)) return;
    if (state.from !== null) await this.#make(state.from, bench);
    bench.signal.throwIfAborted();
    await this.#server.makeTemplate(
      state.name,
      state.from?.name ?? null,
      (database) => state.build(database, bench),
    );
    this.#made.add(state);
  }
}
