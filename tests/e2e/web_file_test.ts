/** A file from the web, fetched by the program itself: the names of hosts are the runtime's part. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../cli/customers.ts";
import { ingest, startIngest } from "../cli/start_program.ts";
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

Deno.test("Ctrl-C while a file is fetched leaves no file and no run", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table people (id int primary key, name text)");
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/spool`);
  const asked = Promise.withResolvers<void>();
  await using server = await rawServer((_request, _number, socket) => {
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nid,name\n1,Ana\n");
    asked.resolve();
    return null;
  });
  const address = `http://localhost:${server.port}/people.csv`;
  const env = { INGEST_HOME: folder.path, INGEST_ALLOW_HOSTS: "localhost" };
  const running = startIngest(["run", "--table", "people", "--file", address], {
    ...{ database: db, env },
  });
  await asked.promise;
  running.kill("SIGINT");
  const { code, stderr } = await running.ended;
  assert.equal(code, 4, stderr);
  assert.match(stderr, /Stopped before the file was fetched: there is no run/u);
  const left = await Array.fromAsync(walk(`${folder.path}/spool`));
  assert.deepEqual(left, []);
});

async function* walk(path: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) yield* walk(`${path}/${name}`);
    else yield name;
  }
}
