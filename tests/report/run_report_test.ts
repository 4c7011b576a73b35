import assert from "node:assert/strict";
import { adHocDefinition } from "../../src/importer/ad_hoc.ts";
import type { Definition } from "../../src/importer/definition.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { RunProgress } from "../../src/ledger/runs/progress.ts";
import { requestCancel, startRun } from "../../src/ledger/runs/run_states.ts";
import { findRun, type Run } from "../../src/ledger/runs/runs.ts";
import type { RunStatus } from "../../src/ledger/runs/statuses.ts";
import { NoSuchRun } from "../../src/ledger/runs/runs.ts";
import { listReport, runReport, toRunReport } from "../../src/report/run_report.ts";
import { soFar } from "../../src/report/so_far.ts";
import { runReportSchema } from "../../src/report/report_schema.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { driveRun } from "../../src/run/work/drive.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";

async function ledgerOf(db: TestDatabase): Promise<Ledger> {
  await db.session.execute("create table public.people (name text primary key, age int)");
  return new Ledger(db.session, "ingest");
}

/** Six rows; the second and the fifth have no number. */
const FILE = "name,age\na,1\nb,x\nc,3\nd,4\ne,y\nf,6\n";

async function create(ledger: Ledger, options: Partial<Definition["options"]> = {}): Promise<Run> {
  const definition = adHocDefinition({ table: "public.people", key: ["name"] });
  const file = await Deno.makeTempFile({ suffix: ".csv" });
  await Deno.writeTextFile(file, FILE);
  const { run } = await createRunFor((work) => work(ledger), {
    definition: { ...definition, options: { ...definition.options, ...options } },
    file,
    user: "ana",
    spoolFolder: "/nonexistent",
    detach: false,
    dryRun: false,
  });
  return run;
}

async function finish(db: TestDatabase, run: Run): Promise<void> {
  await driveRun({ config: db.config, schemaName: "ingest", runId: run.id, workers: 1 });
  await Deno.remove(run.source.path);
}

Deno.test("a finished run is reported as the schema says, failed rows first", async () => {
  await using db = await migratedDatabase();
  const ledger = await ledgerOf(db);
  const run = await create(ledger, { log_rows: "all" });
  await finish(db, run);
  const report = runReportSchema.parse(await runReport(ledger, run.id, { rows: 4 }));
  assert.equal(report.status, "completed_with_errors");
  assert.equal(report.is_terminal, true);
  assert.equal(report.user_id, "ana");
  const { rows_per_second: rate, ...progress } = report.progress;
  // Six rows in a quarter of a minute are none in a second.
  assert.ok(rate !== null && rate >= 0);
  assert.deepEqual(progress, {
    total: 6,
    processed: 6,
    successful: 4,
    failed: 2,
    created: 4,
    updated: 0,
    skipped: 0,
    deleted: 0,
    untried: null,
    unresolved: 2,
    unlogged: 0,
    waived: 0,
    deferred: 0,
    percent: 100,
    eta_seconds: null,
  });
  assert.deepEqual(report.rows?.map((row) => [row.row_number, row.line, row.status]), [
    [2, 3, "failed"],
    [5, 6, "failed"],
    [1, 2, "created"],
    [3, 4, "created"],
  ]);
  assert.deepEqual(report.rows?.[0].errors?.validation, {
    age: ["The age field must be a whole number."],
  });
});

Deno.test("rows are left out if none are logged or requested, and cut at the limit", async () => {
  await using db = await migratedDatabase();
  const ledger = await ledgerOf(db);
  const silent = await create(ledger, { log_rows: "none" });
  await finish(db, silent);
  const logging = await create(ledger);
  await finish(db, logging);
  assert.equal((await runReport(ledger, silent.id, { rows: 100 })).rows, undefined);
  assert.equal((await runReport(ledger, logging.id, { rows: 0 })).rows, undefined);
  assert.equal((await runReport(ledger, logging.id, { rows: 1 })).rows?.length, 1);
  assert.equal((await runReport(ledger, logging.id, { rows: 100 })).rows?.length, 2);
});

Deno.test("runs are listed latest first, by status and importer", async () => {
  await using db = await migratedDatabase();
  const ledger = await ledgerOf(db);
  const first = await create(ledger);
  const second = await create(ledger);
  await requestCancel(ledger, second.id, "ana");
  const ids = async (status: RunStatus | null, importer: string | null, limit = 10) =>
    (await listReport(ledger, { status, importer, limit })).map((run) => run.id);
  assert.deepEqual(await ids(null, null), [second.id, first.id]);
  assert.deepEqual(await ids("pending", null), [first.id]);
  assert.deepEqual(await ids(null, "people", 1), [second.id]);
  assert.deepEqual(await ids(null, "other"), []);
  for (const run of await listReport(ledger, { status: null, importer: null, limit: 10 })) {
    runReportSchema.parse(run);
  }
  for (const run of [first, second]) await Deno.remove(run.source.path);
});

