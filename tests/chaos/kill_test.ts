import assert from "node:assert/strict";
import { ingest, startIngest } from "../cli/start_program.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";
import {
  bigRun,
  committed,
  defineFor,
  type Fingerprint,
  fingerprint,
  makeTable,
  PACKED,
  ROWS,
  RUN_ARGUMENTS,
  writeCopy,
  writeFixed,
  writeJson,
  writeWorkbook,
} from "./big_run.ts";
import { until } from "../support/until.ts";
import { holdBack } from "./held_back.ts";

const SOME_ROWS_FAILED = 3;
const SOMETHING_DIFFERS = 7;

/** SQL: this batch has the last rows of the file. */
const LAST_ROWS = `new.last_row = ${ROWS}`;

async function undisturbed(folder: string): Promise<Fingerprint> {
  await using database = await migratedDatabase();
  await makeTable(database);
  const ended = await ingest(RUN_ARGUMENTS, { database, cwd: folder });
  assert.equal(ended.code, SOME_ROWS_FAILED, ended.stderr);
  return await fingerprint(database.session);
}

/** The run's own proof: everything is as written. Returns how many rows that are. */
async function prove(database: TestDatabase, folder: string): Promise<number> {
  const verified = await ingest(["verify", "1"], { database, cwd: folder });
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  const [{ rows, failed }] = await database.session.query<{ rows: number; failed: number }>(
    "select (select count(*) from people) as rows, failed from ingest.run_progress where run_id = 1",
  );
  const replaced = ROWS - rows - failed;
  const clean = [`${rows} as written`, `${failed} set aside`, `${replaced} replaced by later rows`];
  const [first] = verified.stdout.replaceAll(",", "").split("\n");
  assert.equal(first, clean.join(" · "));
  return rows;
}

Deno.test("a workbook has the same result as its rows in a text, killed and resumed", async () => {
  await killAndCompare("people.xlsx", writeWorkbook);
});

Deno.test("JSON has the same result as its rows in a text, killed and resumed", async () => {
  await killAndCompare("people.json", writeJson);
});

Deno.test("rows of COPY have the same result as those of a text, killed and resumed", async () => {
  await killAndCompare("people.copy", writeCopy);
});

Deno.test("columns of fixed width have the same result as others, killed and resumed", async () => {
  await killAndCompare("people.txt", writeFixed);
});

for (const [name, content] of Object.entries(PACKED)) {
  Deno.test(`${name} has the same result as the file in it, killed and resumed`, async () => {
    await killAndCompare(name, (folder) => Deno.writeFile(`${folder}/${name}`, content()));
  });
}

/** `write`: the rows of `people.csv` in another format. */
async function killAndCompare(file: string, write: (folder: string) => Promise<void>) {
  await using big = await bigRun();
  const { folder } = big;
  await write(folder);
  const expected = await undisturbed(folder);
  await defineFor(folder, file);
  await using database = await migratedDatabase();
  await makeTable(database);
  await using end = await holdBack(database, LAST_ROWS);
  let run = startIngest(["run", "people", "--file", file], { database, cwd: folder });
  for (const batches of [1, 15, 30]) {
    await until(database.session, committed(batches));
    run.kill("SIGKILL");
    await run.ended;
    run = startIngest(["resume", "1"], { database, cwd: folder });
  }
  await end.letGo();
  assert.equal((await run.ended).code, SOME_ROWS_FAILED);
  assert.deepEqual(await fingerprint(database.session), expected);
  await prove(database, folder);
}

Deno.test("a run has the same result, however it is disturbed", async (test) => {
  await using big = await bigRun();
  const { folder } = big;
  const expected = await undisturbed(folder);
  assert.match(expected.counts, new RegExp(`^${ROWS} of ${ROWS}: `));

  const instants = {
    "as soon as there is a run": "exists (select from ingest.runs)",
    "with the first batch": committed(1),
    "in the middle": committed(15),
    "near the end": committed(38),
  };
  for (const [instant, condition] of Object.entries(instants)) {
    await test.step(`killed with -9 ${instant}, then resumed`, async () => {
      await using database = await migratedDatabase();
      await makeTable(database);
      await using end = await holdBack(database, LAST_ROWS);
      const run = startIngest(RUN_ARGUMENTS, { database, cwd: folder });
      await until(database.session, condition);
      run.kill("SIGKILL");
      await run.ended;
      await end.letGo();
      const resumed = await ingest(["resume", "1"], { database, cwd: folder });
      assert.equal(resumed.code, SOME_ROWS_FAILED, resumed.stderr);
      assert.deepEqual(await fingerprint(database.session), expected);
      await prove(database, folder);
    });
  }

  await test.step("killed again and again, then resumed", async () => {
    await using database = await migratedDatabase();
    await makeTable(database);
    await using end = await holdBack(database, LAST_ROWS);
    let run = startIngest(RUN_ARGUMENTS, { database, cwd: folder });
    for (const batches of [1, 6, 11, 16, 21, 26]) {
      await until(database.session, committed(batches));
      run.kill("SIGKILL");
      await run.ended;
      run = startIngest(["resume", "1"], { database, cwd: folder });
    }
    await end.letGo();
    assert.equal((await run.ended).code, SOME_ROWS_FAILED);
    assert.deepEqual(await fingerprint(database.session), expected);
    await prove(database, folder);
  });

  await test.step("killed with -9: a worker in another process continues by itself", async () => {
    await using database = await migratedDatabase();
    await makeTable(database);
    await using end = await holdBack(database, LAST_ROWS);
    const run = startIngest(RUN_ARGUMENTS, { database, cwd: folder });
    await until(database.session, committed(3));
    const work = startIngest(["work", "--workers", "2"], { database, cwd: folder });
    // It has a batch of its own, or waits for one.
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
    assert.deepEqual(await fingerprint(database.session), expected);
    await prove(database, folder);
  });

  await test.step("all its connections ended again and again", async () => {
    await using database = await migratedDatabase();
    await makeTable(database);
    await using end = await holdBack(database, LAST_ROWS);
    const run = startIngest(RUN_ARGUMENTS, { database, cwd: folder });
    for (let batches = 1; batches < 36; batches += 5) {
      await until(database.session, committed(batches));
      await database.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = $1 and application_name like 'ingest%'`,
        [database.config.database],
      );
    }
    await end.letGo();
    const ended = await run.ended;
    assert.equal(ended.code, SOME_ROWS_FAILED, ended.stderr);
    assert.deepEqual(await fingerprint(database.session), expected);
    const rows = await prove(database, folder);
    await database.session.query(
      `update people set name = 'Nobody' where id in (select id from people order by id desc limit 3);
       delete from people where id = (select max(id) from people where name <> 'Nobody')`,
    );
    const disturbed = await ingest(["verify", "1", "--json"], { database, cwd: folder });
    assert.equal(disturbed.code, SOMETHING_DIFFERS, disturbed.stderr);
    const found = JSON.parse(disturbed.stdout).data;
    const { changed, gone, as_written } = found.rows;
    assert.deepEqual({ changed, gone, as_written }, { changed: 3, gone: 1, as_written: rows - 4 });
    assert.equal(found.samples.length, 4);
  });
});
