/** Connections that were forgotten on the way, or that the server doesn't grant. */
import assert from "node:assert/strict";
import { type DatabaseConfig, Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { cancelRun } from "../../../src/run/request/cancel.ts";
import { driveRun } from "../../../src/run/work/drive.ts";
import { silentProxy } from "../../db/silent_proxy.ts";
import { type Workshop, workshop } from "../importing.ts";

Deno.test("a command ends although the connection for its looks was forgotten on the way", async () => {
  await using shop = await workshop("create table t (n int)");
  const { config } = shop.database;
  await using proxy = await silentProxy(config);
  const session = await Session.open(proxy.config);
  const ledger = new Ledger(session, "ingest");
  const run = await shop.create("table: t", "n\n1\n2\n");
  proxy.hold();
  const options = { config, schemaName: "ingest", runId: run.id, workers: 1, ledger };
  const ended = await driveRun({ ...options, lookTimeout: 200 });
  assert.equal(ended.status, "completed");
  assert.equal(session.lost, true);
});

/** A role that may have this many connections, and everything else. */
async function limitedRole({ database, session }: Workshop, limit: number): Promise<
  AsyncDisposable & { readonly config: DatabaseConfig }
> {
  const role = `role_${database.config.database}`;
  await session.execute(`
    create role ${role} login password 'secret' connection limit ${limit};
    grant all on schema ingest, public to ${role};
    grant all on all tables in schema ingest, public to ${role}`);
  return {
    config: { ...database.config, user: role, password: "secret" },
    [Symbol.asyncDispose]: async () => {
      await session.execute(`drop owned by ${role}; drop role ${role}`);
    },
  };
}

Deno.test("a run is cancelled even if there is no connection but the one for its looks", async () => {
  await using shop = await workshop("create table t (n int)");
  await using role = await limitedRole(shop, 0);
  const run = await shop.create("table: t", "n\n1\n2\n");
  const asked = new AbortController();
  const ended = driveRun({
    ...{ config: role.config, schemaName: "ingest", runId: run.id, workers: 1 },
    ledger: shop.ledger,
    onLook: () => asked.abort(),
    cancel: {
      asked: asked.signal,
      request: async (ledger) => {
        await cancelRun(ledger, run.id, "tester");
      },
    },
  });
  assert.equal((await ended).status, "cancelled");
});
