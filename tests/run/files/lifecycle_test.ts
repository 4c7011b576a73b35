/** Runs of several files that are interrupted, resumed, retried and compared with the table. */
import assert from "node:assert/strict";
import { chooseRows } from "../../../src/ledger/groups/chosen_errors.ts";
import { errorSummary } from "../../../src/report/error_summary.ts";
import { fileReports } from "../../../src/report/file_reports.ts";
import { chooseErrors } from "../../../src/run/request/choose_errors.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { writeFailedRows } from "../../../src/report/failed_rows_csv.ts";
import { rowReports } from "../../../src/report/row_reports.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { SourceError } from "../../../src/source/error.ts";
import { count, workshop } from "../importing.ts";
import { interrupt } from "../step_by_step.ts";
import { folderOf } from "./several_files.ts";

const TABLE = "create table people (id int primary key, name text)";
const YAML = "table: people\nkey: id\noptions:\n  batch_rows: 7\n";

const NOTHING = { groups: [], codes: [], columns: [] };

/** 30 files of 4 rows; the last row of each third one is wrong. */
function files(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: 30 }, (_, file) => {
      const rows = Array.from(
        { length: 4 },
        (_, row) =>
          file % 3 === 0 && row === 3 ? `x${file},wrong\n` : `${4 * file + row},"n, ${file}"\n`,
      );
      return [`f${file}.csv`, `id,name\n${rows.join("")}`];
    }),
  );
}

const WRONG = Array.from({ length: 10 }, (_, i) => `f${3 * i}.csv:5`);

for (const stepBytes of [1, 60, 100, 500]) {
  Deno.test(`a plan in steps of ${stepBytes} bytes is continued by others`, async () => {
    await using shop = await workshop(TABLE);
    await using folder = await folderOf(files());
    const { ledger } = shop;
    let run = await folder.create(shop, YAML);
    for (let times = 0; times < 4; times++) {
      run = await interrupt(shop, run, { loaded: 1, stepBytes });
      run = await reopenForResume(ledger, run.id, "tester", undefined);
    }
    run = await shop.drive(run);
    assert.equal(run.status, "completed_with_errors");
    assert.equal(run.total_rows, 120);
    assert.equal(await count(shop.session, "people"), 110);
    const { rows } = await rowReports(ledger, run, { status: "failed", after: 0, limit: 100 });
    const places = rows.map(({ file, line }) => `${file}:${line}`);
    assert.deepEqual(places, WRONG);
    const spans = await shop.session.query<{ rows: number }>(
      `select coalesce(lead(rows_before) over (order by number), 120) - rows_before as rows
       from ingest.run_files where run_id = $1 order by number`,
      [run.id],
    );
    assert.deepEqual(spans.map(({ rows }) => rows), Array.from({ length: 30 }, () => 4));
  });
}

Deno.test("a copy that was put back with another time is compared with the plan", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf(files());
  const { ledger } = shop;
  const begun = await interrupt(shop, await folder.create(shop, YAML), { loaded: 2 });
  const { path } = begun.source;
  const bytes = await Deno.readFile(path);
  await Deno.utime(path, 1, 1);
  const run = await reopenForResume(ledger, begun.id, "tester", undefined);
  const again = await interrupt(shop, run, { loaded: 1 });
  // One digit of the last file's name.
  bytes[bytes.length - 4] ^= 1;
  await Deno.writeFile(path, bytes);
  await assert.rejects(
    reopenForResume(ledger, again.id, "tester", undefined),
    (error) => error instanceof SourceError && /its rows differ/u.test(error.message),
  );
});

Deno.test("the file of failed rows says which file each is in", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf(files());
  const run = await shop.drive(await folder.create(shop, YAML));
  let text = "";
  const rows = await writeFailedRows(shop.ledger, run, (part) => {
    text += part;
  });
  assert.equal(rows, 10);
  const lines = text.split("\r\n");
  assert.equal(lines[0], "_error_message,id,name,_file,_row_number,_run_id");
  assert.match(lines[2], /,x3,wrong,f3\.csv,16,1$/u);
});

Deno.test("errors, rows and retries can be those of one file", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf(files());
  const { ledger } = shop;
  const run = await shop.drive(await folder.create(shop, YAML));
  const choice = await chooseErrors(ledger, run, { ...NOTHING, files: ["f9.csv", "f3.csv"] });
  const { rows } = await rowReports(
    ...[ledger, run, { status: "failed", after: 0, limit: 100 }, choice] as const,
  );
  assert.deepEqual(rows.map(({ file, line }) => `${file}:${line}`), ["f3.csv:5", "f9.csv:5"]);
  assert.equal(choice?.words, "file f9.csv or f3.csv");
  const summary = await errorSummary(ledger, run, choice);
  assert.equal(summary.total_failed_rows, 2);
  const [group] = summary.validation_summary;
  assert.deepEqual([group.count, group.sample_rows], [2, [16, 40]]);
  assert.deepEqual((await chooseRows(ledger, run.id, choice!, { after: 16 })).list(), [40]);
  const { files: all, next } = await fileReports(ledger, run, { after: 2, limit: 2 });
  assert.deepEqual(all.map(({ name, rows, failed }) => [name, rows, failed]), [
    ["f2.csv", 4, 0],
    ["f3.csv", 4, 1],
  ]);
  assert.equal(next, 4);
});

Deno.test("a file that the run doesn't have is not taken for none", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf(files());
  const run = await shop.drive(await folder.create(shop, YAML));
  await assert.rejects(
    chooseErrors(shop.ledger, run, { ...NOTHING, files: ["f33.csv"] }),
    (error) =>
      error instanceof Refused && /has no file f33\.csv\. Did you mean f/u.test(error.message),
  );
  const one = await shop.drive(await folder.create(shop, YAML, ["f1.csv"]));
  await assert.rejects(
    chooseErrors(shop.ledger, one, { ...NOTHING, files: ["f1.csv"] }),
    /reads only one file/u,
  );
});
