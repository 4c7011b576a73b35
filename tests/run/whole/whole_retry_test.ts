/** A run of all rows or none that failed is retried with all of its rows, some of them corrected. */
import assert from "node:assert/strict";
import { readRunView } from "../../../src/cli/run_summary.ts";
import { readProgress } from "../../../src/ledger/runs/progress.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { makeFailedView } from "../../../src/run/request/failed_view.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { saveCorrections } from "../../../src/run/request/corrections/save.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { exported, makeRetry, retry, tryRetry } from "../retrying.ts";

const TABLE = "create table t (id int primary key, v int check (v <> 30), note text)";
const WHOLE = "table: t\nkey: id\noptions: {transaction: run, batch_rows: 20}\n";

/** Rows 7, 31 and 100 fail. */
function file(newline = "\n"): string {
  const rows = Array.from({ length: 100 }, (_, i) => `${i},${i},"n, ${i}"`);
  rows[6] = '6,six,"n, 6"';
  rows[99] = "x,99,last";
  return ["id,v,note", ...rows].join(newline);
}

async function failed(shop: Workshop, content = file(), definition = WHOLE) {
  const run = await shop.drive(await shop.create(definition, content));
  assert.equal(run.error?.code, "rows_failed");
  return run;
}

const FIXES = [["6,six,", "6,6,"], ["30,30,", "30,31,"], ["x,99,", "99,99,"]] as const;

/** The export of the failed rows, with these cells corrected. */
async function fixed(shop: Workshop, id: number, fixes: typeof FIXES | readonly [] = FIXES) {
  let text = await exported(shop, { id });
  for (const [from, to] of fixes) {
    assert.ok(text.includes(from), text);
    text = text.replace(from, to);
  }
  return text;
}

for (const [name, newline] of [["LF", "\n"], ["CRLF", "\r\n"]] as const) {
  Deno.test(`all rows are loaded, the failed ones as they were corrected (${name})`, async () => {
    await using shop = await workshop(TABLE);
    const run = await failed(shop, file(newline));
    const done = await retry(shop, run.id, { file: await fixed(shop, run.id) });
    assert.equal(done.status, "completed");
    assert.equal(done.whole, true);
    const { created, total } = await readProgress(shop.ledger, done.id);
    assert.deepEqual({ created, total }, { created: 100, total: 100 });
    assert.equal(await count(shop.session, "t"), 100);
    assert.equal(await count(shop.session, "t where id <> 30 and v = id"), 99);
    assert.equal(await count(shop.session, "t where note = 'n, ' || id"), 99);
    assert.match(done.warnings.join("\n"), /Loads all rows of run 1, 3 of them as .*fixed\.csv/u);
    // The file itself stays as it is.
    assert.equal(await Deno.readTextFile(shop.file), file(newline));
  });
}

Deno.test("rows that fail again keep all others out, have their numbers, and are corrected once more", async () => {
  await using shop = await workshop(TABLE);
  const run = await failed(shop);
  const some = [FIXES[0], ["30,30,", "30,thirty,"], FIXES[2]] as unknown as typeof FIXES;
  const again = await retry(shop, run.id, { file: await fixed(shop, run.id, some) });
  assert.equal(again.error?.code, "rows_failed");
  assert.equal(await count(shop.session, "t"), 0);
  const rows = await shop.session.query<{ row_number: number; line: number }>(
    "select row_number, line from ingest.rows where run_id = $1",
    [again.id],
  );
  assert.deepEqual(rows, [{ row_number: 31, line: 32 }]);
  const text = (await exported(shop, again)).replace("thirty", "31");
  const done = await retry(shop, again.id, { file: text });
  assert.equal(done.status, "completed");
  assert.deepEqual(done.source.completes, { run: again.id, first: run.id, rows: 100 });
  assert.equal(await count(shop.session, "t"), 100);
});

Deno.test("without a file, the rows are tried as they are, by what the definition says now", async () => {
  await using shop = await workshop("create table t (id int primary key, v int, note text)");
  const run = await failed(shop, file().replace("x,99", "99,99"));
  const definition =
    `${WHOLE}columns:\n  id: {}\n  v: { map: { six: "6" }, default: "1" }\n  note: {}\n`;
  assert.equal((await retry(shop, run.id, { definition })).status, "completed");
  assert.equal(await count(shop.session, "t"), 100);
  assert.equal(await count(shop.session, "t where id = 6 and v = 6"), 1);
});

Deno.test("cells that were corrected in ingest are loaded with all rows", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const run = await failed(shop);
  const corrections = [
    { row_number: 7, column: "v", value: "6" },
    { row_number: 31, column: "v", value: "31" },
  ];
  await saveCorrections(ledger, { run, corrections, overwrite: false, user: "ana" });
  // The last one in the view of failed rows.
  const view = await makeFailedView(ledger, run, () => Promise.resolve({}));
  await session.query(`update ${view!.view} set id = '99' where row_number = 100`);
  const done = await retry(shop, run.id);
  assert.equal(done.status, "completed", done.error?.message);
  assert.match(done.warnings.join("\n"), /all rows of run 1, 3 of them as they were corrected/u);
  assert.deepEqual(done.source.changed_cells?.map(({ column, cells }) => [column, cells]), [
    ["v", 2],
    ["id", 1],
  ]);
  assert.equal(await count(session, "t where id <> 30 and v = id"), 99);
  // They are loaded: nothing is left to correct.
  assert.equal(await count(session, view!.view), 0);
  await assert.rejects(
    saveCorrections(ledger, { run, corrections, overwrite: true, user: "ana" }),
    /Cannot correct rows of run 1: run 2 has loaded all of its rows/u,
  );
  assert.equal(await count(session, "ingest.corrections where run_id = 2"), 0);
});

