import assert from "node:assert/strict";
import { completeBatch, giveUpBatch } from "../../src/ledger/batches/batches.ts";
import { claimBatch, type ClaimedBatch } from "../../src/ledger/batches/claim_batch.ts";
import { beginBatch, holdBatch } from "../../src/ledger/batches/begin_batch.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { requestCancel, startRun } from "../../src/ledger/runs/run_states.ts";
import { findRun } from "../../src/ledger/runs/runs.ts";
import { settle } from "../../src/ledger/runs/settle.ts";
import { Session } from "../../src/db/session.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { processBatch } from "../../src/run/process/process_batch.ts";
import { Rehearsal } from "../../src/run/process/rehearsal.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { type RunProgram } from "../../src/run/program.ts";
import { count, type Workshop, workshop } from "../run/importing.ts";
import { PATIENCE, untilSeen } from "../support/until.ts";

const SIZE = { rows: 2, bytes: 1000 };
const TABLE = "create table items (id int primary key, name text)";

/** A planned run of two batches of two rows. */
async function plannedRun(shop: Workshop, options = "batch_rows: 2"): Promise<RunProgram> {
  const run = await shop.create(
    `table: items\noptions: { ${options} }\n`,
    "id,name\n1,a\n2,b\n3,c\n4,d\n",
  );
  await startRun(shop.ledger, run.id);
  const program = await prepareRun(shop.session, run, "ingest");
  assert.equal(await planRun(shop.ledger, program), "planned");
  return program;
}

async function another(shop: Workshop): Promise<Ledger & AsyncDisposable> {
  const session = await Session.open(shop.database.config);
  const close = { [Symbol.asyncDispose]: () => session.close() };
  return Object.assign(new Ledger(session, "ingest"), close);
}

/**
 * Sets a time of batches, and waits until a claim right after that finds none. On a busy machine, a claim
 * may come too late for it; that one is taken back.
 */
function untilRefused(
  { ledger }: Workshop,
  time: string,
  claim: () => Promise<ClaimedBatch | null>,
): Promise<boolean> {
  return untilSeen(ledger, "no batch is claimed", async () => {
    await ledger.query(`begin; update ingest.batches set ${time}`);
    const claimed = await claim();
    await ledger.query("rollback");
    return claimed === null;
  });
}

async function claim(ledger: Ledger, run: number): Promise<ClaimedBatch> {
  const batch = await claimBatch(ledger, "fresh", "worker", { run: run });
  assert.ok(batch);
  return batch;
}

Deno.test("a worker whose batch was claimed by another before it began leaves it without an error", async () => {
  await using shop = await workshop(TABLE);
  const { session, ledger } = shop;
  // The other looked just before the lock was taken, and claims just after, during the batch.
  await session.query(
    `create function claimed_by_another() returns trigger language plpgsql as $$
     begin update ingest.batches set attempts = attempts + 1 where number = 1; return null; end $$;
     create trigger claimed_by_another after insert on items
     for each statement execute function claimed_by_another()`,
  );
  const program = await plannedRun(shop);
  const batch = await claim(ledger, program.run.id);
  assert.deepEqual(await processBatch(ledger, program, batch, new Rehearsal()), {
    done: false,
    because: "taken",
  });
  assert.equal(await count(session, "items"), 0);
});

Deno.test("a worker that comes to its batch late doesn't wait for the one that has it now", async () => {
  await using shop = await workshop(TABLE);
  const { ledger } = shop;
  const { run } = await plannedRun(shop);
  const late = await claim(ledger, run.id);
  await ledger.query("update ingest.batches set claimed_at = now() - interval '1 minute'");
  await using other = await another(shop);
  const rescued = await claimBatch(other, "rescued", "other", { run: run.id });
  assert.equal(rescued?.id, late.id);
  assert.deepEqual(await beginBatch(other, rescued, null), { held: true });
  // So that the test ends if it waits.
  await ledger.query(`set lock_timeout = ${PATIENCE}`);
  assert.deepEqual(await beginBatch(ledger, late, null), { held: false, because: "taken" });
  const [worked] = await holdBatch(ledger, late, null, () => ledger.query("select 1 as done"));
  assert.deepEqual(worked, { done: 1 });
  await other.query("rollback");
});

Deno.test("a batch that can't begin leaves no transaction open", async () => {
  await using shop = await workshop(TABLE);
  const { ledger } = shop;
  const { run } = await plannedRun(shop);
  const batch = await claim(ledger, run.id);
  await using other = await another(shop);
  await other.query(
    `begin; select pg_advisory_xact_lock(${other.lockKey("run", String(run.id))})`,
  );
  await ledger.query("set lock_timeout = '1ms'");
  await assert.rejects(beginBatch(ledger, batch, null), { code: "55P03" });
  await other.query("rollback");
  assert.deepEqual(await beginBatch(ledger, batch, null), { held: true });
  await ledger.query("rollback");
});

