/** How far a run that is loaded as a whole is, before anything of it is committed. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { listRuns } from "../../../src/ledger/runs/list_runs.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { readHealth, readProgress } from "../../../src/ledger/runs/progress.ts";
import type { Batch } from "../../../src/ledger/batches/batches.ts";
import {
  beginTry,
  type Claim,
  currentTransaction,
  noteProgress,
  type Uncommitted,
} from "../../../src/ledger/runs/uncommitted.ts";
import { until } from "../../support/until.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { claimBatch } from "../../../src/ledger/batches/claim_batch.ts";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";

const WHOLE = "table: t\nkey: id\noptions: {transaction: run, batch_rows: 20}\n";
const FILE = `id,v\n${Array.from({ length: 200 }, (_, i) => `${i},${i}`).join("\n")}\n`;

/** The rows 150 and more wait for whoever holds the gate. */
const TABLE = `create table t (id int primary key, v int check (v <> 30 and v <> 77));
  create function gate() returns trigger language plpgsql as $$
  begin if new.id >= 150 then perform pg_advisory_xact_lock_shared(4242); end if; return new; end $$;
  create trigger gate before insert on t for each row execute function gate();`;

const FREE = TABLE.replace(" check (v <> 30 and v <> 77)", "");

/** Does `work` while the transaction that loads run 1 waits at row 150. */
async function atTheGate(shop: Workshop, work: () => Promise<void>): Promise<void> {
  await using gatekeeper = await Session.open(shop.database.config);
  await gatekeeper.query("select pg_advisory_lock(4242)");
  const driven = shop.drive(await shop.create(WHOLE, FILE));
  await until(
    shop.session,
    "exists (select from ingest.run_uncommitted where processed = 140)",
  );
  await work();
  await gatekeeper.query("select pg_advisory_unlock(4242)");
  await driven;
}

Deno.test("rows that are loaded and not yet committed are told, apart from those that are", async () => {
  await using shop = await workshop(FREE);
  await atTheGate(shop, async () => {
    for (const read of [readProgress, readHealth]) {
      const { processed, created, total, uncommitted } = await read(shop.ledger, 1);
      assert.deepEqual({ processed, created, total }, { processed: 0, created: 0, total: 200 });
      const { rows_per_second: rate, ...counts } = uncommitted!;
      assert.ok(rate! > 0);
      assert.deepEqual(counts, {
        ...{ doing: "loading all rows", processed: 140, created: 140 },
        ...{ updated: 0, skipped: 0, failed: 0, failures: [] },
      });
    }
    const [{ progress }] = await listRuns(shop.ledger, { status: null, importer: null, limit: 9 });
    assert.equal(progress.uncommitted?.processed, 140);
  });
  const { processed, uncommitted } = await readProgress(shop.ledger, 1);
  assert.deepEqual({ processed, uncommitted }, { processed: 200, uncommitted: null });
});

Deno.test("that rows fail, how many and why, is known while the others are still looked for", async () => {
  await using shop = await workshop(TABLE);
  await atTheGate(shop, async () => {
    const { failed, uncommitted } = await readProgress(shop.ledger, 1);
    assert.equal(failed, 0);
    assert.equal(uncommitted?.doing, "looking for all failed rows");
    assert.equal(uncommitted.failed, 2);
    assert.deepEqual(uncommitted.failures.map(({ message, rows }) => ({ message, rows })), [
      { message: "The t table refuses this row: t_v_check.", rows: 2 },
    ]);
  });
  const { failed, uncommitted } = await readProgress(shop.ledger, 1);
  assert.deepEqual({ failed, uncommitted }, { failed: 2, uncommitted: null });
});

