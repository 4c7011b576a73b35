/** `ingest work` is killed while it takes, loads and moves many files of a watched folder. */
import assert from "node:assert/strict";
import { until } from "../support/until.ts";
import { temporaryFolder } from "../cli/customers.ts";
import { startIngest } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";

const FILES = 62;

/** Rows of the last file of a kind wait for a lock that the test holds. */
const TABLE = `create table target (file int not null, id int not null);
  create function hold() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock_shared(7, new.file); return new; end $$;
  create trigger hold before insert on target for each row execute function hold();`;

Deno.test("a watching process that is killed again and again loads each file once, and moves it", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(TABLE);
  for (const name of ["in", "importers"]) await Deno.mkdir(`${dir.path}/${name}`);
  await Deno.writeTextFile(
    `${dir.path}/importers/target.yaml`,
    `table: target\nsource:\n  type: folder\n  path: ${dir.path}/in/*.csv\n` +
      `  done: ${dir.path}/done/\n  failed: ${dir.path}/failed/\n  ready: '*.ok'\n`,
  );
  for (let file = 1; file <= FILES; file++) {
    const rows = Array.from({ length: 20 }, (_, id) => `${file},${id}\n`).join("");
    await Deno.writeTextFile(`${dir.path}/in/f${file}.csv`, `file,id\n${rows}`);
    await Deno.writeTextFile(`${dir.path}/in/f${file}.csv.ok`, "");
  }
  const start = () =>
    startIngest(["work", "--workers", "2", "--importers", `${dir.path}/importers`], {
      database: db,
      env: { INGEST_HOME: `${dir.path}/home` },
    });
  for (const held of [3, 40]) {
    await db.session.query("select pg_advisory_lock(7, $1)", [held]);
    const work = start();
    await until(
      db.session,
      "exists (select from pg_locks where locktype = 'advisory' and classid = 7 and not granted)",
    );
    work.kill("SIGKILL");
    await work.ended;
    await db.session.query("select pg_advisory_unlock(7, $1)", [held]);
    // Until Postgres has done the last that it was sent.
    await until(
      db.session,
      `not exists (select from pg_stat_activity
         where datname = current_database() and application_name like 'ingest%')`,
    );
    // What it had claimed, or was moving, is left to others after a minute.
    await db.session.query(
      `update ingest.watched_files set seen_at = seen_at - interval '1 hour',
         tried_at = tried_at - interval '1 hour'`,
    );
  }
  const work = start();
  await until(
    db.session,
    `(select count(*) from ingest.watched_files where state = 'ended') = ${FILES}`,
  );
  work.kill("SIGTERM");
  assert.equal((await work.ended).code, 0);
  const doubled = await db.session.query(
    "select file from target group by file having count(*) <> 20 or count(distinct id) <> 20",
  );
  assert.deepEqual(doubled, []);
  const [{ files, runs }] = await db.session.query<{ files: number; runs: number }>(
    `select count(distinct file)::int as files,
       (select count(*)::int from ingest.runs where status = 'completed') as runs from target`,
  );
  assert.deepEqual([files, runs], [FILES, FILES]);
  const left = [...Deno.readDirSync(`${dir.path}/in`)].map(({ name }) => name);
  const done = [...Deno.readDirSync(`${dir.path}/done`)];
  assert.deepEqual([left.slice(0, 5), done.length], [[], FILES]);
});
