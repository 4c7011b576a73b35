/** What others do to the table while it is compared. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { workshop } from "../importing.ts";
import { counted, sampled, verify } from "./verifying.ts";
import { until } from "../../support/until.ts";

const TABLE = "create table items (id int primary key, v int, note text)";
const UPSERT = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 10 }\n";
const ROWS = 100;

function file(): string {
  const lines = Array.from({ length: ROWS }, (_, id) => `${id},${id},n${id}`);
  return ["id,v,note", ...lines, ""].join("\n");
}

/** Resolves when somebody waits for a lock in the database. */
function someoneWaits(session: Session): Promise<void> {
  return until(
    session,
    `exists (select from pg_locks where not granted and locktype = 'relation'
       and database = (select oid from pg_database where datname = current_database()))`,
  );
}

Deno.test("a table that is altered while it is compared is compared as it is then", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.drive(await shop.create(UPSERT, file()));
  await using other = await Session.open(shop.database.config);
  await other.query("begin; alter table items alter v type bigint, drop column note");
  await using watcher = await Session.open(shop.database.config);
  const verifying = verify(shop.ledger, id);
  await someoneWaits(watcher);
  await other.query("commit");
  const found = await verifying;
  assert.equal(counted(found), `${ROWS} as_written`);
  assert.match(found.remarks.join("\n"), /no longer has column note/);
});

Deno.test("rows that others write meanwhile are as written or changed, and each is counted once", async () => {
  await using shop = await workshop(TABLE);
  const { id } = await shop.drive(await shop.create(UPSERT, file()));
  await using other = await Session.open(shop.database.config);
  let done = false;
  const writing = (async () => {
    while (!done) await other.query("update items set note = note || '' where id % 7 = 1");
    await other.query("update items set v = -1 where id % 50 = 1");
  })();
  for (let look = 0; look < 5; look++) {
    assert.equal(counted(await verify(shop.ledger, id)), `${ROWS} as_written`);
  }
  done = true;
  await writing;
  assert.deepEqual(sampled(await verify(shop.ledger, id)), [
    "2 changed v: 1 → -1",
    "52 changed v: 51 → -1",
  ]);
});
