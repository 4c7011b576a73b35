/** Runs of workbooks that are tried, retried, and repaired in a workbook or in a text. */
import assert from "node:assert/strict";
import { writeFailedRows } from "../../../src/report/failed_rows_csv.ts";
import { count, workshop } from "../importing.ts";
import { retry, unresolved } from "../retrying.ts";
import { oneSheet, textRow } from "../../source/xlsx/workbook.ts";

const TABLE = "create table people (id int primary key, name text, born date)";
const DEFINITION = "table: people\nkey: [id]\non_duplicate: update";
const BOOK = oneSheet(
  textRow("id", "name", "born") + textRow("1", "Ana", "2000-01-02") +
    textRow("2", "Bob", "soon") + '<row><c><v>3</v></c><c t="e"><v>#N/A</v></c></row>' +
    textRow("4", "Lin\r\nes", ""),
);
const HEADER = ["_error_message", "id", "name", "born", "_row_number", "_run_id"];

Deno.test("a dry run of a workbook says what would fail, and loads nothing", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(DEFINITION, BOOK, { dryRun: true }));
  assert.equal(run.status, "completed_with_errors");
  assert.equal(await count(shop.session, "people"), 0);
  assert.equal(await count(shop.session, "ingest.rows where status = 'failed'"), 2);
});

Deno.test("an unchanged retry of a cell with an error fails as before", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(DEFINITION, BOOK));
  const again = await retry(shop, run.id);
  const [row] = await shop.session.query<{ line: number; message: string }>(
    `select line, errors ->> 'message' as message from ingest.rows
     where run_id = ${again.id} and row_number = 3`,
  );
  assert.deepEqual(row, { line: 4, message: "A cell in column B (name) has the error #N/A." });
});

for (const kind of ["a workbook", "a text"] as const) {
  Deno.test(`failed rows of a workbook are repaired in ${kind}`, async () => {
    await using shop = await workshop(TABLE);
    const run = await shop.drive(await shop.create(DEFINITION, BOOK));
    let exported = "";
    await writeFailedRows(shop.ledger, run, (text) => void (exported += text));
    assert.ok(exported.includes("C3: The born field must be a date"), exported);
    const rows = [
      ["", "2", "Bob, B.", "1999-12-31", "2", String(run.id)],
      ["", "3", "two\nlines", "", "3", String(run.id)],
    ];
    const text = [HEADER, ...rows].map((cells) => cells.map((cell) => `"${cell}"`).join(",")).join(
      "\n",
    );
    const book = oneSheet([HEADER, ...rows].map((cells) => textRow(...cells)).join(""));
    const fixed = await retry(shop, run.id, {
      file: kind === "a text" ? text : book,
      acceptChanges: true,
    });
    assert.equal(fixed.status, "completed");
    assert.equal(await unresolved(shop, run.id), 0);
    const people = await shop.session.query(
      "select id, name, born::text from people order by id",
    );
    assert.deepEqual(people, [
      { id: 1, name: "Ana", born: "2000-01-02" },
      { id: 2, name: "Bob, B.", born: "1999-12-31" },
      { id: 3, name: "two\nlines", born: null },
      { id: 4, name: "Lin\nes", born: null },
    ]);
  });
}

Deno.test("failed rows of a text are repaired in a workbook, whose rows messages name", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(DEFINITION, "id,name,born\n1,Ana,soon\n"));
  const wrong = ["", "1", "Ana", "", "one", String(run.id)];
  await assert.rejects(
    retry(shop, run.id, { file: oneSheet(textRow(...HEADER) + textRow(...wrong)) }),
    /row 2: _row_number is "one", which is not a row number/,
  );
  const right = ["", "1", "Ana", "2001-02-03", "1", String(run.id)];
  const fixed = await retry(shop, run.id, {
    file: oneSheet(textRow(...HEADER) + textRow(...right)),
  });
  assert.equal(fixed.status, "completed");
});
