/** Streams of events of the real program, while processes and databases come and go. */
import assert from "node:assert/strict";
import { formatDatabaseUrl } from "../../src/config/resolve_database.ts";
import { startEmbedded, stopEmbedded } from "../../src/db/embedded.ts";
import { Session } from "../../src/db/session.ts";
import { customers, CUSTOMERS_TABLE } from "../cli/customers.ts";
import { startIngest } from "../cli/start_program.ts";
import { watch } from "../http/events/watching.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryHome } from "../support/embedded_home.ts";
import { type ServerProcess, startServing } from "./serve_process.ts";

const at = ({ port }: ServerProcess) => ({ base: `http://127.0.0.1:${port}/api/v1/ingest` });

Deno.test("when the process that works on a run is killed, watchers elsewhere see it stall and go on", async () => {
  await using database = await testDatabase();
  await database.session.execute(CUSTOMERS_TABLE);
  await using holder = await Session.open(database.config);
  await using working = await startServing({ database }, "--workers", "1");
  await using other = await startServing({ database }, "--no-workers");
  await holder.query("begin; lock table customers in share mode");
  const id = Number((await working.upload(customers(50_000))).body.data.id);
  await using watching = await watch(at(other), `/${id}/events`);
  const held = await watching.until("progress", ({ waiting_on }) => waiting_on !== null);
  assert.match(held.data.waiting_on, /^batch 1 waits for table customers, locked by /u);
  working.program.kill("SIGKILL");
  await working.program.ended;
  await holder.query("rollback");
  await watching.until("progress", ({ stalled }) => stalled);
  const worker = startIngest(["work", "--workers", "1"], { database, env: working.env });
  const { data } = await watching.until("status", ({ is_terminal }) => is_terminal);
  assert.deepEqual([data.status, data.progress.created], ["completed", 50_000]);
  assert.equal((await watching.rest()).at(-1)?.data.reason, "finished");
  worker.kill("SIGTERM");
  await worker.ended;
});

Deno.test("watchers stay while the database is away, and the server ends without waiting for them", async () => {
  await using home = await temporaryHome();
  const config = await startEmbedded(home.path);
  {
    await using session = await Session.open(config);
    await session.execute(CUSTOMERS_TABLE);
  }
  const database = { url: formatDatabaseUrl(config) };
  await using server = await startServing({ database }, "--no-workers", "--grace", "2s");
  const id = Number((await server.upload(customers(3))).body.data.id);
  await using list = await watch(at(server), "/events");
  await using watching = await watch(at(server), `/${id}/events`);
  await Promise.all([list.next(), watching.until("progress")]);
  await stopEmbedded(home.path);
  await Promise.all([list.until("unavailable"), watching.until("unavailable")]);
  await startEmbedded(home.path);
  await Promise.all([list.until("available"), watching.until("available")]);
  // It may have missed something.
  assert.deepEqual((await list.until("runs")).data.data[0].id, id);
  await server.ask(`/api/v1/ingest/${id}/cancel`, { method: "POST" });
  assert.equal((await watching.until("end")).data.reason, "finished");
  await list.until("changed", ({ data: [run] }) => run.status === "cancelled");

  server.program.kill("SIGTERM");
  const { code, stderr, stdout } = await server.program.ended;
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /[Uu]ncaught|[Uu]nhandled| {4}at /u);
  assert.deepEqual((await list.rest()).map(({ event }) => event), []);
  const logged = stdout.split("\n").filter((line) => line.includes("/events")).map((line) =>
    JSON.parse(line)
  );
  assert.deepEqual(logged.map(({ end }) => end).toSorted(), ["closing", "finished"]);
});
