import assert from "node:assert/strict";
import { findLimits } from "../../src/cli/serve_limits.ts";
import { migratedDatabase } from "../support/database.ts";

Deno.test("a server says at once if its role may have too few connections", async () => {
  await using database = await migratedDatabase();
  const { session, config } = database;
  const role = `role_${config.database}`;
  const home = await Deno.makeTempDir();
  try {
    await session.query(`create role ${role} login password 'secret' connection limit 4;
      grant usage on schema ingest to ${role};
      grant select on all tables in schema ingest to ${role}`);
    const settings = {
      home,
      storage: null,
      importers: `${home}/none`,
      schema: "ingest",
      workers: 2,
    };
    const limits = await findLimits({ ...config, user: role, password: "secret" }, settings);
    assert.deepEqual(limits.filter((line) => line.startsWith("The role")), [
      `The role ${role} may have 4 connections, so there will be fewer workers, and requests may ` +
      `have to wait. Allow 9 or more: alter role "${role}" connection limit 17`,
    ]);
    await session.query(`alter role ${role} connection limit 9`);
    const enough = await findLimits({ ...config, user: role, password: "secret" }, settings);
    assert.deepEqual(enough.filter((line) => line.startsWith("The role")), []);
  } finally {
    await session.query(`drop owned by ${role}; drop role ${role}`);
    await Deno.remove(home, { recursive: true });
  }
});
