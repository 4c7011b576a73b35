import assert from "node:assert/strict";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { cutRows } from "../../../src/run/supply/log_reader.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { count, workshop } from "../importing.ts";
import { contents, makeRetry, retry } from "../retrying.ts";
import { oneBatch } from "../step_by_step.ts";
import { failedRun, ITEMS, MEND } from "./failing_rows.ts";

Deno.test("another planner continues where one has stopped, and knows the keys that it saw", async () => {
  await using shop = await workshop(
    "create table items (id int primary key, v text, constraint good check (v not like 'bad%'))",
  );
  const definition = "table: items\nkey: id\non_duplicate: update\noptions: { batch_rows: 2 }\n";
  const rows = Array.from({ length: 10 }, (_, i) => `${i % 5},bad${i}`);
  const run = await failedRun(shop, definition, `id,v\n9,x\n${rows.join("\n")}\n`);
  await shop.session.execute(MEND);
  const made = await makeRetry(shop, run.id);
  await startRun(shop.ledger, made.id);
  const program = await prepareRun(shop.session, made, "ingest");
  let steps = 0;
  const plan = (isStopping: () => boolean) =>
    planRun(shop.ledger, program, { stepTime: 0, isStopping });
  assert.equal(await plan(() => ++steps === 2), "stopped");
  // Two batches in the first step, one in the second.
  assert.equal((await requireRun(shop.ledger, made.id)).planned_rows, 6);
  await oneBatch(shop, made);
  assert.equal(await plan(() => false), "planned");
  assert.equal(await count(shop.session, `ingest.deferred where run_id = ${made.id}`), 5);
  assert.equal((await shop.drive(made)).status, "completed");
  assert.deepEqual(await contents(shop), ["0=bad5", "1=bad6", "2=bad7", "3=bad8", "4=bad9", "9=x"]);
});

Deno.test("rows that were tried before are looked up one by one, whatever the statistics say", async () => {
  await using shop = await workshop(ITEMS);
  const rows = 3000;
  await shop.session.execute(
    `alter table ingest.logged_rows set (autovacuum_enabled = off);
     alter table ingest.retried_ranges set (autovacuum_enabled = off)`,
  );
  const lines = Array.from({ length: rows }, (_, i) => `${i + 1},bad\n`).join("");
  const definition = "table: items\noptions: { batch_rows: 1000 }\n";
  const run = await failedRun(shop, definition, `id,v\n${lines}`);
  await retry(shop, run.id);
  await shop.session.execute(MEND);
  assert.equal((await retry(shop, run.id)).status, "completed");
  assert.equal(await count(shop.session, "items"), rows);
  const [{ read }] = await shop.session.query<{ read: number }>(
    `select (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'retried_ranges')
       + (select seq_tup_read from pg_stat_user_tables where relname = 'retried_ranges') as read`,
  );
  assert.ok(read < 20 * rows, `${read} lines were read for ${rows} rows`);
});

/** A run without a plan's keys is one of an older version: its failed rows are read for their keys. */
const FORGET_KEYS = "update ingest.runs set planned_keys = null where parent_id is null";

for (const [how, before] of [["measured", MEND], ["read", `${MEND}; ${FORGET_KEYS}`]] as const) {
  Deno.test(`a retry's batches are cut by rows and by bytes, and together have every row once, if they are ${how}`, async () => {
    await using shop = await workshop(ITEMS);
    const lengths = [1, 1, 1, 900, 1, 1, 30_000, 1, 30_000, 30_000, 1, 1, 1];
    const lines = lengths.map((length, i) => `${i + 1},bad${"x".repeat(length)}\n`);
    const limits = "{ log_rows: all, batch_rows: 4, batch_bytes: 1kb }";
    const definition = `table: items\nkey: id\noptions: ${limits}\n`;
    const run = await failedRun(shop, definition, `id,v\n${lines.join("")}`);
    await shop.session.query(before);
    const made = await makeRetry(shop, run.id);
    await startRun(shop.ledger, made.id);
    const program = await prepareRun(shop.session, made, "ingest");
    // Each step by another planner.
    const step = { stepTime: 0, isStopping: () => true };
    let end = "";
    while (end !== "planned") end = await planRun(shop.ledger, program, step);
    assert.equal((await shop.drive(made)).status, "completed");
    assert.equal(await count(shop.session, "items"), lengths.length);
    const batches = await shop.session.query<{ batch: string }>(
      `select format('%s-%s %s %s', first_row, last_row, first_line, byte_end - byte_start) as batch
       from ingest.batches where run_id = $1 order by number`,
      [made.id],
    );
    assert.deepEqual(batches.map(({ batch }) => batch), [
      "1-4 2 923",
      "5-6 6 12",
      "7-7 8 30005",
      "8-8 9 6",
      "9-9 10 30005",
      "10-10 11 30006",
      "11-13 12 21",
    ]);
    const { total_rows, planned_lines } = await requireRun(shop.ledger, made.id);
    assert.deepEqual([total_rows, planned_lines], [13, 14]);
  });
}

Deno.test("a piece of a retry's rows that are only measured is full, though its size was guessed", async () => {
  await using shop = await workshop(ITEMS);
  const limits = "{ log_rows: all, batch_rows: 1000, batch_bytes: 1kb }";
  const definition = `table: items\nkey: id\noptions: ${limits}\n`;
  const lines = Array.from({ length: 500 }, (_, i) => `${i + 1000},bad${"x".repeat(i % 5)}\n`);
  const run = await failedRun(shop, definition, `id,v\n${lines.join("")}`);
  await shop.session.execute(MEND);
  const made = await retry(shop, run.id);
  assert.equal(made.status, "completed");
  const batches = await shop.session.query<{ rows: number; bytes: number }>(
    `select row_count as rows, byte_end - byte_start as bytes
     from ingest.batches where run_id = $1 order by number`,
    [made.id],
  );
  assert.equal(batches.reduce((sum, { rows }) => sum + rows, 0), 500);
  for (const { bytes } of batches.slice(0, -1)) assert.ok(bytes <= 1024 && bytes > 900, `${bytes}`);
});

Deno.test("a retry's batch has as many rows as fit into its bytes, and at least one", () => {
  const rows = (...bytes: number[]) => {
    const ends = Int32Array.from(bytes, (_, i) => bytes.slice(0, i + 1).reduce((a, b) => a + b));
    return { count: bytes.length, starts: ends.map((end, i) => end - bytes[i]), ends };
  };
  assert.deepEqual(cutRows(rows(40, 40, 20, 1), 100), { count: 3, size: 100 });
  assert.deepEqual(cutRows(rows(500, 1), 100), { count: 1, size: 500 });
  assert.deepEqual(cutRows(rows(1, 500), 100), { count: 1, size: 1 });
  assert.deepEqual(cutRows(rows(1, 1), 100), { count: 2, size: 2 });
  assert.deepEqual(cutRows(rows(), 100), { count: 0, size: 0 });
});