Deno.test("a batch that waits for its run sees that it was cancelled, whatever the isolation level", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const { run } = await plannedRun(shop);
  const batch = await claim(ledger, run.id);
  await using canceller = await another(shop);
  await session.query("set default_transaction_isolation = 'repeatable read'");
  await canceller.query(
    `begin; select pg_advisory_xact_lock(${canceller.lockKey("run", String(run.id))})`,
  );
  const begun = beginBatch(ledger, batch, null);
  await using observer = await another(shop);
  for (;;) {
    const waiting = "pg_locks where locktype = 'advisory' and not granted";
    if (await count(observer.session, waiting) > 0) break;
  }
  await requestCancel(canceller, run.id, "tester");
  await canceller.query("commit");
  assert.deepEqual(await begun, { held: false, because: "run_stopped" });
});

Deno.test("giving up a batch fails its run in the same transaction", async () => {
  await using shop = await workshop(TABLE);
  const { ledger } = shop;
  const { run } = await plannedRun(shop);
  const batch = await claim(ledger, run.id);
  assert.ok(await giveUpBatch(ledger, batch));
  // Nobody else has to report it afterwards.
  assert.equal((await settle(ledger, run.id, SIZE)).do, "end");
  const ended = await findRun(ledger, run.id);
  assert.deepEqual([ended!.status, ended!.error!.code], ["failed", "batch_given_up"]);
  await assert.rejects(
    completeBatch(
      ledger,
      batch,
      { created: 2, updated: 0, skipped: 0, taken: 0, failed: 0, unlogged: 0, deferred: 0 },
    ),
  );
});

Deno.test("a run with too many errors fails, even if the worker that committed them died at once", async () => {
  await using shop = await workshop(TABLE);
  const { ledger } = shop;
  const { run } = await plannedRun(shop, "batch_rows: 2, max_errors: 1");
  for (let i = 0; i < 2; i++) {
    const batch = await claim(ledger, run.id);
    assert.deepEqual(await beginBatch(ledger, batch, null), { held: true });
    const counts = {
      created: 1,
      updated: 0,
      skipped: 0,
      taken: 0,
      failed: 1,
      unlogged: 0,
      deferred: 0,
    };
    await completeBatch(ledger, batch, counts);
    await ledger.query("commit");
  }
  assert.equal((await settle(ledger, run.id, SIZE)).do, "end");
  const ended = await findRun(ledger, run.id);
  assert.deepEqual([ended!.status, ended!.error!.code], ["failed", "max_errors"]);
  assert.match(ended!.error!.message, /^2 rows failed, more than the 1 /);
});

Deno.test("a dry run's next batch in order waits two seconds for the worker of the previous one", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const run = await shop.create(
    "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 2 }\n",
    "id,name\n1,a\n2,b\n1,c\n2,d\n1,e\n2,f\n",
    { dryRun: true },
  );
  await startRun(ledger, run.id);
  const program = await prepareRun(session, run, "ingest");
  assert.equal(await planRun(ledger, program), "planned");
  const rehearsal = new Rehearsal();
  const claimAs = (worker: string) => claimBatch(ledger, "fresh", worker, { run: run.id });
  const next = async (worker: string, settles: boolean) => {
    if (settles) assert.equal((await settle(ledger, run.id, SIZE)).do, "next_phase");
    const batch = await claimAs(worker);
    assert.ok(batch);
    assert.ok((await processBatch(ledger, program, batch, rehearsal)).done);
  };
  await next("first", false);
  await next("second", true);
  // The rows are loaded where the second one is.
  await untilRefused(
    shop,
    "completed_at = clock_timestamp() where phase = 2",
    () => claimAs("first"),
  );
  await session.query(
    "update ingest.batches set completed_at = clock_timestamp() - interval '2 seconds' where phase = 2",
  );
  await next("first", false);
  assert.equal((await settle(ledger, run.id, SIZE)).do, "end");
  await rehearsal.close();
  assert.equal(await count(session, "items"), 0);
});

Deno.test("a batch that is tried alone is left for seconds to a process that has only just claimed it", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const { run } = await plannedRun(shop, "batch_rows: 4");
  const ago = (time: string) => `claimed_at = clock_timestamp() - interval '${time}'`;
  const rescue = () => claimBatch(ledger, "rescued", "rescuer", { run: run.id });
  await claim(ledger, run.id);
  await session.query(`update ingest.batches set ${ago("1 second")}`);
  assert.equal((await rescue())?.lone_attempts, 1);
  // It has not come to the batch's lock yet.
  await untilRefused(shop, ago("1 second"), rescue);
  await session.query(`update ingest.batches set ${ago("1 minute")}`);
  assert.equal((await rescue())?.lone_attempts, 2);
});
