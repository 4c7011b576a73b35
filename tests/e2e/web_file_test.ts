/** A file from the web, fetched by the program itself: the names of hosts are the runtime's part. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../cli/customers.ts";
import { ingest } from "../cli/start_program.ts";
import { rawServer, whole } from "../source/remote/raw_server.ts";
import { testDatabase } from "../support/database.ts";

Deno.test("a file is fetched from a host that has a name, and nothing else is said", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table people (id int primary key, name text)");
  await using folder = await temporaryFolder();
  await using server = await rawServer(() => whole("id,name\n1,Ana\n"));
  const address = `http://localhost:${server.port}/people.csv`;
  const env = { INGEST_HOME: folder.path, INGEST_ALLOW_HOSTS: "localhost" };
  const { code, stderr } = await ingest(["run", "--table", "people", "--file", address], {
    ...{ database: db, env },
  });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /warning|deprecat|node:/iu);
  assert.deepEqual(await db.session.query("select * from people"), [{ id: 1, name: "Ana" }]);
});
