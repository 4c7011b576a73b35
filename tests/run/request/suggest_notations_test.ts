/** What `errors` suggests for values that a column refused. */
import assert from "node:assert/strict";
import { runReport } from "../../../src/report/run_report.ts";
import { suggestNotations } from "../../../src/run/request/suggest_notations.ts";
import { retry } from "../retrying.ts";
import { workshop } from "../importing.ts";

const ORDERS = "create table orders (id int, ordered_on date, amount numeric, note text)";
const FILE = `id,ordered_on,amount,note
1,31.12.2024,"1.234,50 €",a
2,15.07.2024,"12,00 €",b
3,2024-07-16,x,c
4,16.07.2024,5,d
`;

Deno.test("the suggested notations, put into the definition, let a retry load the rows", async () => {
  await using shop = await workshop(ORDERS);
  const run = await shop.drive(await shop.create("table: orders\n", FILE));
  const suggested = await suggestNotations(shop.ledger, run);
  assert.deepEqual(
    suggested,
    [
      {
        column: "ordered_on",
        definition: "format: dd.MM.yyyy",
        otherwise: null,
        fits: 3,
        of: 3,
      },
      {
        column: "amount",
        definition: 'decimal: ",", thousands: ".", accept: [currency]',
        otherwise: null,
        fits: 2,
        of: 3,
      },
    ].toSorted((a, b) =>
      suggested.findIndex(({ column }) => column === a.column) -
      suggested.findIndex(({ column }) => column === b.column)
    ),
  );
  const [date, amount] = ["ordered_on", "amount"].map((name) =>
    suggested.find(({ column }) => column === name)?.definition
  );
  const definition = `table: orders\ncolumns:\n  id: id\n  note: note\n` +
    `  ordered_on: { ${date} }\n  amount: { ${amount} }\n`;
  const second = await retry(shop, run.id, { definition });
  assert.equal(second.status, "completed_with_errors");
  const rows = await shop.session.query<{ row: string }>(
    "select concat_ws('|', id, ordered_on, amount) as row from orders order by id",
  );
  assert.deepEqual(rows.map(({ row }) => row), [
    "1|2024-12-31|1234.50",
    "2|2024-07-15|12.00",
    "4|2024-07-16|5",
  ]);
});

Deno.test("formats that a column has already are kept in the suggestion", async () => {
  await using shop = await workshop(ORDERS);
  const run = await shop.drive(
    await shop.create(
      "table: orders\ncolumns:\n  id: id\n  ordered_on: { format: yyyy-MM-dd }\n",
      FILE,
    ),
  );
  const [{ definition }] = await suggestNotations(shop.ledger, run);
  assert.equal(definition, "format: [yyyy-MM-dd, dd.MM.yyyy]");
});

Deno.test("how most of the rows that could not be read can be read is suggested, and right", async () => {
  await using shop = await workshop("create table notes (id int, v text, w text)");
  const cases = [
    ["id,v,w\n1,a\n2,b,x,\n4,d\n5,a,b,c\n", "source: { short_rows: fill }", 3, 4],
    ['id,v,w\n1,"a \\"b\\"",c\n2,a\\,b,c\n3,x,y\n', "source: { escape: '\\' }", 2, 2],
    ['id,v,w\n1,"a \\"b\\""\n2,a\\, b\\, c\n', "source: { escape: '\\', short_rows: fill }", 2, 2],
  ] as const;
  for (const [file, definition, fits, of] of cases) {
    const run = await shop.drive(await shop.create("table: notes", file));
    assert.deepEqual(await suggestNotations(shop.ledger, run), [
      { column: null, definition, otherwise: null, fits, of },
    ]);
    const again = await retry(shop, run.id, { definition: `table: notes\n${definition}` });
    const { progress } = await runReport(shop.ledger, again.id, { rows: 0 });
    assert.equal(progress.created, fits);
  }
  const run = await shop.drive(await shop.create("table: notes", "id,v,w\n1,a,b,c\n2,a,b,c\n"));
  assert.deepEqual(await suggestNotations(shop.ledger, run), []);
});
