/** Failed rows that come back in the workbook in which they were exported. */
import assert from "node:assert/strict";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "../importing.ts";
import { exportedWorkbook, makeRetry, retry, unresolved } from "../retrying.ts";
import { edited } from "../../report/workbook/unzip.ts";
import { oneSheet, textRow } from "../../source/xlsx/workbook.ts";

const TABLE = "create table people (id int primary key, zip text, note text)";
const DEFINITION = "table: people\nkey: [id]\non_duplicate: update";

async function failing(shop: Workshop, file: string | Uint8Array, definition = DEFINITION) {
  return await shop.drive(await shop.create(definition, file));
}

function people(shop: Workshop) {
  return shop.session.query("select id, zip, note from people order by id");
}

const SOURCES: Readonly<Record<string, string | Uint8Array>> = {
  "CSV": "id,zip,note\nx,01234,=1+1\n2,00001,ok\ny,1e5,\n",
  "JSON": '[{"id":"x","zip":"01234","note":"=1+1"},{"id":2,"zip":"00001","note":"ok"},' +
    '{"id":"y","zip":"1e5","note":null}]',
  "NDJSON": '{"id":"x","zip":"01234","note":"=1+1"}\n{"id":2,"zip":"00001","note":"ok"}\n' +
    '{"id":"y","zip":"1e5"}\n',
  "a workbook": oneSheet(
    textRow("id", "zip", "note") + textRow("x", "01234", "=1+1") + textRow("2", "00001", "ok") +
      textRow("y", "1e5", ""),
  ),
};

for (const [kind, content] of Object.entries(SOURCES)) {
  Deno.test(`failed rows of ${kind} are corrected in their workbook, and loaded`, async () => {
    await using shop = await workshop(TABLE);
    const run = await failing(shop, content);
    const book = await exportedWorkbook(shop, run);
    const fixed = await retry(shop, run.id, {
      file: edited(book, (sheet) => sheet.replace("<t>x<", "<t>1<").replace("<t>y<", "<t>3<")),
    });
    assert.deepEqual([fixed.status, await unresolved(shop, run.id)], ["completed", 0]);
    assert.deepEqual(await people(shop), [
      { id: 1, zip: "01234", note: "=1+1" },
      { id: 2, zip: "00001", note: "ok" },
      { id: 3, zip: "1e5", note: null },
    ]);
    const { changed_cells: changed = [] } = fixed.source;
    assert.deepEqual(changed.map(({ column, cells }) => [column, cells]), [["id", 2]]);
  });
}

Deno.test("a row that nobody touches is tried with its own bytes, whatever a cell can't hold", async () => {
  await using shop = await workshop(TABLE);
  const long = "ä".repeat(40_000);
  const run = await failing(shop, `id,zip,"no\nte"\nx,"a\r\nb\rc",\nx,'=1,${long}\nx,"open\r\n`);
  const book = await exportedWorkbook(shop, run);
  const again = await retry(shop, run.id, { file: book });
  assert.deepEqual(again.source.changed_cells, []);
  const [{ same }] = await shop.session.query<{ same: boolean }>(
    `select bool_and(now.raw = before.raw) as same
     from ingest.rows now join ingest.rows before using (row_number)
     where now.run_id = ${again.id} and before.run_id = ${run.id}`,
  );
  assert.equal(same, true);
});

Deno.test("of an edited row, what a cell can't hold stays as it was", async () => {
  await using shop = await workshop(TABLE);
  const long = "ä".repeat(40_000);
  const run = await failing(shop, `id,zip,note\nx,"a\r\nb",'=${long}\n`);
  const book = await exportedWorkbook(shop, run);
  await retry(shop, run.id, { file: edited(book, (sheet) => sheet.replace("<t>x<", "<t>1<")) });
  assert.deepEqual(await people(shop), [{ id: 1, zip: "a\r\nb", note: `'=${long}` }]);
});

Deno.test("a cell that was cut can't be edited in part, and nothing is loaded", async () => {
  await using shop = await workshop(TABLE);
  const run = await failing(shop, `id,zip,note\nx,1,${"ä".repeat(40_000)}\n`);
  const book = await exportedWorkbook(shop, run);
  await assert.rejects(
    makeRetry(shop, run.id, { file: edited(book, (sheet) => sheet.replace("ää", "aa")) }),
    /row 2: the cell of "note" was cut, because a cell can't hold the whole text/,
  );
  const whole = edited(book, (sheet) => sheet.replace(/ä{9}.*?</u, "short<").replace(">x<", ">1<"));
  await retry(shop, run.id, { file: whole });
  assert.deepEqual(await people(shop), [{ id: 1, zip: "1", note: "short" }]);
});

Deno.test("NULL and an empty text stay what they are in a workbook", async () => {
  await using shop = await workshop(TABLE);
  const definition = `${DEFINITION}\nsource: { null_values: { unquoted: [""] } }`;
  const run = await failing(shop, 'id,zip,note\nx,"",\n', definition);
  const book = await exportedWorkbook(shop, run);
  await retry(shop, run.id, { file: edited(book, (sheet) => sheet.replace("<t>x<", "<t>1<")) });
  assert.deepEqual(await people(shop), [{ id: 1, zip: "", note: null }]);
});

Deno.test("a workbook to which somebody has added a sheet is read from its own", async () => {
  await using shop = await workshop(TABLE);
  const run = await failing(shop, "id,zip,note\nx,1,\n");
  const book = await exportedWorkbook(shop, run);
  const { unzip } = await import("../../report/workbook/unzip.ts");
  const { zip } = await import("../../source/xlsx/workbook.ts");
  const parts = unzip(book);
  const links = "xl/_rels/workbook.xml.rels";
  const added = zip({
    ...parts,
    "xl/workbook.xml": parts["xl/workbook.xml"].replace(
      "<sheets>",
      '<sheets><sheet name="Notes" sheetId="2" r:id="rId9"/>',
    ),
    [links]: parts[links].replace(
      "<Relationship ",
      `<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/` +
        'relationships/worksheet" Target="worksheets/sheet2.xml"/><Relationship ',
    ),
    "xl/worksheets/sheet2.xml":
      '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' +
      `${textRow("to do", "by")}${textRow("ask", "Ana")}</sheetData></worksheet>`,
    "xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"].replace("<t>x<", "<t>1<"),
  });
  const fixed = await retry(shop, run.id, { file: added });
  assert.equal(fixed.status, "completed");
});

Deno.test("a wrong row of a workbook is named by its row, and what to export is a workbook", async () => {
  await using shop = await workshop(TABLE);
  const run = await failing(shop, "id,zip,note\nx,1,\ny,2,\n");
  const book = await exportedWorkbook(await shop, await requireRun(shop.ledger, run.id));
  const twice = edited(book, (sheet) => sheet.replace(/(r="E3"[^>]*><is><t>)2</u, "$11<"));
  await assert.rejects(
    makeRetry(shop, run.id, { file: twice }),
    /row 3: row 1 is already on row 2/,
  );
  const other = edited(book, (sheet) => sheet.replace("<t>zip<", "<t>ZIP code<"));
  await assert.rejects(
    makeRetry(shop, run.id, { file: other }),
    /has no column "zip"\. Edit .*: ingest errors 1 --export failed\.xlsx/,
  );
});
