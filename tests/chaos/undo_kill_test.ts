/** An undo whose process is killed at some instant goes on in another one, and nothing is lost. */
import assert from "node:assert/strict";
import { ingest, type Running, startIngest } from "../cli/start_program.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";

const ROWS = 60_000;

Deno.test("an undo that is killed again and again takes back all, and no row that was changed", async () => {
  await using database = await testDatabase();
  const { session } = database;
  await session.query(
    `create table items (id int primary key, v text);
     insert into items select -i, 'before' from generate_series(1, 1000) i`,
  );
  const before = await contentsOf(database, "id < 0");
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    let text = "id,v\n";
    for (let id = -500; id <= ROWS; id++) if (id !== 0) text += `${id},${id}\n`;
    await Deno.writeTextFile(file, text);
    await Deno.writeTextFile(
      `${file}.yaml`,
      "table: items\nkey: id\non_duplicate: update\noptions: {undo: updates}\n",
    );
    await Deno.mkdir(`${file}.d`);
    await Deno.rename(`${file}.yaml`, `${file}.d/items.yaml`);
    const run = ["run", "items", "--file", file, "--importers", `${file}.d`, "--quiet"];
    assert.equal((await ingest(run, { database })).code, 0);
    await session.query(
      "update items set v = 'mine' where id in (7, -7); delete from items where id = 8",
    );
    // Each row that is deleted or updated is held up while somebody holds this lock.
    await session.query(
      `create function hold() returns trigger language plpgsql as $$ begin
         perform pg_advisory_xact_lock_shared(7);
         return case tg_op when 'DELETE' then old else new end; end $$;
       create trigger hold before delete or update on items for each row
         when (old.id % 9973 = 0 or old.id = -300) execute function hold()`,
    );
    // Before a program starts: however slow the test is, it comes to no end.
    await session.query("select pg_advisory_lock(7)");
    let program = startIngest(["undo", "1", "--workers", "2"], { database });
    for (let kills = 0; kills < 3; kills++) {
      await untilHeldUp(database, program);
      program.kill("SIGKILL");
      await program.ended;
      // Lets go of what the dead program has begun.
      await session.query("select pg_advisory_unlock(7)");
      await session.query("select pg_advisory_lock(7)");
      program = startIngest(["resume", "2", "--workers", String(1 + kills)], { database });
    }
    await session.query("select pg_advisory_unlock(7)");
    const { code, stdout } = await program.ended;
    assert.equal(code, 3, stdout);
    const mine = new Map([["-7", "mine"], ["7", "mine"]]);
    const now = await contentsOf(database, "true");
    assert.deepEqual(now, new Map([...before, ...mine]));
    const [{ receipt }] = await session.query<{ receipt: string }>(
      "select concat_ws(' ', deleted, updated, failed) as receipt from ingest.run_progress where run_id = 2",
    );
    assert.equal(receipt, `${ROWS - 2} 499 3`);
  } finally {
    await Deno.remove(file);
    await Deno.remove(`${file}.d`, { recursive: true });
  }
});

/** Until one of its batches waits for the lock, or it has ended without. */
async function untilHeldUp({ admin, config }: TestDatabase, { ended }: Running): Promise<void> {
  let isOver = false;
  ended.then(() => isOver = true);
  while (!isOver) {
    const [{ waits }] = await admin.query<{ waits: boolean }>(
      `select exists (select from pg_stat_activity
         where datname = $1 and wait_event_type = 'Lock') as waits`,
      [config.database],
    );
    if (waits) return;
    await admin.query("select pg_sleep(0.01)");
  }
}

async function contentsOf({ session }: TestDatabase, where: string): Promise<Map<string, string>> {
  const rows = await session.query<{ id: string; v: string }>(
    `select id::text as id, v from items where ${where} order by id`,
  );
  return new Map(rows.map(({ id, v }) => [id, v]));
}
