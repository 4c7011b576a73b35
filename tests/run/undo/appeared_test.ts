/** What somebody commits between an UPDATE and the INSERT after it is updated, and can be taken back. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { until } from "../../support/until.ts";
import { GATE } from "../gate.ts";
import { type Workshop, workshop } from "../importing.ts";
import { IMPORTER, rowsOf, undo } from "./undoing.ts";

/** An UPDATE waits at its end for the gate, once there is such a row. */
function gatedFrom(row: string): string {
  return `create function gate() returns trigger language plpgsql as $$
    begin
      if exists (select from t where ${row}) then
        perform pg_advisory_xact_lock_shared(${GATE});
      end if;
      return null;
    end $$;
    create trigger gate after update on t for each statement execute function gate();`;
}

async function importedAround(shop: Workshop, file: string, undo: string, meanwhile: string) {
  await using person = await Session.open(shop.database.config);
  await person.query(`select pg_advisory_lock(${GATE})`);
  const definition = `${IMPORTER}key: [id]\non_duplicate: update\noptions: {undo: ${undo}}\n`;
  const driven = shop.drive(await shop.create(definition, file));
  await until(shop.session, `exists (select from pg_locks where objid = ${GATE} and not granted)`);
  await person.query(meanwhile);
  await person.query(`select pg_advisory_unlock(${GATE})`);
  return await driven;
}

Deno.test("a row that somebody inserts in the middle of an upsert gets its value back", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, v text); insert into t values (1, 'old'), (2, 'same');
     ${gatedFrom("id = 1")}`,
  );
  const file = "id,v\n1,new\n2,same\n3,new\n4,new\n";
  const run = await importedAround(shop, file, "updates", "insert into t values (3, 'theirs')");
  assert.deepEqual(await rowsOf(shop), ["(1,new)", "(2,same)", "(3,new)", "(4,new)"]);
  assert.equal(await undo(shop, run), "completed: deleted 1, restored 2, kept 0");
  assert.deepEqual(await rowsOf(shop), ["(1,old)", "(2,same)", "(3,theirs)"]);
});

Deno.test("the same beside rows that the run has written itself", async () => {
  for (const mode of ["updates", "inserts"]) {
    await using shop = await workshop(
      `create table t (id int primary key, v text check (v <> 'bad')); insert into t values (1, 'old');
       ${gatedFrom("id = 1 and v = 'new'")}`,
    );
    const file = "id,v\n5,bad\n6,first\n1,first\n5,new\n6,new\n1,new\n";
    const run = await importedAround(shop, file, mode, "insert into t values (5, 'theirs')");
    assert.equal(run.status, "completed_with_errors");
    assert.deepEqual(await rowsOf(shop), ["(1,new)", "(5,new)", "(6,new)"]);
    const isKept = mode === "updates";
    assert.equal(
      await undo(shop, run),
      isKept
        ? "completed: deleted 1, restored 2, kept 0"
        : "completed_with_errors: deleted 1, restored 0, kept 2",
    );
    assert.deepEqual(
      await rowsOf(shop),
      isKept ? ["(1,old)", "(5,theirs)"] : ["(1,new)", "(5,new)"],
    );
  }
});

Deno.test("a row that somebody changes while its update waits gets their value back", async () => {
  const changes = {
    "update t set v = 'theirs' where id = 1": ["(1,theirs)", "(2,old)"],
    // What the file says already: nothing is left to update.
    "update t set v = 'new' where id = 1": ["(1,new)", "(2,old)"],
    "delete from t where id = 1": ["(2,old)"],
    "update t set id = 7 where id = 1": ["(2,old)", "(7,old)"],
    "delete from t where id = 1; insert into t values (1, 'theirs')": ["(1,theirs)", "(2,old)"],
    "insert into t values (3, 'theirs'); update t set v = 'theirs' where id = 1": [
      "(1,theirs)",
      "(2,old)",
      "(3,theirs)",
    ],
  };
  for (const [change, after] of Object.entries(changes)) {
    await using shop = await workshop(
      "create table t (id int primary key, v text); insert into t values (1, 'old'), (2, 'old')",
    );
    await using person = await Session.open(shop.database.config);
    await person.query(`begin; ${change}`);
    const definition = `${IMPORTER}key: [id]\non_duplicate: update\noptions: {undo: updates}\n`;
    const driven = shop.drive(await shop.create(definition, "id,v\n2,new\n1,new\n3,new\n"));
    await until(
      shop.session,
      `exists (select from pg_locks where not granted and locktype = 'transactionid'
         and transactionid in (select transactionid from pg_locks where pid = ${person.backendPid}))`,
    );
    await person.query("commit");
    const run = await driven;
    const now = ["(1,new)", "(2,new)", "(3,new)", ...after.filter((row) => row.startsWith("(7"))];
    assert.deepEqual(await rowsOf(shop), now, change);
    assert.match(await undo(shop, run), /^completed: .* kept 0$/u, change);
    assert.deepEqual(await rowsOf(shop), after, change);
  }
});
