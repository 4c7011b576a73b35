/**
 * One import, with everything that users and crashes do to it. Each step runs real programs. At a
 * row of the test's choice the database makes them wait, so that they can be interrupted there.
 */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { type Ended, ingest, type Running, startIngest } from "../../cli/start_program.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { until } from "../../support/until.ts";
import { FILES, type ItemsFormat } from "./files.ts";

export const ROWS = 300;
/** Values are 0 to 9: with this limit all are accepted. */
const LOOSEST = 9;
const GATE = 4242;
/** Other tests may share the server. */
const IN_THIS_DATABASE =
  "database = (select oid from pg_database where datname = current_database())";

const TABLES = `
  -- No key: nothing but the program keeps a row from being there twice.
  create table items (id bigint not null, v int not null, constraint no_seven check (v <> 7));
  -- What was written and committed, whoever did it and however often.
  create table loads (id bigint not null);
  create table gate (id bigint not null);
  create function note() returns trigger language plpgsql as $$ begin
    insert into loads values (new.id);
    if exists (select from gate where id = new.id) then
      perform pg_advisory_xact_lock_shared(${GATE});
    end if;
    return new;
  end $$;
  create trigger note before insert on items for each row execute function note();`;

/** What happens to a program when it reaches the gate. */
export type Interruption = "none" | "cancel" | "cancel --now" | "SIGINT" | "SIGKILL";

export interface World extends AsyncDisposable {
  readonly session: Session;
  /** Runs a command, and interrupts it when it waits at the row with this id. */
  command(args: readonly string[], gate: number, interruption: Interruption): Promise<Ended>;
  /** Both at once; neither is interrupted. */
  together(first: readonly string[], second: readonly string[]): Promise<readonly Ended[]>;
  /** From now on the definition accepts more values; in the end the table does, too. */
  loosen(): Promise<void>;
  /** Loosens as far as it goes. */
  loosenAll(): Promise<void>;
}

export async function newWorld(format: ItemsFormat): Promise<World> {
  const database = await testDatabase();
  const folder = await Deno.makeTempDir({ prefix: "ingest-commands-" });
  // Session-level locks belong to a session that does nothing else.
  const guard = await Session.open(database.config, { applicationName: "test guard" });
  await database.session.execute(TABLES);
  await Deno.mkdir(`${folder}/importers`);
  const { name, source, content } = FILES[format];
  const written = content(Array.from({ length: ROWS }, (_, i) => [i, (i * 7) % 10] as const));
  const bytes = typeof written === "string" ? new TextEncoder().encode(written) : written;
  await Deno.writeFile(`${folder}/${name}`, bytes);
  let limit = 4;
  const define = () =>
    Deno.writeTextFile(`${folder}/importers/items.yaml`, definition(limit, source));
  await define();
  const options = { database, cwd: folder };
  const loosen = async () => {
    limit = Math.min(LOOSEST, limit + 2);
    await define();
  };
  return {
    session: database.session,
    command: (args, gate, interruption) =>
      interruption === "none"
        ? ingest(args, options)
        : interrupted(database, guard, startIngest(args, options), gate, interruption),
    together: (first, second) => Promise.all([ingest(first, options), ingest(second, options)]),
    loosen,
    async loosenAll() {
      while (limit < LOOSEST) await loosen();
      await database.session.execute("alter table items drop constraint if exists no_seven");
    },
    [Symbol.asyncDispose]: async () => {
      await guard.close();
      await Deno.remove(folder, { recursive: true });
      await database[Symbol.asyncDispose]();
    },
  };
}

/** In the middle of row `gate`, if the program ever gets there. */
async function interrupted(
  database: TestDatabase,
  guard: Session,
  program: Running,
  gate: number,
  interruption: Interruption,
): Promise<Ended> {
  const { session } = database;
  await guard.query(`select pg_advisory_lock(${GATE})`);
  await session.execute("insert into gate values ($1)", [gate]);
  let ended = false;
  const end = program.ended.finally(() => {
    ended = true;
  });
  try {
    while (!ended && !await someoneWaits(session)) { /* the statement is the pause */ }
    if (!ended) await interrupt(database, program, interruption);
  } finally {
    await guard.query(`select pg_advisory_unlock(${GATE})`);
    await session.execute("delete from gate");
  }
  const result = await end;
  // Connections of a killed program live on until Postgres notices.
  await until(
    session,
    `not exists (select from pg_locks where locktype = 'advisory' and ${IN_THIS_DATABASE})`,
  );
  return result;
}

async function someoneWaits(session: Session): Promise<boolean> {
  const [{ waits }] = await session.query<{ waits: boolean }>(
    `select exists (select from pg_locks
       where locktype = 'advisory' and objid = ${GATE} and not granted
         and ${IN_THIS_DATABASE}) as waits,
       pg_sleep(0.005)`,
  );
  return waits;
}

async function interrupt(database: TestDatabase, program: Running, how: Interruption) {
  if (how === "SIGINT" || how === "SIGKILL") return program.kill(how);
  const [{ id }] = await database.session.query<{ id: number }>(
    "select id from ingest.runs where status = 'processing' order by id desc limit 1",
  );
  const [command, ...flags] = how.split(" ");
  const { code, stderr } = await ingest([command, String(id), ...flags], { database });
  assert.equal(code, 0, stderr);
}

function definition(limit: number, source: string): string {
  return `table: items
source: ${source}
columns:
  id: { from: id, type: integer }
  v: { from: v, type: integer, max: ${limit} }
options: { batch_rows: 20 }
`;
}
