import assert from "node:assert/strict";
import { LAST_MIGRATION } from "../../src/db/migrations.ts";
import { claimBatch, listAbandonedRuns } from "../../src/ledger/batches/claim_batch.ts";
import { startRun } from "../../src/ledger/runs/run_states.ts";
import { findRun, listOpenRuns } from "../../src/ledger/runs/runs.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { mayHaveSource } from "../../src/run/work/scope.ts";
import { workshop } from "../run/importing.ts";

Deno.test("a run whose file is on another host is left to that host, unless a user asks for it", async () => {
  await using shop = await workshop("create table items (id int primary key, name text)");
  const { ledger, session } = shop;
  const created = await shop.create("table: items\n", "id,name\n1,a\n");
  assert.equal(created.source.host, Deno.hostname());
  assert.ok(mayHaveSource(created, null));
  await session.query(
    `update ingest.runs set source = jsonb_set(source, '{host}', '"elsewhere"')`,
  );
  const run = await findRun(ledger, created.id);
  assert.equal(mayHaveSource(run!, null), false);
  assert.ok(mayHaveSource(run!, run!.id));

  await startRun(ledger, created.id);
  assert.equal(await planRun(ledger, await prepareRun(session, created, "ingest")), "planned");
  const here = { host: Deno.hostname(), buckets: true };
  assert.equal(await claimBatch(ledger, "fresh", "worker", here), null);
  assert.ok(await claimBatch(ledger, "fresh", "worker", { host: "elsewhere", buckets: true }));
  await session.query("update ingest.batches set claimed_at = now() - interval '1 hour'");
  assert.deepEqual(await listAbandonedRuns(ledger, here), []);
  assert.equal(await claimBatch(ledger, "rescued", "worker", here), null);
  assert.ok(await claimBatch(ledger, "rescued", "worker", { run: created.id }));

  // A file in storage, which hosts share, can be loaded by any of them.
  await session.query(
    `update ingest.runs set source = jsonb_set(source, '{host}', 'null');
     update ingest.batches set claimed_at = now() - interval '1 hour'`,
  );
  assert.deepEqual(await listAbandonedRuns(ledger, here), [created.id]);
  assert.ok(await claimBatch(ledger, "rescued", "worker", here));
});

Deno.test("a run of a newer version is left to processes of that version", async () => {
  await using shop = await workshop("create table items (id int primary key, name text)");
  const { ledger, session } = shop;
  const created = await shop.create("table: items\n", "id,name\n1,a\n");
  await startRun(ledger, created.id);
  assert.equal(await planRun(ledger, await prepareRun(session, created, "ingest")), "planned");
  const madeBy = (migration: number) =>
    session.execute(`update ingest.runs set made_with = ${migration}`);
  const here = { host: Deno.hostname() };

  await madeBy(LAST_MIGRATION + 1);
  assert.deepEqual(await listOpenRuns(ledger, null), []);
  assert.equal(await claimBatch(ledger, "fresh", "worker", here), null);
  await madeBy(LAST_MIGRATION);
  assert.equal((await listOpenRuns(ledger, null)).length, 1);
  assert.ok(await claimBatch(ledger, "fresh", "worker", here));

  await session.execute("update ingest.batches set claimed_at = now() - interval '1 hour'");
  await madeBy(LAST_MIGRATION + 1);
  assert.deepEqual(await listAbandonedRuns(ledger, here), []);
  assert.equal(await claimBatch(ledger, "rescued", "worker", here), null);
  await madeBy(LAST_MIGRATION);
  assert.deepEqual(await listAbandonedRuns(ledger, here), [created.id]);
});

Deno.test("a run says with which version it was made", async () => {
  await using shop = await workshop("create table items (id int primary key, name text)");
  await shop.create("table: items\n", "id,name\n1,a\n");
  const [{ made_with }] = await shop.session.query<{ made_with: number }>(
    "select made_with from ingest.runs",
  );
  assert.equal(made_with, LAST_MIGRATION);
});
