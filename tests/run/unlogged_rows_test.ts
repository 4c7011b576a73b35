/** `max_failed_rows_logged`: failed rows beyond it are counted and grouped, and nothing hides that. */
import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { sumErrors } from "../../src/report/error_summary.ts";
import { listReport, runReport } from "../../src/report/run_report.ts";
import { memoryOutput } from "../cli/memory_output.ts";
import { Refused } from "../../src/run/request/refuse/refused.ts";
import { retry } from "./chains.ts";
import { count, type Workshop, workshop } from "./importing.ts";
import { retry as retryAll } from "./retrying.ts";

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

const KINDS = "create table kinds (id int primary key, n int)";
const BY_KIND = `
table: kinds
key: [id]
columns: { id: id, n: { from: n, type: integer, max: 100 } }
options: { batch_rows: 10, max_failed_rows_logged: 13 }
`;
const MENDED = BY_KIND.replace("max: 100", "max: 1000").replace("13 }", "1000 }");

/**
 * Rows 1 to 10 are too large, of rows 11 to 20 each second one is no number, and all of rows 21 to 40
 * are one or the other. The log has room for the first 13.
 */
async function byKind(shop: Workshop) {
  const value = (row: number) =>
    row <= 10 ? 500 : row <= 20 ? (row % 2 ? "x" : 1) : row % 4 ? "y" : 500;
  const file = ["id,n", ...Array.from({ length: 40 }, (_, i) => `${i + 1},${value(i + 1)}`), ""];
  return await shop.drive(await shop.create(BY_KIND, file.join("\n")), 1);
}

Deno.test("whoever names errors is told how many of their rows are not kept", async () => {
  await using shop = await workshop(KINDS);
  const { id } = await byKind(shop);
  const [{ logged }] = await shop.session.query<{ logged: number }>(
    "select max(row_number) as logged from ingest.rows",
  );
  assert.equal(logged, 15);
  const errors = await say(shop, `errors ${id} --code max`);
  assert.match(errors.out, /^Only code max: 15 of 35 failed rows, of which 5 are not kept\.$/m);
  const rows = await say(shop, `rows ${id} --code max`);
  assert.match(rows.err, /^Only 10 of 15 failed rows that have code max are kept/m);
  const exported = await say(shop, `errors ${id} --code max --export -`);
  assert.match(exported.err, /^Writes 10 of 35 failed rows: code max\.$/m);
  assert.match(exported.err, /^Wrote 10 rows, without 5 that are not kept \(\S+\)\.$/m);
  assert.equal(
    await retryBy(shop, id, "max"),
    `Cannot retry run ${id}: only 10 of its 15 failed rows that have code max are kept ` +
      "(options.max_failed_rows_logged). Import the file again, or retry only those that are " +
      `kept: ingest errors ${id} --code max --export failed.csv, then ingest retry ${id} --file ` +
      "failed.csv",
  );
});

Deno.test("rows that are all kept are retried, even if the run has others", async () => {
  await using shop = await workshop(KINDS);
  const { id } = await byKind(shop);
  // Those beyond the limit are given up: what is left was kept.
  const waived = await say(shop, `waive ${id} --rows 17,19,21-40 --reason test`);
  assert.match(
    waived.out + waived.err,
    /22 of them are not kept \(options\.max_failed_rows_logged\)/,
  );
  assert.equal(await retryBy(shop, id, "max"), 10);
  assert.equal(await count(shop.session, "kinds"), 15);
  // The unnamed rest is kept as well, and is no longer refused.
  const rest = await retryAll(shop, id);
  const { failed, processed } = (await runReport(shop.ledger, rest.id, { rows: 0 })).progress;
  assert.deepEqual([failed, processed], [3, 3]);
  const { unresolved, waived: given, unlogged } =
    (await runReport(shop.ledger, id, { rows: 0 })).progress;
  assert.deepEqual([unresolved, given, unlogged], [3, 22, 22]);
});

Deno.test("of rows that are all beyond the limit none can be exported or retried", async () => {
  await using shop = await workshop(KINDS);
  const file = ["id,n", ...Array.from({ length: 30 }, (_, i) => `${i},${i < 20 ? 500 : "x"}`), ""];
  const { id } = await shop.drive(await shop.create(BY_KIND, file.join("\n")), 1);
  assert.deepEqual(
    await retryBy(shop, id, "type"),
    `Cannot retry run ${id}: none of its 10 failed rows that have code type is kept ` +
      "(options.max_failed_rows_logged). Import the file again.",
  );
  const exported = await say(shop, `errors ${id} --code type --export -`);
  assert.equal(
    exported.err.trim(),
    `10 of 10 such rows of run ${id} are not kept (options.max_failed_rows_logged): nothing to ` +
      "export. Import the file again.",
  );
  const rows = await say(shop, `rows ${id} --code type`);
  assert.match(rows.err, /^Only 0 of 10 failed rows that have code type are kept/m);
  assert.match(rows.err, /^No rows match\.$/m);
});

/** How many rows the retry has loaded, or why there is none. */
async function retryBy(shop: Workshop, id: number, code: string): Promise<number | string> {
  const only = { groups: [], codes: [code], columns: [] };
  try {
    const made = await retryAll(shop, id, { definition: MENDED, only });
    return (await runReport(shop.ledger, made.id, { rows: 0 })).progress.created;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}
