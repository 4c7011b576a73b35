/** A run that is all rows or none, whose process is killed: the table is untouched, then complete. */
import assert from "node:assert/strict";
import { ingest, startIngest } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";
import { untilHeldUp } from "./until_held_up.ts";

const ROWS = 40_000;

Deno.test("a run as a whole, killed again and again, leaves nothing, and loads all at the end", async () => {
  await using database = await testDatabase();
  const { session } = database;
  // Each of these rows is held up while somebody holds the lock.
  await session.query(
    `create table items (id int primary key, v text);
     insert into items values (-1, 'before'), (5, 'before');
     create function hold() returns trigger language plpgsql as $$ begin
       perform pg_advisory_xact_lock_shared(7); return new; end $$;
     create trigger hold before insert or update on items for each row
       when (new.id % 9973 = 0) execute function hold()`,
  );
  const folder = await Deno.makeTempDir();
  try {
    let text = "id,v\n";
    for (let id = 0; id < ROWS; id++) text += `${id},${id}\n`;
    await Deno.writeTextFile(`${folder}/items.csv`, text);
    await Deno.mkdir(`${folder}/importers`);
    await Deno.writeTextFile(
      `${folder}/importers/items.yaml`,
      "table: items\nkey: id\non_duplicate: update\noptions: {transaction: run, batch_rows: 4000}\n",
    );
    const options = { database, cwd: folder };
    // Before a program starts: however slow the test is, it comes to no end.
    await session.query("select pg_advisory_lock(7)");
    let program = startIngest(["run", "items", "--file", "items.csv", "--workers", "2"], options);
    for (let kills = 0; kills < 3; kills++) {
      await untilHeldUp(database, program);
      program.kill("SIGKILL");
      await program.ended;
      // Lets go of what the dead program has begun.
      await session.query("select pg_advisory_unlock(7)");
      await session.query("select pg_advisory_lock(7)");
      // At one instant: Postgres may still commit what the dead process has sent.
      const [{ rows, status }] = await session.query<{ rows: number; status: string }>(
        "select status, (select count(*) from items where v <> 'before') as rows from ingest.runs",
      );
      assert.ok(status === "processing" ? rows === 0 : rows === ROWS, `${status}, ${rows} rows`);
      if (status !== "processing") break;
      program = startIngest(["resume", "1", "--workers", String(1 + kills)], options);
    }
    await session.query("select pg_advisory_unlock(7)");
    const { code, stdout, stderr } = await program.ended;
    assert.equal(code, 0, stdout + stderr);
    const verified = await ingest(["verify", "1"], options);
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const [counts] = await session.query(
      "select created, updated, failed from ingest.run_progress where run_id = 1",
    );
    assert.deepEqual({ ...counts }, { created: ROWS - 1, updated: 1, failed: 0 });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
