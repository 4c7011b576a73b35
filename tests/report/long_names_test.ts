/** A header may hold anything; reports name its columns in every row. */
import assert from "node:assert/strict";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { rowReports } from "../../src/report/row_reports.ts";
import { workshop } from "../run/importing.ts";

const FAILED = { status: "failed", after: 0, limit: 100 } as const;

Deno.test("columns with very long names are told apart, and rows with them end a page early", async () => {
  await using shop = await workshop("create table items (id int)");
  const long = "x".repeat(400_000);
  const rows = Array.from({ length: 100 }, (_, i) => `a,b,${i},${"v".repeat(2_000)}\n`).join("");
  const file = `id,${long},${long}2,name\n${rows}`;
  const { id } = await shop.drive(await shop.create("table: items\n", file));
  const run = await requireRun(shop.ledger, id);
  assert.ok(run.warnings.join("").length < 1_000, "a name in a sentence is not that long");
  const page = await rowReports(shop.ledger, run, FAILED);
  assert.equal(page.more, true);
  assert.ok(page.rows.length > 10, "the names are cut");
  const shown = (column: number) => `${"x".repeat(1_000)}… (column ${column})`;
  const [{ data, cut }] = page.rows;
  assert.deepEqual(Object.keys(data), ["id", shown(2), shown(3), "name"]);
  assert.deepEqual([data[shown(2)], data[shown(3)]], ["b", "0"]);
  assert.equal(cut, undefined);
});

Deno.test("a cut value is listed by the name that the report has for its column", async () => {
  await using shop = await workshop("create table items (id int)");
  const name = `${"é".repeat(999)}\u{1f600}y`;
  const file = `id,${name}\nx,${"v".repeat(9_000)}\n`;
  const { id } = await shop.drive(await shop.create("table: items\n", file));
  const run = await requireRun(shop.ledger, id);
  const { rows: [{ data, cut }] } = await rowReports(shop.ledger, run, FAILED);
  const reported = `${"é".repeat(999)}\ufffd… (column 2)`;
  assert.deepEqual([Object.keys(data), cut], [["id", reported], [reported]]);
  assert.deepEqual(run.header, ["id", name]);
});
