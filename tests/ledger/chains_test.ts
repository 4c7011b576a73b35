import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { ChainBusy, holdChain } from "../../src/ledger/runs/retries.ts";
import { workshop } from "../run/importing.ts";

Deno.test("a chain that another transaction holds for long is not waited for without an end", async () => {
  await using shop = await workshop("create table items (id int)");
  const { ledger } = shop;
  const { id } = await shop.create("table: items\n", "id\n1\n");
  await using other = await Session.open(shop.database.config);
  await other.query(`begin; select from ingest.runs where id = ${id} for no key update`);
  await assert.rejects(ledger.transaction(() => holdChain(ledger, id, 50)), ChainBusy);
  await other.query("rollback");
  const waitsFor = await ledger.transaction(async () => {
    await holdChain(ledger, id, 50);
    return await ledger.query<{ lock_timeout: string }>("show lock_timeout");
  });
  // The limit is for this lock only.
  assert.deepEqual(waitsFor, [{ lock_timeout: "0" }]);
});
