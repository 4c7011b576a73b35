/** Streams of events when connections break, and when another process does the work. */
import assert from "node:assert/strict";
import { startServer } from "../../../src/http/server.ts";
import { BASE_PATH } from "../../../src/http/route.ts";
import type { DatabaseConfig } from "../../../src/db/session.ts";
import { transactionPooler } from "../../db/transaction_pooler.ts";
import { until } from "../../support/until.ts";
import { customers, servingCustomers, upload } from "../customer_runs.ts";
import type { Serving } from "../serving.ts";
import { eventsIn, type Heard, streamLog, watch } from "./watching.ts";

const statuses = (heard: readonly Heard[]) =>
  heard.filter(({ event }) => event === "status").map(({ data }) => data.status);

/** SQL: how many connections to the database are for streams. */
const CONNECTIONS = `(select count(*) from pg_stat_activity where datname = current_database()
  and application_name in ('ingest events', 'ingest monitor'))`;

/** Another server of the same database. */
function otherServer(api: Serving, config: DatabaseConfig = api.database.config) {
  const server = startServer({
    ...{ config, schemaName: "ingest", host: "127.0.0.1", port: 0, isOpen: true },
    ...{ importersFolder: `${api.folder}/importers`, sourceFolder: null, maxUpload: 1_000 },
    corsOrigins: [],
    savesDefinitions: false,
    allowedHosts: [],
    variable: () => undefined,
    ...{ storageFolder: () => Promise.resolve(api.storage), worksHere: false, log: () => {} },
  });
  return {
    base: `http://127.0.0.1:${server.port}${BASE_PATH}`,
    close: () => server.close(10_000),
    [Symbol.asyncDispose]: () => server.close(10_000),
  };
}

Deno.test("each server tells of every run of the database, and a client may change servers", async () => {
  await using api = await servingCustomers();
  await using other = otherServer(api);
  const id = await upload(api, customers(3));
  await using here = await watch(api, `/${id}/events`);
  await here.until("progress");
  const lastEventId = await (async () => {
    await using there = await watch(other, `/${id}/events`);
    return (await there.until("progress")).id;
  })();
  await api.drive(id);
  const { id: end } = (await here.rest()).slice(-1)[0];
  await using there = await watch(other, `/${id}/events`, { lastEventId });
  await there.rest();
  assert.deepEqual(statuses(there.heard), ["processing", "completed"]);
  await using again = await watch(other, `/${id}/events`, { lastEventId: end });
  assert.equal(again.status, 204);
});

Deno.test("streams go on when their connections to the database are ended", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  await using watching = await watch(api, `/${id}/events`);
  await watching.until("progress");
  const end = (name: string) =>
    api.ledger.query<{ ended: boolean }>(
      `select pg_terminate_backend(pid, 10000) as ended from pg_stat_activity
       where datname = current_database() and application_name = $1`,
      [name],
    );
  // The listener may come later than the first event.
  await until(api.ledger, `${CONNECTIONS} = 2`);
  for (const name of ["ingest events", "ingest monitor"]) {
    assert.deepEqual(await end(name), [{ ended: true }], name);
  }
  await api.ask(`/${id}/cancel`, { method: "POST" });
  await watching.rest();
  // Whoever watches needn't know of it.
  assert.deepEqual(watching.heard.filter(({ event }) => event === "unavailable"), []);
  assert.deepEqual(statuses(watching.heard), ["pending", "cancelling", "cancelled"]);
});

Deno.test("behind a pooler, where no notification arrives, everything is told, too", async () => {
  await using api = await servingCustomers();
  await using pooler = await transactionPooler(api.database.config);
  await using other = otherServer(api, pooler.config);
  await using list = await watch(other, "/events");
  await list.next();
  const id = await upload(api, customers(3));
  await using watching = await watch(other, `/${id}/events`);
  await watching.until("progress");
  await api.drive(id);
  await watching.rest();
  assert.deepEqual(statuses(watching.heard), ["pending", "processing", "completed"]);
  await list.until("changed", ({ data }) => data[0].status === "completed");
});

Deno.test("a client that reads a byte at a time gets it all", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: api.port });
  const head = `GET ${BASE_PATH}/${id}/events HTTP/1.0\r\nHost: 127.0.0.1:${api.port}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(head));
  const driven = api.drive(id);
  const bytes: number[] = [];
  for (const byte = new Uint8Array(1); await connection.read(byte) !== null;) bytes.push(byte[0]);
  await driven;
  const text = new TextDecoder().decode(new Uint8Array(bytes));
  const body = new Response(text.slice(text.indexOf("\r\n\r\n") + 4)).body;
  assert.ok(body);
  const heard = await Array.fromAsync(eventsIn(body));
  assert.deepEqual(statuses(heard).slice(-1), ["completed"]);
  assert.equal(heard[heard.length - 1].event, "end");
});

Deno.test("a server that closes ends its streams, and says nothing that isn't so", async () => {
  await using api = await servingCustomers();
  const other = otherServer(api);
  const id = await upload(api, customers(3));
  await using watching = await watch(other, `/${id}/events`);
  await using list = await watch(other, "/events");
  const { id: lastEventId } = await watching.until("progress");
  await list.next();
  // It never reads.
  using silent = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(other.base).port),
  });
  const head = `GET ${BASE_PATH}/${id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
  await silent.write(new TextEncoder().encode(head));
  await other.close();
  const names = [...await watching.rest(), ...await list.rest()].map(({ event }) => event);
  assert.deepEqual(names.filter((name) => name !== "progress"), []);
  await api.drive(id);
  await using again = await watch(api, `/${id}/events`, { lastEventId });
  await again.rest();
  assert.deepEqual(statuses(again.heard), ["processing", "completed"]);
});

Deno.test("any number of clients share two connections, which are closed when all have gone", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  await (async () => {
    await using clients = new AsyncDisposableStack();
    const all = await Promise.all(
      Array.from({ length: 60 }, () => watch(api, `/${id}/events`)),
    );
    for (const client of all) clients.use(client);
    await Promise.all(all.map((client) => client.until("progress")));
    await until(api.ledger, `${CONNECTIONS} = 2`);
  })();
  await streamLog(api, `${BASE_PATH}/${id}/events`, 59);
  await until(api.ledger, `${CONNECTIONS} = 0`);
  await using again = await watch(api, `/${id}/events`);
  assert.equal((await again.next()).event, "status");
});
