/** `source.when`: only rows for which a condition holds are rows of the run. */
import assert from "node:assert/strict";
import { readProgress } from "../../src/ledger/runs/progress.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { SourceError } from "../../src/source/error.ts";
import { type Workshop, workshop } from "./importing.ts";
import { retry } from "./retrying.ts";

const TABLE = "create table refunds (id int primary key, amount numeric, reason text)";

function defined(when: string, more = ""): string {
  return `
table: refunds
key: id
source: { when: ${when}, null_values: ["", "NULL"]${more} }
columns: { id: Id, amount: Amount, reason: { from: Reason } }
`;
}

const FILE = `Id,Type,Amount,Reason
1,refund,5,"two
lines"
2,sale,x,y
3, refund ,x,broken
4,NULL,1,
5,"refund",2,"a ""b"""
6,sale
refund,7
`;

async function load(shop: Workshop, yaml: string, file = FILE) {
  const run = await shop.drive(await shop.create(yaml, file));
  const { total, created, failed } = await readProgress(shop.ledger, run.id);
  const rows = await shop.session.query<{ id: number }>("select id from refunds order by id");
  return { run, counts: [total, created, failed], ids: rows.map(({ id }) => id) };
}

Deno.test("rows for which the condition doesn't hold are left out, and the run says which", async () => {
  await using shop = await workshop(TABLE);
  const { run, counts, ids } = await load(shop, defined("{ column: type, equals: refund }"));
  // Row 3 is wrong, and so are the two that have too few cells: nobody can say what they are.
  assert.deepEqual([counts, ids], [[5, 2, 3], [1, 5]]);
  assert.ok(
    run.warnings.includes("Left out, as source.when says: 2 rows (lines 4, 6)."),
    run.warnings.join("\n"),
  );
  const failed = await shop.session.query<{ line: number }>(
    "select line::int as line from ingest.rows where run_id = $1 order by row_number",
    [run.id],
  );
  assert.deepEqual(failed.map(({ line }) => line), [5, 8, 9]);
});

Deno.test("several definitions share a file's rows among several tables", async () => {
  await using shop = await workshop(`${TABLE}; create table sales (id int, amount numeric)`);
  const file = "Id;Type;Amount;Reason\n1;sale;1;\n2;refund;2;x\n3;sale;3;\n4;other;4;\n";
  await load(shop, defined("{ column: Type, equals: refund }"), file);
  const sales = `
table: sales
source: { when: { column: Type, not: [refund, other] } }
columns: { id: Id, amount: Amount }
`;
  const run = await shop.drive(await shop.create(sales, file));
  assert.equal(run.status, "completed", run.error?.message);
  const of = (table: string) =>
    shop.session.query<{ id: number }>(`select id from ${table} order by id`)
      .then((rows) => rows.map(({ id }) => id));
  assert.deepEqual([await of("refunds"), await of("sales")], [[2], [1, 3]]);
});

Deno.test("a retry takes the rows that have failed; a file with no such row has no rows", async () => {
  await using shop = await workshop(`${TABLE}; alter table refunds add check (amount < 100)`);
  const when = defined(
    "{ all: [{ column: Type, equals: refund }, { column: Amount, present: true }] }",
  );
  const file = "Id,Type,Amount,Reason\n1,sale,1,\n2,refund,200,x\n3,refund,,x\n4,refund,3,x\n";
  const { run, ids } = await load(shop, when, file);
  assert.deepEqual(ids, [4]);
  await shop.session.query("alter table refunds drop constraint refunds_amount_check");
  await retry(shop, run.id);
  assert.deepEqual(
    (await shop.session.query<{ id: number }>("select id from refunds order by id"))
      .map(({ id }) => id),
    [2, 4],
  );
  const none = await shop.drive(await shop.create(when, "Id,Type,Amount,Reason\n1,sale,1,\n"));
  assert.equal((await requireRun(shop.ledger, none.id)).status, "completed");
});

for (
  const [what, yaml, file, message] of [
    [
      "a file without the column",
      defined("{ column: Kind, equals: x }"),
      FILE,
      /no column "Kind", by which source\.when chooses its rows; it has Id, Type, Amount, Reason/u,
    ],
    [
      "a file of JSON",
      defined("{ column: Type, equals: x }"),
      '[{"Id": 1, "Type": "x"}]',
      /delimited text and of workbooks only, and this is JSON/u,
    ],
    [
      "a text that takes too long to compare",
      defined("{ column: Type, matches: '^(?:([a-z])\\1?)+(?=[0-9])$' }"),
      `Id,Type,Amount,Reason\n1,${"a".repeat(60_000)},1,\n`,
      /Line 2 takes too long to compare with source\.when: its Type is long/u,
    ],
  ] as const
) {
  Deno.test(`source.when refuses ${what}`, async () => {
    await using shop = await workshop(TABLE);
    await assert.rejects(shop.create(yaml, file), (error) => {
      assert.ok(error instanceof SourceError, String(error));
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("with once, a file is loaded again if the condition is another one, or is new", async () => {
  await using shop = await workshop(TABLE);
  const file = "Id,Type,Amount,Reason\n1,sale,1,\n2,refund,2,x\n";
  const once = (when: string) =>
    `${
      when === "" ? defined("null").replace("when: null, ", "") : defined(when)
    }options: { once: true }\n`;
  for (const when of ["{ column: Type, equals: refund }", "{ column: Type, equals: sale }", ""]) {
    const run = await shop.drive(await shop.create(once(when), file));
    assert.equal(run.status, "completed");
    await assert.rejects(shop.create(once(when), file), /has loaded the same bytes/u);
  }
  await shop.session.query("truncate refunds");
  await shop.session.query("delete from ingest.runs where id < 3");
  await shop.drive(await shop.create(once("{ column: Type, equals: sale }"), file));
  const rows = await shop.session.query<{ id: number }>("select id from refunds");
  assert.deepEqual(rows.map(({ id }) => id), [1]);
});
