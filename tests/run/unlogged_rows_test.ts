/** `max_failed_rows_logged`: failed rows beyond it are counted and grouped, and nothing hides that. */
import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { sumErrors } from "../../src/report/error_summary.ts";
import { listReport, runReport } from "../../src/report/run_report.ts";
import { memoryOutput } from "../cli/memory_output.ts";
import { retry } from "./chains.ts";
import { count, type Workshop, workshop } from "./importing.ts";

const TABLE = "create table t (id int primary key)";

function yaml(most: number | null, more = ""): string {
  return `table: t\nkey: [id]\noptions: { batch_rows: 10, max_failed_rows_logged: ${most}${more} }`;
}

/** Every third row is good. */
function rows(n: number): string {
  return ["id", ...Array.from({ length: n }, (_, i) => i % 3 === 0 ? i : `x${i}`), ""].join("\n");
}

async function say(shop: Workshop, line: string) {
  const { output, stdout, stderr } = memoryOutput();
  const args = [...line.split(" "), "--database-url", shop.database.url];
  return { code: await runCommandLine(args, output), out: stdout.text, err: stderr.text };
}

Deno.test("with one worker exactly so many failed rows are logged, and all of them are counted", async () => {
  await using shop = await workshop(TABLE);
  for (const most of [0, 1, 7, 33, 199, 200, 5_000, null]) {
    await shop.session.execute("truncate t");
    const run = await shop.drive(await shop.create(yaml(most), rows(300)), 1);
    const kept = Math.min(200, most ?? 200);
    const [{ logged }] = await shop.session.query<{ logged: number }>(
      `select count(*) as logged from ingest.rows where run_id = ${run.id}`,
    );
    assert.equal(logged, kept, `at most ${most}`);
    const { progress } = await runReport(shop.ledger, run.id, { rows: 0 });
    const { failed, unlogged, unresolved, created } = progress;
    assert.deepEqual({ failed, unlogged, unresolved, created }, {
      ...{ failed: 200, unlogged: 200 - kept, unresolved: 200, created: 100 },
    });
    const [listed] = await listReport(shop.ledger, { status: null, importer: null, limit: 1 });
    assert.deepEqual(listed.progress, progress);
    const { totalFailedRows } = await sumErrors(shop.ledger, run);
    assert.equal(totalFailedRows, 200);
    const notes = run.warnings.filter((line) => line.startsWith("Not all failed rows are kept"));
    assert.deepEqual(
      notes,
      kept === 200 ? [] : [
        `Not all failed rows are kept: ${kept} of 200 (options.max_failed_rows_logged). The ` +
        "others are counted in the groups of errors, and a retry needs the file again.",
      ],
    );
  }
});

Deno.test("with several workers the log goes past the limit by what is in progress at most", async () => {
  await using shop = await workshop(TABLE);
  const [workers, batch] = [4, 10];
  const run = await shop.drive(await shop.create(yaml(50), rows(3_000)), workers);
  const logged = await count(shop.session, "ingest.rows");
  assert.ok(logged >= 50 && logged <= 50 + workers * batch, `${logged} rows`);
  const { failed, unlogged } = (await runReport(shop.ledger, run.id, { rows: 0 })).progress;
  assert.deepEqual([failed, unlogged], [2_000, 2_000 - logged]);
});

Deno.test("rows that the table refuses count like others, and good rows are logged all the same", async () => {
  await using shop = await workshop("create table t (id int primary key check (id % 2 = 0))");
  const file = ["id", ...Array.from({ length: 60 }, (_, i) => i), ""].join("\n");
  const run = await shop.drive(await shop.create(yaml(12, ", log_rows: all"), file), 1);
  const logged = await shop.session.query<{ status: string; n: number }>(
    "select status, count(*) as n from ingest.rows group by status order by status",
  );
  assert.deepEqual(logged.map(({ status, n }) => [status, n]), [["created", 30], ["failed", 12]]);
  assert.equal((await runReport(shop.ledger, run.id, { rows: 0 })).progress.unlogged, 18);
});

Deno.test("a retry of rows that are not all kept is refused, and says how to load them", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(yaml(7), rows(30)), 1);
  await assert.rejects(retry(shop, run), {
    name: "Refused",
    message: "Cannot retry run 1: only 7 of its 20 failed rows are kept " +
      "(options.max_failed_rows_logged). Import the file again, or retry only those that are " +
      "kept: ingest errors 1 --export failed.csv, then ingest retry 1 --file failed.csv",
  });
  const status = await say(shop, "status 1");
  assert.match(status.out, /^To load them, import the file again: not all of them are kept\.$/m);
  assert.ok(!status.out.includes("ingest retry"), status.out);
  assert.ok(!(await say(shop, "errors 1")).out.includes("try them again unchanged"));
  const shown = await say(shop, "rows 1 --status failed");
  assert.match(shown.err, /^Only 7 of 20 failed rows are kept/m);
  const file = `${shop.file}.failed.csv`;
  const exported = await say(shop, `errors 1 --export ${file}`);
  assert.match(exported.err, /^Wrote 7 rows .*, without 13 that are not kept \(/m);
  // What that message says works: those that are kept can be repaired.
  await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replaceAll(",x", ",10"));
  await say(shop, `retry 1 --file ${file} --original-definition -q`);
  const { progress } = await runReport(shop.ledger, run.id, { rows: 0 });
  assert.deepEqual([progress.unresolved, progress.unlogged], [13, 13]);
});
