import assert from "node:assert/strict";
import { listReport, runReport } from "../../src/report/run_report.ts";
import { runReportSchema } from "../../src/report/report_schema.ts";
import { loaded, PEOPLE, retried } from "../run/chains.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { countStatements } from "../load/count_statements.ts";

const ALL = { status: null, importer: null, limit: 1000 };

Deno.test("runs are listed as each of them is reported, with what retries have left unresolved", async () => {
  await using shop = await workshop(PEOPLE);
  await chains(shop);
  const list = await listReport(shop.ledger, ALL);
  assert.deepEqual(
    list.map(({ id, progress: { failed, unresolved } }) => [id, failed, unresolved]),
    [
      // A run that is not being retried.
      [7, 1, 1],
      // What its root still has unresolved, however often it was tried.
      [6, 2, 2],
      [5, 0, 0],
      [4, 2, 2],
      // Of its two rows the later retry has fixed none, and an earlier one none of them either.
      [3, 3, 2],
      [2, 0, 0],
      [1, 4, 2],
    ],
  );
  for (const report of list) {
    const { changes, ...alone } = await runReport(shop.ledger, report.id, { rows: 0 });
    assert.deepEqual(report, alone);
    // What a try would change is only told with the run itself.
    assert.equal(changes !== undefined, report.dry_run && report.status !== "failed");
    runReportSchema.parse(report);
  }
});

Deno.test("a processing run is listed with its health", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.create("table: people", "id\n1\n");
  const old = "now() - interval '1 min'";
  await shop.session.execute(
    `update ingest.runs set status = 'processing', created_at = ${old}, started_at = ${old}`,
  );
  assert.equal((await listReport(shop.ledger, ALL))[0].stalled, true);
  await shop.session.execute(
    `begin; select pg_advisory_xact_lock(ingest.lock_key('plan', ${run.id}))`,
  );
  assert.equal((await listReport(shop.ledger, ALL))[0].stalled, false);
  await shop.session.execute("rollback");
});

Deno.test("any number of runs costs one statement", async () => {
  await using shop = await workshop(PEOPLE);
  await chains(shop);
  const counts = countStatements(shop.session);
  await listReport(shop.ledger, ALL);
  assert.deepEqual([...counts.values()], [1]);
});

/** Seven runs, of which 1, 2, 3, 4, 6 are one chain. */
async function chains(shop: Workshop): Promise<void> {
  const root = await loaded(shop, 2, 4);
  await retried(shop, { of: root, dryRun: true, fixed: [3, 4, 5, 6] });
  const first = await retried(shop, { of: root, fixed: [3], failed: [4, 5, 6] });
  const second = await retried(shop, { of: first, fixed: [4], failed: [5, 6] });
  await loaded(shop, 1, 0);
  await retried(shop, { of: second, dryRun: true, failed: [5, 6] });
  await loaded(shop, 1, 1);
}
