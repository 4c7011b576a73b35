/** What a run notes where others write at the same time, or its role may do little. */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { startRun } from "../../src/ledger/runs/run_states.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { until } from "../support/until.ts";
import { GATE, GATED, gated } from "./gate.ts";
import { count, type Workshop, workshop } from "./importing.ts";
import { oneBatch } from "./step_by_step.ts";
import { undo } from "./undo/undoing.ts";
import { assertMarked, assertRestorable, rememberTable } from "./undo_memory.ts";

const PEOPLE = "create table t (id int primary key, v text, was int);";
const IMPORTER = "source: {type: upload}\nslug: t\ntable: t\n";
const UPSERT = `${IMPORTER}key: id\non_duplicate: update\n`;
/** Its UPDATE can't return old values. */
const POSTGRES_16 = 160_000;

Deno.test("a row that appears after the old values were read has its own kept, too", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t values (1, 'old', 1), (2, 'old', 2);
     ${GATED} ${gated("ingest.undo_rows")}`,
  );
  const { session, ledger } = shop;
  if (session.serverVersion > POSTGRES_16) {
    Object.defineProperty(session, "serverVersion", { value: POSTGRES_16 });
  }
  const run = await shop.create(
    `${UPSERT}options: {undo: updates}\n`,
    "id,v\n1,new\n2,new\n3,new\n4,new\n",
  );
  await startRun(ledger, run.id);
  await planRun(ledger, await prepareRun(session, run, "ingest"));
  await using somebody = await Session.open(shop.database.config);
  await somebody.query(`select pg_advisory_lock(${GATE})`);
  const loaded = oneBatch(shop, run);
  // Now the batch has read the old values, and not updated anything yet.
  await until(somebody, `exists (select from pg_locks where objid = ${GATE} and not granted)`);
  await somebody.query("insert into t values (3, 'theirs', 3)");
  await rememberTable(somebody);
  await somebody.query(`select pg_advisory_unlock(${GATE})`);
  await loaded;
  assert.equal(await count(session, "t where v = 'new'"), 4);
  await assertMarked(session, [run]);
  await assertRestorable(session, [run]);
});

Deno.test("a dry run doesn't even begin to note something", async () => {
  await using shop = await workshop(
    `${PEOPLE} insert into t values (1, 'old', 1);
     create function never() returns trigger language plpgsql as $$ begin
       raise 'a dry run has noted something'; end $$;
     create trigger never before insert on ingest.undo_marks for each row execute function never();
     create trigger never before insert on ingest.undo_tables for each row execute function never();
     create trigger never before insert on ingest.undo_rows for each row execute function never()`,
  );
  for (const mode of ["inserts", "updates"]) {
    const definition = `${UPSERT}options: {undo: ${mode}}\n`;
    const run = await shop.drive(
      await shop.create(definition, "id,v\n1,a\n2,b\n2,c\n", { dryRun: true }),
    );
    assert.equal(run.status, "completed", run.error?.message);
    assert.equal(run.summary?.created, 1);
  }
  // A real one does.
  const real = await shop.create(UPSERT, "id,v\n3,a\n").catch((error: Error) => error.message);
  assert.equal(real, "a dry run has noted something");
});

Deno.test("a role that may not know the cluster loads and undoes all the same", async () => {
  await using shop = await workshop(
    `${PEOPLE} revoke execute on function pg_control_system() from public`,
  );
  const run = await asRole(shop, "grant all on t to", UPSERT);
  assert.equal(run.status, "completed", run.error?.message);
  const [noted] = await shop.session.query("select system_identifier from ingest.undo_tables");
  assert.deepEqual(noted, { system_identifier: null });
  assert.equal(await undo(shop, run), "completed: deleted 2, restored 0, kept 0");
});

Deno.test("a role that may only insert notes what it has created", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await asRole(shop, "grant insert on t to", IMPORTER);
  assert.equal(run.status, "completed", run.error?.message);
  await rememberTable(shop.session);
  assert.deepEqual(
    await shop.session.query("select wrote, rows from ingest.undo_marks"),
    [{ wrote: "created", rows: 2 }],
  );
  assert.equal(await undo(shop, run), "completed: deleted 2, restored 0, kept 0");
});

/** Imports two rows as a role that may do only this to the table. */
async function asRole(shop: Workshop, grant: string, definition: string): Promise<Run> {
  const { session, database: { config } } = shop;
  const user = `few_rights_${config.database}`;
  await session.query(
    `create role ${user} login password 'limited'; grant usage on schema ingest, public to ${user};
     grant select, insert, update, delete on all tables in schema ingest to ${user};
     ${grant} ${user}`,
  );
  try {
    const limited = { ...config, user, password: "limited" };
    await using own = await Session.open(limited);
    const ledger = new Ledger(own, "ingest");
    const run = await shop.create(definition, "id,v\n1,a\n2,b\n", { ledger });
    return await shop.drive(run, 1, limited);
  } finally {
    await session.query(`drop owned by ${user}; drop role ${user}`);
  }
}
