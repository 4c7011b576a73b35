import assert from "node:assert/strict";
import { TableLocked } from "../../src/db/table_locked.ts";
import { LockedTables } from "../../src/http/locked_tables.ts";

Deno.test("while a table is known to be locked, requests hardly wait for it, but for others", async () => {
  const tables = new LockedTables();
  const patience = (table: string) => tables.waiting(table, (each) => Promise.resolve(each));
  assert.equal(await patience("items"), undefined);
  await assert.rejects(
    tables.waiting("items", () => Promise.reject(new TableLocked("The table items"))),
    TableLocked,
  );
  assert.equal(await patience("others"), undefined);
  assert.equal(await patience("items"), 100);
  // It was free again.
  assert.equal(await patience("items"), undefined);
});