Deno.test("a run with work to do and no worker is stalled, after a while", async () => {
  await using db = await migratedDatabase();
  const ledger = await ledgerOf(db);
  const run = await create(ledger);
  await startRun(ledger, run.id);
  const isStalled = async (started: string) => {
    await db.session.execute(
      `update ingest.runs set created_at = ${started}, started_at = ${started}`,
    );
    return (await runReport(ledger, run.id, { rows: 0 })).stalled;
  };
  // It has just been started, however long this test takes.
  assert.equal(await isStalled("now() + interval '1 hour'"), false);
  assert.equal(await isStalled("now() - interval '1 min'"), true);
  await Deno.remove(run.source.path);
});

Deno.test("an unknown run throws NoSuchRun", async () => {
  await using db = await migratedDatabase();
  const ledger = await ledgerOf(db);
  await assert.rejects(runReport(ledger, 99, { rows: 0 }), NoSuchRun);
});

Deno.test("percent, the time left and the untried rows follow from the counts", async () => {
  await using db = await migratedDatabase();
  const ledger = await ledgerOf(db);
  const created = await create(ledger);
  await Deno.remove(created.source.path);
  const run = await findRun(ledger, created.id);
  assert.ok(run);
  const counts = {
    run_id: 1,
    created: 0,
    updated: 0,
    skipped: 0,
    deleted: 0,
    failed: 0,
    successful: 0,
    uncommitted: null,
  };
  const batches = { deferred: 0, open_batches: 1, batches: 2 };
  const cases: readonly (readonly [
    Pick<RunProgress, "status" | "total" | "processed" | "rows_per_second">,
    { percent: number | null; eta_seconds: number | null; untried: number | null },
    code?: string,
  ])[] = [
    [
      { status: "processing", total: 3000, processed: 1000, rows_per_second: 400.4 },
      { percent: 33.3, eta_seconds: 5, untried: null },
    ],
    [
      { status: "processing", total: 1_000_000, processed: 999_999, rows_per_second: 1000 },
      { percent: 99.9, eta_seconds: 0, untried: null },
    ],
    [
      { status: "processing", total: null, processed: 1000, rows_per_second: 400 },
      { percent: null, eta_seconds: null, untried: null },
    ],
    [
      { status: "processing", total: 10, processed: 0, rows_per_second: 0 },
      { percent: 0, eta_seconds: null, untried: null },
    ],
    [
      { status: "completed", total: 0, processed: 0, rows_per_second: null },
      { percent: 100, eta_seconds: null, untried: null },
    ],
    [
      { status: "cancelled", total: 10, processed: 4, rows_per_second: 8 },
      { percent: 40, eta_seconds: null, untried: 6 },
    ],
    [
      { status: "failed", total: null, processed: 4, rows_per_second: 8 },
      { percent: null, eta_seconds: null, untried: null },
    ],
    [
      { status: "failed", total: 10, processed: 4, rows_per_second: 8 },
      { percent: 40, eta_seconds: null, untried: 6 },
      "database",
    ],
    [
      { status: "failed", total: 10, processed: 4, rows_per_second: 8 },
      { percent: 40, eta_seconds: null, untried: 0 },
      "rows_failed",
    ],
    [
      { status: "held", total: 10, processed: 4, rows_per_second: 8 },
      { percent: 40, eta_seconds: null, untried: 0 },
    ],
  ];
  for (const [progress, expected, code] of cases) {
    const error = code === undefined ? null : { code, message: "It failed." };
    const report = toRunReport(
      { ...run, status: progress.status, error },
      { ...counts, ...batches, ...progress },
      { stalled: false, queued_behind: null },
    );
    const { percent, eta_seconds, untried } = report.progress;
    assert.deepEqual({ percent, eta_seconds, untried }, expected);
    // Of a run of all rows or none, only the failed ones are counted: they have no speed.
    const isTried = untried === 0;
    const rate = progress.rows_per_second;
    const shown = isTried || rate === null ? null : Math.round(rate);
    assert.equal(report.progress.rows_per_second, shown);
    const drawn = soFar(report.progress);
    assert.deepEqual(
      [drawn.processed, drawn.percent],
      isTried ? [progress.total, 100] : [progress.processed, percent],
    );
    runReportSchema.parse(report);
  }
});
