import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { requestCancel, startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { settle } from "../../../src/ledger/runs/settle.ts";
import { createRetry } from "../../../src/run/request/retry/retry.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import {
  contents,
  logged,
  makeRetry,
  markTried,
  retry,
  tryRetry,
  unresolved,
} from "../retrying.ts";
import { interrupt, oneBatch } from "../step_by_step.ts";
import { failedRun, FILE, ITEMS, LOG_ALL, MEND, refused } from "./failing_rows.ts";

Deno.test("when two retry a run at the same time, one is told which run the other is", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await using other = await Session.open(shop.database.config);
  const both = await Promise.allSettled([
    tryRetry(shop, run.id),
    tryRetry(shop, run.id, { ledger: new Ledger(other, "ingest") }),
  ]);
  const [made] = both.filter((end) => end.status === "fulfilled");
  const [lost, ...more] = both.filter((end) => end.status === "rejected");
  assert.equal(more.length, 0);
  assert.ok(made.value.made);
  refused(/^Cannot retry run 1: run 2 is already retrying run 1\. .*ingest cancel 2$/)(
    lost.reason,
  );
  await assert.rejects(tryRetry(shop, 2), refused(/^Cannot retry run 2: it is pending\. /));
  // A dry run would see rows come and go.
  await assert.rejects(tryRetry(shop, run.id, { dryRun: true }), Refused);
});

Deno.test("a retry creates nothing if another one fixes the rows before it begins", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const late = await createRetry(shop.ledger, {
    run,
    chooseDefinition: async () => {
      await retry(shop, run.id);
      return { definition: run.definition };
    },
    user: "tester",
    dryRun: false,
    file: null,
    spoolFolder: `${shop.file}.spool`,
  });
  assert.ok(!late.made);
  assert.match(late.because, /^Nothing is left to retry/);
  assert.equal(await count(shop.session, "ingest.runs"), 2);
});

Deno.test("the database itself refuses a second active retry", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await makeRetry(shop, run.id);
  await assert.rejects(
    shop.session.execute(
      `insert into ingest.runs (parent_id, importer, definition, source)
       select parent_id, importer, definition, source from ingest.runs where id = 2`,
    ),
    /runs_one_active_retry/,
  );
});

Deno.test("rows that a cancelled retry left are taken by the next, and never loaded twice", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const first = await interrupt(shop, await makeRetry(shop, run.id), { loaded: 1 });
  assert.equal(await unresolved(shop, run.id), 2);
  const second = await makeRetry(shop, run.id);
  const resuming = reopenForResume(shop.ledger, first.id, "tester", undefined);
  await assert.rejects(
    resuming,
    refused(/^Cannot resume run 2: run 3 is already retrying run 1/),
  );
  await shop.drive(second);
  assert.deepEqual(await logged(shop, second.id), ["5/7 created", "7/9 created"]);
  await assert.rejects(
    reopenForResume(shop.ledger, first.id, "tester", undefined),
    refused(/^Cannot resume run 2: run 3 has taken or fixed some .*ingest retry 1$/),
  );
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

Deno.test("a cancelled retry whose rows no other has taken can be resumed", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const first = await interrupt(shop, await makeRetry(shop, run.id), { loaded: 1 });
  await Deno.remove(shop.file);
  const resumed = await reopenForResume(shop.ledger, first.id, "tester", undefined);
  assert.equal((await shop.drive(resumed)).status, "completed");
  assert.equal(await unresolved(shop, run.id), 0);
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

Deno.test("a retry resumed after its original leaves the original's new failures alone", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger, session } = shop;
  const run = await shop.create(LOG_ALL, FILE);
  await startRun(ledger, run.id);
  await planRun(ledger, await prepareRun(session, run, "ingest"));
  const setAside = (attempts: number) =>
    session.execute("update ingest.batches set attempts = $1 where number = 2", [attempts]);
  await setAside(1);
  for (let i = 0; i < 3; i++) await oneBatch(shop, run);
  await setAside(0);
  await requestCancel(ledger, run.id, "tester");
  await settle(ledger, run.id, { rows: 2, bytes: 1000 });
  const first = await interrupt(shop, await makeRetry(shop, run.id), { loaded: 0 });
  await shop.drive(await reopenForResume(ledger, run.id, "tester", undefined));
  assert.equal(await unresolved(shop, run.id), 4);
  await session.execute(MEND);
  await shop.drive(await reopenForResume(ledger, first.id, "tester", undefined));
  assert.deepEqual(await logged(shop, first.id), ["2/4 created", "5/7 created", "7/9 created"]);
  assert.deepEqual(await logged(shop, (await retry(shop, run.id)).id), ["4/6 created"]);
});

