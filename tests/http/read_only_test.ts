/** While the database accepts no writes, as in a failover. */
import assert from "node:assert/strict";
import { serving } from "./serving.ts";

Deno.test("without writes, readyz and what writes are 503, what reads goes on, and it passes", async () => {
  await using api = await serving({
    tokens: true,
    tables: "create table customers (email text)",
    importers: { customers: "table: customers" },
  });
  const token = await api.token("run");
  const { session, config } = api.database;
  const set = (value: string) =>
    session.execute(
      `alter database ${config.database} set default_transaction_read_only = ${value}`,
    );
  const upload = () =>
    api.ask("/upload/customers", {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: "email\na@b.c\n",
      token,
    });
  // Only sessions that begin from now on are read-only.
  await set("on");
  assert.equal((await api.ask("", { token })).status, 200);
  const refused = await upload();
  assert.deepEqual(refused.body, {
    message: "The database accepts no writes at the moment. Try again in a moment.",
    code: "read_only",
  });
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "2");
  assert.equal((await api.ask("/readyz")).body.code, "read_only");
  assert.equal((await api.ask("", { token })).status, 200);
  await set("off");
  // The sessions that found no writes are gone.
  assert.equal((await api.ask("/readyz")).status, 200);
  await upload();
  assert.equal((await upload()).status, 202);
});