Deno.test("what was told of a transaction that is gone is forgotten, and begins anew with the next", async () => {
  // Nobody begins while somebody is at the door.
  await using shop = await workshop(`${FREE}
    create function door() returns trigger language plpgsql as $$ begin
      perform pg_advisory_lock_shared(4343); perform pg_advisory_unlock_shared(4343);
      return null; end $$;
    create trigger door before insert on t for each statement execute function door();`);
  await using doorkeeper = await Session.open(shop.database.config);
  await atTheGate(shop, async () => {
    await doorkeeper.query("select pg_advisory_lock(4343)");
    await shop.session.query(
      `select pg_terminate_backend(pid) from pg_locks where objid = 4242 and not granted`,
    );
    const FORGOTTEN = "not exists (select from ingest.run_uncommitted where processed > 0)";
    await until(shop.session, FORGOTTEN);
    assert.equal((await readProgress(shop.ledger, 1)).uncommitted?.processed ?? 0, 0);
    await doorkeeper.query("select pg_advisory_unlock(4343)");
    await until(
      shop.session,
      "exists (select from ingest.run_uncommitted where processed = 140)",
    );
  });
  const { created, uncommitted } = await readProgress(shop.ledger, 1);
  assert.deepEqual({ created, uncommitted }, { created: 200, uncommitted: null });
});

/** The first batch of run 1, as a worker has it that is about to load all of them. */
async function claimed(shop: Workshop) {
  const { ledger, session } = shop;
  const run = await shop.create(WHOLE, FILE);
  await startRun(ledger, run.id);
  await planRun(ledger, await prepareRun(session, run, "ingest"), {});
  const batch = await claimBatch(ledger, "fresh", "test", { run: run.id });
  assert.ok(batch !== null);
  return batch;
}

async function begun({ ledger }: Workshop, batch: Batch): Promise<Claim> {
  const claim = await beginTry(ledger, batch, "loading all rows");
  assert.ok(claim !== null);
  return claim;
}

const DONE = {
  ...{ created: 20, updated: 0, skipped: 0, failed: 0, rows_per_second: 9.5, failures: [] },
};

async function told({ ledger }: Workshop): Promise<Pick<Uncommitted, "processed"> | null> {
  return (await readProgress(ledger, 1)).uncommitted;
}

Deno.test("a frozen process that is taken over can't tell how far it was", async () => {
  await using shop = await workshop(FREE);
  const { ledger, database: { config } } = shop;
  const batch = await claimed(shop);
  await using frozen = await Session.open(config);
  await frozen.query("begin");
  const old = await begun(shop, batch);
  const xid = await currentTransaction(new Ledger(frozen, "ingest"));
  assert.equal(await told(shop), null);
  assert.deepEqual(await noteProgress(ledger, old, xid, DONE), { stopped: false });
  assert.equal((await told(shop))?.processed, 20);
  await ledger.query(
    "update ingest.batches set claimed_at = clock_timestamp(), attempts = attempts + 1 where id = $1",
    [batch.id],
  );
  assert.equal(await told(shop), null, "its claim is gone, though its transaction is open");
  assert.equal(await beginTry(ledger, batch, "loading all rows"), null);
  const events = "ingest.run_events where type = 'loading all rows'";
  assert.equal(await count(shop.session, events), 1, "nor does it say that it begins");
  await begun(shop, { ...batch, attempts: batch.attempts + 1 });
  await noteProgress(ledger, old, xid, { ...DONE, created: 40 });
  assert.equal(await told(shop), null);
});

Deno.test("a transaction that is rolled back has done nothing, and one of another cluster is unknown", async () => {
  await using shop = await workshop(FREE);
  const { ledger, database: { config } } = shop;
  const batch = await claimed(shop);
  await using loading = await Session.open(config);
  const claim = await begun(shop, batch);
  await loading.query("begin");
  await noteProgress(ledger, claim, await currentTransaction(new Ledger(loading, "ingest")), DONE);
  assert.equal((await told(shop))?.processed, 20);
  await loading.query("rollback");
  assert.equal(await told(shop), null);
  await noteProgress(ledger, claim, "18446744073709551000", DONE);
  assert.equal(await told(shop), null);
});
