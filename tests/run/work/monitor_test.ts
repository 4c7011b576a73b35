/** Looks at a database that isn't always there. */
import assert from "node:assert/strict";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { Session } from "../../../src/db/session.ts";
import { waitForRun } from "../../../src/run/request/wait.ts";
import { Monitor } from "../../../src/run/work/monitor.ts";
import { silentProxy } from "../../db/silent_proxy.ts";
import { workshop } from "../importing.ts";

Deno.test("who waits for a run over a connection that a firewall forgets, takes another one", async () => {
  await using shop = await workshop("create table items (id int)");
  const { database: db } = shop;
  const { id } = await shop.create("table: items\n", "id\n1\n");
  await using proxy = await silentProxy(db.config);
  await using session = await Session.open(proxy.config);
  const told: string[] = [];
  const lent = new Ledger(session, "ingest");
  const monitor = new Monitor(proxy.config, "ingest", lent, 2_000, (line) => told.push(line));
  const looked = Promise.withResolvers<void>();
  const waiting = waitForRun((look) => monitor.look(look), id, {
    timeoutMs: null,
    onProgress: () => looked.resolve(),
  });
  await looked.promise;
  proxy.hold();
  await proxy.connections(1);
  await shop.session.execute(
    "update ingest.runs set status = 'failed', error = '{}', completed_at = now()",
  );
  const run = await waiting;
  assert(run !== "timeout");
  assert.equal(run.status, "failed");
  assert.equal(session.lost, true);
  // On a busy machine, a look may take as long although nothing is held.
  assert.deepEqual([...new Set(told)], [
    "Nothing has come over the connection to the database for 2 s. Trying a new one.",
  ]);
  await monitor.close();
  await db.admin.query("select pg_terminate_backend($1, 5000)", [session.backendPid]);
});

Deno.test("a wait ends with its time, even if the database doesn't answer", async () => {
  const never = Promise.withResolvers<null>();
  assert.equal(await waitForRun(() => never.promise, 1, { timeoutMs: 10 }), "timeout");
});

Deno.test("a monitor that is closed while it connects doesn't wait for the server", async () => {
  const server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const monitor = new Monitor({
    ...{ host: "127.0.0.1", port: server.addr.port, database: "none", user: "nobody" },
    ...{ password: null, ssl: false, sslRootCertificate: null, connectTimeout: 3_600_000 },
  }, "ingest");
  const looking = monitor.look(() => Promise.reject(new Error("there is no connection")));
  const connection = await server.accept();
  await monitor.close();
  assert.equal(await looking, null);
  connection.close();
  server.close();
});
