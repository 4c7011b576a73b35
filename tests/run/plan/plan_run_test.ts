import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { requestCancel, startRun } from "../../../src/ledger/runs/run_states.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { type PlanOptions, planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { until } from "../../support/until.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { makeRetry } from "../retrying.ts";

const TABLE = "create table items (id int primary key, v int)";
const UPDATES = "table: items\nkey: id\non_duplicate: update\n";

function repeatedKeys(rows: number, keys: number): string {
  const lines = Array.from({ length: rows }, (_, i) => `${i % keys},${i % 10}`);
  return `id,v\n${lines.join("\n")}\n`;
}

async function plan(shop: Workshop, run: Run, options: PlanOptions) {
  await startRun(shop.ledger, run.id);
  return await planRun(shop.ledger, await prepareRun(shop.session, run, "ingest"), options);
}

Deno.test("a file that repeats the same keys is planned in steps of a limited number of deferred rows", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(UPDATES, repeatedKeys(250_000, 1));
  let steps = 0;
  assert.equal(await plan(shop, run, { onStep: () => steps++ }), "planned");
  assert.ok(steps >= 3, `${steps} steps`);
  assert.equal(await count(shop.session, "ingest.deferred"), 249_999);
});

Deno.test("workers get the first batches long before all are planned", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(UPDATES, repeatedKeys(1_200_000, 1_200_000));
  const planned: number[] = [];
  assert.equal(await plan(shop, run, { onStep: (batches) => planned.push(batches) }), "planned");
  const all = await count(shop.session, "ingest.batches");
  assert.equal(planned.at(-1), all);
  assert.ok(planned[0] > 0 && planned[0] <= all / 2, `${planned[0]} of ${all}`);
});

Deno.test("a planner that continues another's plan finds the same batches and deferred rows", async () => {
  await using shop = await workshop(TABLE);
  const yaml = `${UPDATES}options: { batch_rows: 100 }\n`;
  const file = repeatedKeys(2000, 900);
  const whole = await shop.create(yaml, file);
  assert.equal(await plan(shop, whole, {}), "planned");
  const shared = await shop.create(yaml, file);
  // Each planner leaves after one step.
  const ends = new Set<string>();
  while (!ends.has("planned")) {
    ends.add(await plan(shop, shared, { stepBytes: 3000, isStopping: () => true }));
  }
  assert.ok(ends.has("stopped"));
  const planned = (id: number) =>
    shop.session.query(
      `select number, first_row, last_row, first_line, byte_start, byte_end, checksum, deferred,
         array(select row_number from ingest.deferred d where d.run_id = b.run_id
           and row_number between first_row and last_row order by 1) as waiting
       from ingest.batches b where run_id = $1 order by number`,
      [id],
    );
  assert.deepEqual(await planned(shared.id), await planned(whole.id));
});

Deno.test("a planner that freezes loses its lock soon, whatever the server's idle time-out is", async () => {
  await using shop = await workshop(TABLE);
  await shop.session.query(
    `create table seen (idle text);
     create function see() returns trigger language plpgsql as $$
     begin insert into seen values (current_setting('idle_in_transaction_session_timeout'));
     return null; end $$;
     create trigger see after insert on ingest.batches for each statement execute function see()`,
  );
  const run = await shop.create(UPDATES, "id,v\n1,2\n");
  assert.equal(await plan(shop, run, {}), "planned");
  assert.deepEqual([...await shop.session.query("select idle from seen")], [{ idle: "30s" }]);
});

Deno.test("workers get the last batches before the planner searches for the rows that came first", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: items\n", repeatedKeys(100, 90));
  let rowsAtFirstStep: Promise<number> | null = null;
  const end = await plan(shop, run, {
    onStep: () => rowsAtFirstStep ??= plannedRows(shop, run),
    isStopping: () => true,
  });
  // One step was done: all batches are there, the search is not.
  assert.equal(end, "stopped");
  assert.equal(await rowsAtFirstStep, 100);
  assert.equal(await plan(shop, run, {}), "planned");
  const named = await shop.session.query<{ row_number: number; duplicate_of: number }>(
    "select row_number, duplicate_of from ingest.deferred order by row_number",
  );
  assert.deepEqual(
    named.map((row) => ({ ...row })),
    Array.from({ length: 10 }, (_, i) => ({ row_number: 91 + i, duplicate_of: 1 + i })),
  );
});

Deno.test("a run is cancelled at once while its planner searches for the rows that came first", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: items\n", repeatedKeys(100, 90));
  assert.equal(await plan(shop, run, { isStopping: () => true }), "stopped");
  await using other = await Session.open(shop.database.config);
  await using guard = await Session.open(shop.database.config);
  await guard.query("begin; lock table ingest.deferred in share mode");
  const planning = plan(shop, run, {});
  await until(
    other,
    "exists (select from pg_locks where not granted and relation = 'ingest.deferred'::regclass)",
  );
  await other.query("set lock_timeout = '5s'");
  assert.equal(await requestCancel(new Ledger(other, "ingest"), run.id, "ana"), true);
  await guard.query("commit");
  assert.equal(await planning, "stopped");
});

async function plannedRows(shop: Workshop, run: Run): Promise<number> {
  const [{ rows }] = await shop.session.query<{ rows: number }>(
    "select sum(row_count)::int + (select count(*)::int from ingest.deferred) as rows from ingest.batches where run_id = $1",
    [run.id],
  );
  return rows;
}

Deno.test("batches become smaller towards the end of a file, down to a limit", async () => {
  await using shop = await workshop("create table notes (id int, note text)");
  const note = "x".repeat(992);
  const lines = Array.from({ length: 20_000 }, (_, i) => `${10_000 + i},${note}\n`);
  const sizesWith = async (options: string) => {
    const run = await shop.create(`table: notes\n${options}`, `id,note\n${lines.join("")}`);
    assert.equal(await plan(shop, run, {}), "planned");
    const batches = await shop.session.query<{ size: number }>(
      `select byte_end - byte_start as size from ingest.batches where run_id = $1 order by number`,
      [run.id],
    );
    return batches.map(({ size }) => Math.round(size / 10_000) / 100);
  };
  // A quarter of what is left, from 16 MB on.
  assert.deepEqual(await sizesWith(""), [4, 4, 3, 2.25, 1.69, 1.5, 1.5, 1.5, 0.55]);
  assert.deepEqual(
    await sizesWith("options: { batch_bytes: 2MB }"),
    [2, 2, 2, 2, 2, 2, 1.99, 1.5, 1.5, 1.5, 1.48],
  );
});

Deno.test("so do those of a retry, whether its rows are read or only measured", async () => {
  await using shop = await workshop(TABLE);
  for (const key of ["", "key: id\n"]) {
    const lines = Array.from({ length: 100_000 }, (_, i) => `${i},none\n`);
    const failed = await shop.create(`table: items\n${key}`, `id,v\n${lines.join("")}`);
    await shop.drive(failed);
    const retry = await makeRetry(shop, failed.id);
    assert.equal(await plan(shop, retry, {}), "planned");
    const batches = await shop.session.query<{ rows: number }>(
      "select row_count as rows from ingest.batches where run_id = $1 order by number",
      [retry.id],
    );
    assert.deepEqual(
      batches.map(({ rows }) => rows),
      [25_000, 18_750, 15_000, 15_000, 15_000, 11_250],
    );
  }
});