Deno.test("a dry run says what would become of it, and leaves the way free", async () => {
  await using shop = await workshop(TABLE);
  const run = await failed(shop);
  const text = await fixed(shop, run.id);
  const tried = await retry(shop, run.id, { file: text, dryRun: true });
  assert.equal(tried.status, "completed");
  assert.equal(await count(shop.session, "t"), 0);
  assert.equal((await retry(shop, run.id, { file: text })).status, "completed");
});

Deno.test("what one run has loaded, no other run of the same file loads again", async () => {
  await using shop = await workshop("create table t (id int, v int, note text)");
  const content = file().replace("x,99", "99,99");
  const run = await failed(
    shop,
    content,
    "table: t\noptions: {transaction: run, batch_rows: 20}\n",
  );
  const text = await fixed(shop, run.id, [FIXES[0]] as unknown as typeof FIXES);
  const first = await makeRetry(shop, run.id, { file: text });
  const refused = (what: Promise<unknown>, why: RegExp) =>
    assert.rejects(what, (error) => error instanceof Refused && why.test(error.message));
  await refused(tryRetry(shop, run.id, { file: text }), /run 2 is loading all of its rows/u);
  await refused(reopenForResume(shop.ledger, run.id, null, undefined), /run 2 is loading/u);
  await shop.drive(first);
  assert.equal(await count(shop.session, "t"), 100);
  await refused(tryRetry(shop, run.id, { file: text }), /run 2 has loaded all of its rows/u);
  await refused(reopenForResume(shop.ledger, run.id, null, undefined), /run 2 has loaded/u);
  const { completed_by_run_id: by } = await runReport(shop.ledger, run.id, { rows: 0 });
  assert.equal(by, 2);
  // And on the command line.
  assert.equal((await readRunView(shop.ledger, run.id)).report.completed_by_run_id, 2);
});

Deno.test("a file that has changed or is gone is not retried", async () => {
  await using shop = await workshop(TABLE);
  const run = await failed(shop);
  const text = await fixed(shop, run.id);
  await Deno.writeTextFile(shop.file, file().replace("50,50,", "50,51,"));
  await assert.rejects(tryRetry(shop, run.id, { file: text }), /has changed since the run began/u);
  await Deno.remove(shop.file);
  await assert.rejects(
    tryRetry(shop, run.id, { file: text }),
    /is gone\. Correct the failed rows/u,
  );
  assert.equal(await count(shop.session, "ingest.runs"), 1);
});

Deno.test("no copy is left of a retry that is refused", async () => {
  await using shop = await workshop(TABLE);
  const run = await failed(shop);
  const [header, first, ...others] = (await fixed(shop, run.id)).split("\n");
  const twice = [header, first, first, ...others].join("\n");
  await assert.rejects(tryRetry(shop, run.id, { file: twice }), /row 7 is already on line 2/u);
  await assert.rejects(
    tryRetry(shop, run.id, { only: { groups: [], codes: ["check"], columns: [] } }),
    /with only some of its rows/u,
  );
  assert.equal(await count(shop.session, "ingest.runs"), 1);
  const left = await Array.fromAsync(Deno.readDir(`${shop.file}.spool`)).catch(() => []);
  assert.deepEqual(left, []);
  await requireRun(shop.ledger, run.id);
});

for (
  const [name, source, content] of [
    [
      "JSON",
      "source: {format: json}\n",
      '[{"id": 1, "v": 1},\n {"id": 2, "v": "x"},\n {"id": 3, "v": 3}]\n',
    ],
    [
      "NDJSON",
      "source: {format: ndjson}\n",
      '{"id": 1, "v": 1}\n{"id": 2, "v": "x"}\n{"id": 3, "v": 3}\n',
    ],
    ["UTF-16", "", `\ufeffid,v\n1,1\n2,x\n3,3\n`],
  ] as const
) {
  Deno.test(`rows of other files are corrected in their places, too: ${name}`, async () => {
    await using shop = await workshop("create table t (id int primary key, v int)");
    const bytes = name === "UTF-16"
      ? new Uint8Array(Uint16Array.from(content, (letter) => letter.charCodeAt(0)).buffer)
      : content;
    const run = await shop.drive(await shop.create(`${WHOLE}${source}`, bytes));
    assert.equal(run.error?.code, "rows_failed", run.error?.message);
    const text = (await exported(shop, run)).replace(/([2"]?),x/u, "$1,2");
    const done = await retry(shop, run.id, { file: text });
    assert.equal(done.status, "completed", done.error?.message);
    assert.equal(await count(shop.session, "t where v = id"), 3);
  });
}
