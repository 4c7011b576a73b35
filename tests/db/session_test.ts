import assert from "node:assert/strict";
import { testDatabase } from "../support/database.ts";

Deno.test("a session answers", async () => {
  await using db = await testDatabase();
  assert.deepEqual(await db.session.query("select 1 as one"), [{ one: 1 }]);
});
