/** Behind a pooler in transaction mode, settings hold for us and for nobody else. */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { writeFailedRows } from "../../src/report/failed_rows_csv.ts";
import { workshop } from "../run/importing.ts";
import { testDatabase } from "../support/database.ts";
import { transactionPooler } from "./transaction_pooler.ts";

const SEEN = `select current_setting('jit') as jit, current_setting('datestyle') as style,
  current_setting('statement_timeout') as patience`;

Deno.test("behind a pooler, our settings hold in every statement, and leave no trace", async () => {
  await using db = await testDatabase();
  const name = db.config.database;
  await db.session.execute(`alter database ${name} set datestyle = 'SQL, DMY'`);
  await db.session.execute(`alter database ${name} set statement_timeout = '5s'`);
  await db.session.execute(`alter database ${name} set jit = on`);
  await using pooler = await transactionPooler(db.config);
  await using session = await Session.open(pooler.config);
  await using other = await Session.open(pooler.config);
  const ours = [{ jit: "off", style: "ISO, DMY", patience: "0" }];
  for (let look = 0; look < 3; look++) {
    assert.deepEqual(await session.query(SEEN), ours);
    assert.deepEqual(await session.query(`${SEEN} where $1`, [true]), ours);
    assert.deepEqual(await session.transaction(() => other.query(SEEN)), ours);
    await assert.rejects(session.query("select 1 / $1::int", [0]), { code: "22012" });
    assert.equal(session.transactionState, "none");
  }
  assert.deepEqual(
    await session.transaction(() => session.query(SEEN), session.userSettings),
    [{ jit: "off", style: "SQL, DMY", patience: "0" }],
  );
  // Nothing of this stays in the pooler's connections.
  await using stranger = await Session.open(pooler.config);
  assert.equal(stranger.userSettings.DateStyle, "SQL, DMY");
});

Deno.test("a run, its failed rows and a dry run work behind a pooler", async () => {
  await using shop = await workshop("create table t (id int primary key, days daterange)");
  const { database, session } = shop;
  await session.execute(`alter database ${database.config.database} set datestyle = 'SQL, DMY'`);
  await using pooler = await transactionPooler(database.config);
  await using own = await Session.open(pooler.config);
  const ledger = new Ledger(own, "ingest");
  const file = 'id,days\n1,"[05/11/2026,12/12/2026]"\n2,x\n';
  for (const dryRun of [true, false]) {
    const run = await shop.create("table: t\nkey: [id]", file, { ledger, dryRun });
    const ended = await shop.drive(run, 2, pooler.config);
    assert.equal(ended.status, "completed_with_errors");
    assert.equal(await writeFailedRows(ledger, ended, () => {}), 1);
  }
  assert.deepEqual(
    await session.query("select id, lower(days)::text as day from t"),
    [{ id: 1, day: "2026-11-05" }],
  );
});

Deno.test("a pooler that refuses a start-up parameter is named with what to do", async () => {
  await using db = await testDatabase();
  await using pooler = await transactionPooler(db.config);
  await assert.rejects(
    Session.open({ ...pooler.config, startup: { options: "-c work_mem=64MB" } }),
    /unsupported startup parameter: options\. That is a pooler, .*PGOPTIONS/,
  );
});
