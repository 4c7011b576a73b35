import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { renderRows } from "../../src/cli/render/rows.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import { recordPruned } from "../../src/ledger/runs/deletion.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { LoggedRow } from "../../src/ledger/rows/rows.ts";
import { runReport } from "../../src/report/run_report.ts";
import type { RowReport } from "../../src/report/row_schema.ts";
import { runReportSchema } from "../../src/report/report_schema.ts";
import { loaded, PEOPLE, retried } from "../run/chains.ts";
import { workshop } from "../run/importing.ts";
import { testDatabase } from "../support/database.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

const failed: RowReport = {
  row_number: 7,
  line: 8,
  status: "failed",
  data: { name: "A name that is rather long", id: "x" },
  // As jsonb returns it: with the keys in its own order, not in that of the columns.
  errors: {
    message: "The given data was invalid.",
    validation: { id: ["The id field is wrong."], name: ["The name field is too long."] },
    details: ["name", "id"].map((column) => ({
      ...{ code: "type", column, source_column: column, value: "x" },
    })),
  },
};

Deno.test("rows that fit are a table, with the columns in the file's order", () => {
  for (const width of [null, 150]) {
    assert.deepEqual(renderRows([failed], width, PLAIN), [
      "row  line  status  what                                                data",
      "  7     8  failed  The name field is too long. The id field is wrong.  " +
      "name: A name that is rather long, id: x",
    ]);
  }
});

Deno.test("a value can't pass for another column's, nor for several", () => {
  const data = {
    a: "x, b: 7",
    b: 'say "hi"',
    "c: 1, d": "12:30",
    e: "Smith, John",
    f: " x",
    g: "1,5",
    h: "y\nz: 1",
  };
  const [, line] = renderRows([{ ...failed, errors: null, data }], null, PLAIN);
  const shown = String.raw`a: "x, b: 7", b: "say \"hi\"", "c: 1, d": 12:30, ` +
    String.raw`e: "Smith, John", f: " x", g: 1,5, h: "y\nz: 1"`;
  assert.ok(line.endsWith(shown), line);
});

Deno.test("if rows don't fit, only the data is cut, never the reason", () => {
  assert.deepEqual(renderRows([failed], 30, PLAIN), [
    "row 7, line 8: failed. The name field is too long. The id field is wrong.",
    "  name: A name that is rather…",
  ]);
});

Deno.test("a failed row says which retry has fixed it", () => {
  const [, line] = renderRows([{ ...failed, resolved_by_run_id: 13 }], null, PLAIN);
  assert.match(line, /^ {2}7 {5}8 {2}failed, fixed by 13 {2}The name/);
});

Deno.test("rows, including those of a retry, know which later run has fixed them", async () => {
  await using shop = await workshop(PEOPLE);
  const root = await loaded(shop, 1, 3);
  const first = await retried(shop, { of: root, fixed: [2], failed: [3, 4] });
  const second = await retried(shop, { of: first, fixed: [3], failed: [4] });
  const fixes = async (run: number, ...flags: string[]) => {
    const { output, stdout } = memoryOutput();
    const args = ["rows", String(run), ...flags, "--json", "--database-url", shop.database.url];
    assert.equal(await runCommandLine(args, output), 0);
    const { data, meta } = JSON.parse(stdout.text);
    return [
      ...data.map((row: LoggedRow) => [row.row_number, row.resolved_by_run_id]),
      meta.next_cursor,
    ];
  };
  assert.deepEqual(await fixes(root.id), [
    [1, undefined],
    [2, first.id],
    [3, second.id],
    [4, undefined],
    null,
  ]);
  assert.deepEqual(await fixes(first.id), [[2, undefined], [3, second.id], [4, undefined], null]);
  const paged = await fixes(root.id, "--status", "failed", "--after", "2", "--limit", "1");
  assert.deepEqual(paged, [[3, second.id], "3"]);
  const { rows } = runReportSchema.parse(await runReport(shop.ledger, root.id, { rows: 2 }));
  assert.deepEqual(rows?.map((row) => row.resolved_by_run_id), [first.id, second.id]);
});

Deno.test("if there are no rows to show, it says why", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${dir.path}/good.csv`, customers(2));
  const say = async (...args: string[]) => {
    const { output, stderr } = memoryOutput();
    const code = await runCommandLine([...args, "--database-url", db.url], output);
    assert.equal(code, 0, stderr.text);
    return stderr.text;
  };
  await say("run", "--table", "customers", "--file", `${dir.path}/good.csv`, "--quiet");
  assert.match(await say("rows", "1"), /^No row of run 1 has failed, and it logs no others \(opt/);
  assert.match(await say("rows", "1", "--status", "created"), /^Run 1 logs only rows that failed/);
  assert.match(await say("rows", "1", "--status", "failed"), /^No rows match\./);
  await recordPruned(new Ledger(db.session, "ingest"), 1, 2);
  assert.match(await say("rows", "1", "--status", "created"), /^Run 1 no longer has such rows/);
});
