import assert from "node:assert/strict";
import net from "node:net";
import postgres from "postgres";
import type { DatabaseConfig } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { startRun } from "../../src/ledger/runs/run_states.ts";
import { endSession, listHolders } from "../../src/ledger/batches/stuck.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { untilSeen } from "../support/until.ts";

Deno.test("a process that freezes between the two messages of a statement is found, and its batch released", async () => {
  await using shop = await plannedRun();
  const { ledger, session } = shop;
  await session.query("update ingest.batches set status = 'processing'");
  const lock = `pg_advisory_xact_lock(${ledger.lockKey("batch", "b.id")})`;
  const frozen = freezing(shop.database.config);
  await frozen.sql.unsafe(`begin; select ${lock} from ingest.batches b`).simple();
  assert.deepEqual(await listHolders(ledger), [], "between statements there are time-outs");

  frozen.freeze();
  const cut = assert.rejects(frozen.sql.unsafe("select $1::int", [1]));
  const [holder] = await eventually(ledger);
  assert.equal(holder.bytes, 0);
  assert.equal(await endSession(ledger, holder.pid), true);
  await cut;
  // Waits for the lock, should the holder still have it.
  await session.query(`select ${lock} from ingest.batches b`);
});

Deno.test("locks of ended runs and of other programs are ignored", async () => {
  await using shop = await plannedRun();
  const { ledger, session } = shop;
  await session.query("update ingest.runs set status = 'failed', completed_at = now()");
  const frozen = freezing(shop.database.config);
  await frozen.sql.unsafe(
    `begin; select pg_advisory_xact_lock(${ledger.lockKey("plan", "r.id")}) from ingest.runs r;
     select pg_advisory_xact_lock(42)`,
  ).simple();
  frozen.freeze();
  const cut = assert.rejects(frozen.sql.unsafe("select $1::int", [1]));
  await session.query(
    `do $$ begin
       while not exists (select from pg_stat_activity where datname = current_database()
         and pid <> pg_backend_pid() and state = 'active' and wait_event = 'ClientRead')
       loop perform pg_sleep(0.01), pg_stat_clear_snapshot(); end loop;
     end $$`,
  );
  assert.deepEqual(await listHolders(ledger), []);
  frozen.cut();
  await cut;
});

Deno.test("a frozen rehearsal of a dry run is found, even if its run has ended meanwhile", async () => {
  await using shop = await plannedRun(true);
  const { ledger, session } = shop;
  await session.query("update ingest.runs set status = 'cancelled', completed_at = now()");
  const frozen = freezing(shop.database.config);
  await frozen.sql.unsafe(
    `begin; select pg_advisory_xact_lock(${
      ledger.lockKey("rehearsal", "r.id")
    }) from ingest.runs r`,
  ).simple();
  frozen.freeze();
  const cut = assert.rejects(frozen.sql.unsafe("select $1::int", [1]));
  const [holder] = await eventually(ledger);
  assert.equal(await endSession(ledger, holder.pid), true);
  await cut;
});

async function plannedRun(dryRun = false): Promise<Workshop> {
  const shop = await workshop("create table items (id int primary key)");
  const run = await shop.create("table: items\n", "id\n1\n", { dryRun });
  await startRun(shop.ledger, run.id);
  await planRun(shop.ledger, await prepareRun(shop.session, run, "ingest"));
  return shop;
}

/** Waits until Postgres waits for a holder to continue. */
function eventually(ledger: Ledger) {
  return untilSeen(ledger, "Postgres waits for a holder", async () => {
    const waiting = (await listHolders(ledger)).filter((holder) => holder.waiting_for_client);
    return waiting.length > 0 ? waiting : null;
  });
}

const LETTER_B = 66;

/**
 * A connection that can stop where a stopped process may: Postgres has parsed the statement, and
 * waits for the message Bind, which has the parameters.
 */
function freezing(config: DatabaseConfig) {
  const socket = new net.Socket();
  let frozen = false;
  const sql = postgres({
    database: config.database,
    user: config.user,
    password: () => config.password ?? "",
    ssl: false,
    max: 1,
    prepare: false,
    fetch_types: false,
    backoff: false,
    // Missing in its types.
    socket: async () => {
      const connected = new Promise((resolve) => socket.once("connect", resolve));
      if (config.host.startsWith("/")) socket.connect(`${config.host}/.s.PGSQL.${config.port}`);
      else socket.connect(config.port, config.host);
      await connected;
      // Deno sets its own when it connects.
      const write = socket.write.bind(socket);
      socket.write = (data: unknown, ...rest: unknown[]) =>
        frozen && data instanceof Uint8Array && data[0] === LETTER_B
          ? true
          : Reflect.apply(write, socket, [data, ...rest]);
      return socket;
    },
  } as postgres.Options<Record<string, never>>);
  return { sql, freeze: () => frozen = true, cut: () => socket.destroy() };
}
