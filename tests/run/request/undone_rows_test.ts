/** The failed rows of a run that was taken back: nobody has to correct, retry or keep them. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { requestCancel } from "../../../src/ledger/runs/run_states.ts";
import { holdChain } from "../../../src/ledger/runs/retries.ts";
import { RowSet } from "../../../src/ledger/rows/row_set.ts";
import { createRun } from "../../../src/ledger/runs/create_run.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { waive } from "../../../src/ledger/rows/waived_rows.ts";
import { settleIdle } from "../../../src/run/request/cancel.ts";
import { makeFailedView } from "../../../src/run/request/failed_view.ts";
import { listReport, runReport } from "../../../src/report/run_report.ts";
import { age } from "../chains.ts";
import { type Workshop, workshop } from "../importing.ts";
import { makeRetry } from "../retrying.ts";
import { makeUndo } from "../undo/undoing.ts";
import { NOTHING, pruned } from "./pruning.ts";

const ITEMS = "create table items (id int primary key, v text check (v not like 'bad%'))";
const DEFINITION = "table: items\n";

async function loaded(shop: Workshop, file: string): Promise<Run> {
  return await shop.drive(await shop.create(DEFINITION, `id,v\n${file}`));
}

const makeView = (shop: Workshop, run: Run) =>
  makeFailedView(shop.ledger, run, () => Promise.resolve({}));

async function viewed({ session }: Workshop): Promise<string[]> {
  const rows = await session.query<{ row: string }>(
    `select concat_ws(' ', run_id, row_number, v) as row from ingest.failed_test
     order by run_id, row_number`,
  );
  return rows.map(({ row }) => row);
}

function correct({ session }: { readonly session: Session }, row: number): Promise<number> {
  return session.execute(`update ingest.failed_test set v = 'good' where row_number = ${row}`);
}

async function cancel({ ledger }: Workshop, { id }: Run): Promise<void> {
  await requestCancel(ledger, id, "tester");
  await settleIdle(ledger, await requireRun(ledger, id));
  assert.equal((await requireRun(ledger, id)).status, "cancelled");
}

Deno.test("a view that was made before an undo loses the run's rows when the undo begins", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n3,bad\n");
  await loaded(shop, "4,a\n5,bad\n");
  await makeView(shop, run);
  await correct(shop, 3);
  assert.deepEqual(await viewed(shop), ["1 2 bad", "1 3 good", "2 2 bad"]);
  await shop.drive(await makeUndo(shop, run, true));
  assert.deepEqual(await viewed(shop), ["1 2 bad", "1 3 good", "2 2 bad"]);
  const undo = await makeUndo(shop, run);
  assert.deepEqual(await viewed(shop), ["2 2 bad"]);
  assert.equal(await correct(shop, 3), 0);
  await shop.drive(undo);
  assert.deepEqual(await viewed(shop), ["2 2 bad"]);
});

Deno.test("an undo that is cancelled before it has done anything gives the view its rows back", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n");
  await makeView(shop, run);
  await correct(shop, 2);
  await cancel(shop, await makeUndo(shop, run));
  assert.deepEqual(await viewed(shop), ["1 2 good"]);
  await shop.drive(await makeRetry(shop, run.id));
  assert.deepEqual(await viewed(shop), []);
});

Deno.test("an undo that is cancelled in the middle leaves nothing to correct, and says how to go on", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n");
  await makeView(shop, run);
  const undo = await makeUndo(shop, run);
  // The first of several batches.
  await shop.session.query(
    `insert into ingest.batches (run_id, number, first_row, last_row, first_line, row_count,
       byte_start, byte_end, status, deleted, completed_at)
     values (${undo.id}, 1, 1, 1, 1, 1, 0, 1, 'completed', 1, now())`,
  );
  await cancel(shop, undo);
  assert.deepEqual(await viewed(shop), []);
  const rest =
    `: run ${undo.id} has taken a part of it back. To take back the rest: ingest resume ` +
    `${undo.id}`;
  await assert.rejects(makeView(shop, run), { message: `Cannot make a view of run 1${rest}` });
  await assert.rejects(makeRetry(shop, run.id), { message: `Cannot retry run 1${rest}` });
});

Deno.test("rows that only a retry has failed with are no longer shown either", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n");
  await makeView(shop, run);
  const retry = await shop.drive(await makeRetry(shop, run.id));
  assert.deepEqual(await viewed(shop), ["1 2 bad"]);
  await shop.drive(await makeUndo(shop, run));
  assert.deepEqual(await viewed(shop), []);
  await assert.rejects(makeView(shop, retry), /^Refused: Cannot make a view of run 2: run 3 has /);
});

/** What a correction of row 2 says that waits until `doing`, of somebody else, is committed. */
async function correctedBehind(shop: Workshop, run: Run, doing: () => Promise<unknown>) {
  await using other = await Session.open(shop.database.config);
  const waiting = await shop.ledger.transaction(async () => {
    await holdChain(shop.ledger, run.id);
    await doing();
    const said = correct({ session: other }, 2).then(String, (error: Error) => error.message);
    const { admin } = shop.database;
    for (;;) {
      const [{ waits }] = await admin.query<{ waits: boolean }>(
        "select exists (select from pg_locks where not granted) as waits",
      );
      if (waits) return { said };
    }
  });
  return await waiting.said;
}

Deno.test("a correction that waits while an undo is created is refused", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n");
  await makeView(shop, run);
  const { definition, source, settings } = run;
  const undo = () =>
    createRun(shop.ledger, {
      ...{ definition, source, settings, dryRun: false, undoes: run.id },
      ...{ originalFilename: "f.csv", spooledPath: null, checksum: null, fingerprint: null },
      ...{ user: null, table: null, retryOf: null },
    });
  assert.equal(
    await correctedBehind(shop, run, undo),
    "Cannot correct row 2 of run 1: run 2 takes back what run 1 did, so its failed rows are not " +
      "loaded any more. Import the file again.",
  );
});

Deno.test("a correction that waits while its row is waived is refused", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n");
  await makeView(shop, run);
  const about = { root: run.id, run: run.id, by: null, reason: "no", words: "row 2" };
  assert.equal(
    await correctedBehind(shop, run, () => waive(shop.ledger, about, RowSet.of([2]))),
    "Cannot correct row 2 of run 1: it is waived. Take that back first: ingest waive 1 --undo " +
      "--rows 2",
  );
});

Deno.test("a new view counts the rows of runs that were not taken back", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n");
  const next = await loaded(shop, "3,a\n4,bad\n");
  await shop.drive(await makeUndo(shop, run));
  const made = await makeView(shop, next);
  assert.deepEqual(made?.shown.map(({ id }) => id), [next.id]);
  assert.deepEqual(await viewed(shop), ["2 2 bad"]);
});

Deno.test("a run that was taken back keeps its counts, and is pruned although rows have failed", async () => {
  await using shop = await workshop(ITEMS);
  const run = await loaded(shop, "1,a\n2,bad\n");
  const undo = await shop.drive(await makeUndo(shop, run));
  const report = await runReport(shop.ledger, run.id, { rows: 0 });
  assert.equal(report.progress.unresolved, 1);
  assert.equal(report.undo?.run_id, undo.id);
  const all = { status: null, importer: null, limit: 10 };
  const listed = await listReport(shop.ledger, all);
  assert.deepEqual(listed.at(-1), report);
  await age(shop, 60, run, undo);
  assert.deepEqual(await pruned(shop), { ...NOTHING, runs: 1, rows: 1 });
  assert.deepEqual(await listReport(new Ledger(shop.session, shop.ledger.schemaName), all), []);
});