for (
  const [what, happen] of [
    ["tried", ({ ledger }: Workshop) => markTried(ledger, 1, 99, [4], false)],
    ["fixed", ({ ledger }: Workshop) => markTried(ledger, 1, 99, [4])],
    [
      "deleted",
      ({ session }: Workshop) =>
        session.execute("delete from ingest.rows where run_id = 1 and row_number = 4"),
    ],
  ] as const
) {
  Deno.test(`a row that was ${what} behind a retry's back is not loaded, and the retry says so`, async () => {
    await using shop = await workshop(ITEMS);
    const run = await failedRun(shop);
    await shop.session.execute(MEND);
    const planned = await makeRetry(shop, run.id);
    await startRun(shop.ledger, planned.id);
    const program = await prepareRun(shop.session, planned, "ingest");
    await planRun(shop.ledger, program);
    await happen(shop);
    const ended = await shop.drive(planned, 1);
    assert.equal(ended.status, "failed");
    assert.equal(ended.error?.code, "rows_taken");
    assert.match(ended.error.message, /^Only \d of \d rows .* can still be retried/);
    assert.ok(!(await contents(shop)).includes("4=bad4"));
  });
}

Deno.test("rows that another retry marks while a batch loads them are not loaded", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const made = await makeRetry(shop, run.id);
  const { config } = shop.database;
  await using other = await Session.open(config);
  // Not yet committed when the batch reads its rows.
  await other.query("begin");
  await markTried(new Ledger(other, "ingest"), run.id, made.id + 1, [4]);
  const driven = shop.drive(made, 1);
  await waitsForAnother(shop);
  await other.query("commit");
  const ended = await driven;
  assert.equal(ended.status, "failed");
  assert.equal(ended.error?.code, "rows_taken");
  assert.equal(await count(shop.session, "items where v like 'bad%'"), 0);
});

/** Waits until a session waits for a lock that another's transaction holds. */
async function waitsForAnother({ session }: Workshop): Promise<void> {
  while (
    await count(session, "pg_locks where locktype = 'advisory' and not granted") === 0
  );
}

Deno.test("a stalled retry gives way to a new one", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop);
  await shop.session.execute(MEND);
  const dead = await makeRetry(shop, run.id);
  await startRun(shop.ledger, dead.id);
  await oneStep(shop, dead);
  await oneBatch(shop, dead);
  // On a busy machine, what happened just now may be long ago.
  await shop.session.query(
    `update ingest.runs set started_at = now() + interval '1 hour' where id = ${dead.id}`,
  );
  await assert.rejects(tryRetry(shop, run.id), Refused);
  await shop.session.query(
    `update ingest.runs set created_at = now() - interval '10 seconds',
       started_at = now() - interval '10 seconds' where id = ${dead.id};
     update ingest.batches set claimed_at = now() - interval '10 seconds',
       completed_at = now() - interval '10 seconds'
     where run_id = ${dead.id} and status = 'completed'`,
  );
  const next = await tryRetry(shop, run.id);
  assert.ok(next.made);
  assert.match(
    next.notes.join(),
    /^Cancelled run 2: it was retrying run 1, but no process worked on it\.$/,
  );
  assert.equal((await requireRun(shop.ledger, dead.id)).status, "cancelled");
  await shop.drive(next.run);
  assert.deepEqual(await logged(shop, next.run.id), ["5/7 created", "7/9 created"]);
  assert.deepEqual((await contents(shop)).map((row) => row[0]), [..."1234567"]);
});

async function oneStep({ ledger, session }: Workshop, run: Run): Promise<void> {
  const program = await prepareRun(session, run, "ingest");
  await planRun(ledger, program, { stepTime: 0, isStopping: () => true });
}

Deno.test("a retry doesn't start while its original is active, nor the other way round", async () => {
  await using shop = await workshop(ITEMS);
  const run = await shop.create(LOG_ALL, FILE);
  await assert.rejects(tryRetry(shop, run.id), refused(/^Cannot retry run 1: it is pending\. /));
  await startRun(shop.ledger, run.id);
  await shop.session.execute(
    "update ingest.runs set definition = jsonb_set(definition::jsonb, '{options,max_errors}', '{\"rows\": 0}')",
  );
  assert.equal((await shop.drive(run, 1)).status, "failed");
  const made = await makeRetry(shop, run.id);
  await assert.rejects(
    reopenForResume(shop.ledger, run.id, "tester", null),
    refused(/^Cannot resume run 1: run 2 is already retrying run 1/),
  );
  await requestCancel(shop.ledger, made.id, null);
  await settle(shop.ledger, made.id, { rows: 1, bytes: 1 });
  const resumed = await reopenForResume(shop.ledger, run.id, "tester", null);
  assert.equal(resumed.status, "processing");
  await assert.rejects(
    tryRetry(shop, made.id),
    refused(/^Cannot retry run 2: the original run 1 is/),
  );
});
