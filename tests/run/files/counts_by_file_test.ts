/** What came of the rows of each file, compared with what the log says of each row. */
import assert from "node:assert/strict";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { fileReports } from "../../../src/report/file_reports.ts";
import { rowReports } from "../../../src/report/row_reports.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { type Workshop, workshop } from "../importing.ts";
import { retry } from "../retrying.ts";
import { interrupt } from "../step_by_step.ts";
import { folderOf } from "./several_files.ts";

const TABLE = `create table nodes (
  id int primary key, parent int references nodes, name text not null constraint good check (name <> 'bad'));
  insert into nodes select i, null, 'old' from generate_series(1, 300, 7) i;
  create function refuse_some() returns trigger language plpgsql as
    $$ begin if new.name = 'taken' then return null; end if; return new; end $$;
  create trigger refuse_some before insert on nodes for each row execute function refuse_some();`;

const YAML = (batchRows: number) =>
  "table: nodes\nkey: id\non_duplicate: update\n" +
  `options: { log_rows: all, batch_rows: ${batchRows} }\n`;

/**
 * 12 files of 0 to 40 rows: some ids are in the table, some come again in later files, some rows are
 * taken by a trigger, some are refused, and the parents of some come later.
 */
function files(): Readonly<Record<string, string>> {
  const sizes = [3, 0, 40, 1, 1, 17, 0, 0, 5, 25, 2, 30];
  let id = 0;
  return Object.fromEntries(sizes.map((size, file) => {
    const rows = Array.from({ length: size }, () => {
      id++;
      if (id % 13 === 0) return `${id},,bad\n`;
      const key = id % 11 === 0 ? id - 10 : id;
      const parent = id % 17 === 0 ? String(id + 20) : "";
      return `${key},${parent},${id % 19 === 0 ? "taken" : `n${file}`}\n`;
    });
    return [`f${file}.csv`, `id,parent,name\n${rows.join("")}`];
  }));
}

const STATUSES = ["created", "updated", "skipped", "failed"] as const;

/** From the log of all rows. */
async function countLogged({ ledger }: Workshop, run: Run) {
  const { rows } = await rowReports(ledger, run, { status: null, after: 0, limit: 10_000 });
  const counts: Record<string, number[]> = {};
  for (const { file, status } of rows) {
    const counted = counts[file!] ??= STATUSES.map(() => 0);
    counted[STATUSES.indexOf(status)]++;
  }
  return counts;
}

async function countReported({ ledger }: Workshop, run: Run) {
  const { files } = await fileReports(ledger, run, { after: 0, limit: 100 });
  const counted = files.filter((file) => STATUSES.some((status) => file[status] !== 0));
  return Object.fromEntries(
    counted.map((file) => [file.name, STATUSES.map((status) => file[status])]),
  );
}

for (const batchRows of [1, 7, 50, 1000]) {
  Deno.test(`files have the counts of their rows, in batches of ${batchRows} rows`, async () => {
    await using shop = await workshop(TABLE);
    await using folder = await folderOf(files());
    let run = await folder.create(shop, YAML(batchRows));
    if (batchRows < 50) {
      run = await interrupt(shop, run, { loaded: 2 });
      run = await reopenForResume(shop.ledger, run.id, "tester", undefined);
    }
    run = await shop.drive(run);
    assert.equal(run.status, "completed_with_errors");
    const logged = await countLogged(shop, run);
    assert.deepEqual(await countReported(shop, run), logged);
    const sums = STATUSES.map((_, i) =>
      Object.values(logged).reduce((sum, one) => sum + one[i], 0)
    );
    assert.ok(sums.every((sum) => sum > 0), `each outcome occurs: ${sums}`);
    await shop.session.query("alter table nodes drop constraint good");
    const again = await retry(shop, run.id);
    assert.equal(again.status, "completed_with_errors", "parents of some never come");
    assert.deepEqual(await countReported(shop, again), await countLogged(shop, again));
  });
}

Deno.test("a run of which an older version has loaded a part has no counts by file", async () => {
  await using shop = await workshop(TABLE);
  await using folder = await folderOf(files());
  const run = await shop.drive(await folder.create(shop, YAML(20)));
  await shop.session.query("update ingest.batches set by_file = null where number = 2");
  const { files: all } = await fileReports(shop.ledger, await requireRun(shop.ledger, run.id), {
    ...{ after: 0, limit: 2 },
  });
  const [{ created, updated, skipped, failed, rows }] = all;
  assert.deepEqual([created, updated, skipped, failed, rows], [null, null, null, 0, 3]);
});
