import assert from "node:assert/strict";
import { lockExclusively } from "../../src/db/embedded/lock.ts";
import { temporaryFolder } from "../cli/customers.ts";

Deno.test("a lock that another holds for too long is not waited for, and it says who that is", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/lock`;
  const held = await lockExclusively(path);
  await assert.rejects(lockExclusively(path, 20), {
    name: "EmbeddedPostgresFailed",
    message: new RegExp(`^Cannot use the embedded Postgres: process ${Deno.pid} has been starting`),
  });
  // The one that gave up gets the lock now, and releases it.
  held.release();
  (await lockExclusively(path)).release();
});
