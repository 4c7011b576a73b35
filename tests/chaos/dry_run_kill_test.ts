/** A dry run's rehearsal is lost with its process. The next process has to know what was in it. */
import assert from "node:assert/strict";
import { ingest, startIngest } from "../cli/start_program.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";
import { holdBack } from "./held_back.ts";

const SOME_ROWS_FAILED = 3;
const TABLE = `create table t (id int primary key, email text unique, n int check (n <> 13));
  insert into t select i, 'old' || i, 0 from generate_series(1, 500) i`;
const DEFINITION = `table: t
key: id
on_duplicate: update
options: { batch_rows: 100, log_rows: all }
`;
const RUN = ["run", "t", "--file", "t.csv"];

/** Four rows for each id, a thousand rows apart; some of a later one's addresses are taken. */
function csv(): string {
  const rows = Array.from({ length: 4000 }, (_, i) => `${i % 1000},e${(i * 7) % 1700},${i % 29}`);
  return ["id,email,n", ...rows, ""].join("\n");
}

/** Of run 1. */
async function prediction(database: TestDatabase): Promise<object> {
  const [found] = await database.session.query(
    `select (select md5(string_agg(row_number || status || coalesce(errors::text, ''), ','
         order by row_number)) from ingest.rows) as rows,
       (select count(*) from ingest.rows) as logged,
       (select format('%s %s %s %s', created, updated, skipped, failed)
        from ingest.run_progress where run_id = 1) as counts,
       (select status from ingest.runs where id = 1) as status`,
  );
  return found;
}

/** SQL: this many batches of deferred rows are committed. */
function rehearsed(batches: number): string {
  return `(select count(*) from ingest.batches where phase > 1 and status = 'completed') >= ${batches}`;
}

Deno.test("a dry run predicts the same, however it is disturbed", async (test) => {
  const folder = await Deno.makeTempDir({ prefix: "ingest-chaos-" });
  await Deno.mkdir(`${folder}/importers`);
  await Deno.writeTextFile(`${folder}/importers/t.yaml`, DEFINITION);
  await Deno.writeTextFile(`${folder}/t.csv`, csv());
  try {
    const real = await inDatabase(async (database) => {
      const ended = await ingest(RUN, { database, cwd: folder });
      assert.equal(ended.code, SOME_ROWS_FAILED, ended.stderr);
    }, false);

    await test.step("killed with -9 in its rehearsal again and again, then resumed", async () => {
      const dry = await inDatabase(async (database) => {
        await using end = await holdBack(database, rehearsed(20));
        let run = startIngest([...RUN, "--dry-run"], { database, cwd: folder });
        for (const batches of [1, 9, 17]) {
          await until(database.session, rehearsed(batches));
          run.kill("SIGKILL");
          await run.ended;
          run = startIngest(["resume", "1"], { database, cwd: folder });
        }
        await end.letGo();
        const ended = await run.ended;
        assert.equal(ended.code, SOME_ROWS_FAILED, ended.stderr);
      }, true);
      assert.deepEqual(dry, real);
    });

    await test.step("killed with -9: a worker in another process continues it", async () => {
      const dry = await inDatabase(async (database) => {
        // Holds the run up until there is another process to continue it.
        await using end = await holdBack(database, rehearsed(6));
        const run = startIngest([...RUN, "--dry-run"], { database, cwd: folder });
        await until(database.session, rehearsed(3));
        const work = startIngest(["work", "--workers", "2"], { database, cwd: folder });
        await until(
          database.session,
          `exists (select from pg_stat_activity where datname = current_database()
           and application_name like 'ingest % ${work.pid} worker %')`,
        );
        run.kill("SIGKILL");
        await run.ended;
        await end.letGo();
        await until(database.session, "(select completed_at is not null from ingest.runs)");
        work.kill("SIGTERM");
        assert.equal((await work.ended).code, 0);
      }, true);
      assert.deepEqual(dry, real);
    });

    await test.step("the connections of its rehearsal ended again and again", async () => {
      const dry = await inDatabase(async (database) => {
        const run = startIngest([...RUN, "--dry-run"], { database, cwd: folder });
        for (const batches of [1, 6, 11, 16, 21]) {
          await until(database.session, rehearsed(batches));
          await database.admin.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = $1 and application_name = 'ingest rehearsal'`,
            [database.config.database],
          );
        }
        const ended = await run.ended;
        assert.equal(ended.code, SOME_ROWS_FAILED, ended.stderr);
      }, true);
      assert.deepEqual(dry, real);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The outcome of the rows. Asserts that a dry run leaves the table unchanged. */
async function inDatabase(
  disturb: (database: TestDatabase) => Promise<void>,
  untouched: boolean,
): Promise<object> {
  await using database = await migratedDatabase();
  const { session } = database;
  await session.query(TABLE);
  const stored = () => session.query("select ctid::text, xmin::text, t::text from t order by id");
  const before = await stored();
  await disturb(database);
  if (untouched) assert.deepEqual(await stored(), before);
  return await prediction(database);
}
