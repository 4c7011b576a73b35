/** Requests for a table that somebody is altering. */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { until } from "../support/until.ts";
import { count } from "../run/importing.ts";
import { serving } from "./serving.ts";

const OPTIONS = {
  // A CHECK has an expression, and Postgres tells it only once the table is free.
  tables: "create table items (id int check (id > 0)); create table others (id int)",
  importers: { items: "table: items\n", others: "table: others\n" },
};
const CSV = { method: "POST", headers: { "content-type": "text/csv" }, body: "id\n1\n" };

Deno.test("uploads to a locked table are refused in seconds, and take nothing else away", async () => {
  await using api = await serving(OPTIONS);
  await using locker = await Session.open(api.database.config);
  await locker.query("begin; lock table items in access exclusive mode");
  const uploads = Array.from({ length: 12 }, () => api.ask("/upload/items", CSV));
  assert.equal((await api.ask(`${api.origin}/readyz`)).status, 200);
  for (const { status, body } of await Promise.all(uploads)) {
    assert.deepEqual([status, body.code], [503, "table_locked"]);
    assert.match(body.message, /items is locked by another session/);
  }
  assert.equal((await api.ask("/upload/others", CSV)).status, 202);
  await locker.query("rollback");
  assert.equal((await api.ask("/upload/items", CSV)).status, 202);
  assert.equal(await count(api.database.session, "ingest.runs"), 2);
});

Deno.test("a retry whose client has hung up while it waited is not made", async () => {
  await using api = await serving(OPTIONS);
  const upload = await api.ask("/upload/items", { ...CSV, body: "id\n0\n" });
  const { id } = upload.body.data;
  await api.drive(id);
  await using locker = await Session.open(api.database.config);
  for (
    const body of [
      {},
      {
        headers: { "content-type": "text/csv" },
        body: `_error_message,id,_row_number,_run_id\n,5,1,${id}\n`,
      },
    ]
  ) {
    await locker.query("begin; lock table ingest.runs in exclusive mode");
    const client = new AbortController();
    const retry = api.fetch(`/${id}/retry`, { method: "POST", ...body, signal: client.signal });
    retry.catch(() => {});
    const waits = "(select count(*) > 0 from pg_locks where not granted)";
    await until(api.database.session, waits);
    client.abort();
    await assert.rejects(retry);
    // By the time that a later request is answered, the server knows that this client is gone.
    await api.ask(`${api.origin}/readyz`);
    await locker.query("rollback");
    await until(api.database.session, `not ${waits}`);
    // Only one retry can be active, so this one comes after it.
    const again = await api.ask(`/${id}/retry`, { method: "POST" });
    assert.equal(again.status, 202);
    await api.drive(again.body.data.id);
  }
  assert.equal(await count(api.database.session, "ingest.runs"), 3);
});

Deno.test("a client that has hung up while it waited gets no run", async () => {
  await using api = await serving(OPTIONS);
  await using locker = await Session.open(api.database.config);
  await locker.query("begin; lock table items in access exclusive mode");
  const client = new AbortController();
  const upload = api.fetch("/upload/items", { ...CSV, signal: client.signal });
  upload.catch(() => {});
  const waits = "(select count(*) > 0 from pg_locks where not granted)";
  await until(api.database.session, waits);
  client.abort();
  await assert.rejects(upload);
  // By the time that a later request is answered, the server knows that this client is gone.
  await api.ask(`${api.origin}/readyz`);
  await locker.query("rollback");
  await until(api.database.session, `not ${waits}`);
  // The next request is answered after the one before it.
  assert.equal((await api.ask("/upload/items", CSV)).status, 202);
  assert.equal(await count(api.database.session, "ingest.runs"), 1);
});
