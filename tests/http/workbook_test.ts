/** Workbooks over HTTP: as a body of their own, and in a form. */
import assert from "node:assert/strict";
import { textRow, workbook } from "../source/xlsx/workbook.ts";
import { type Serving, serving } from "./serving.ts";
import { assertRefused } from "./uploading.ts";

const TABLES = "create table people (id int primary key, name text)";
const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const rows = textRow("id", "name") + textRow("1", "Ana") + textRow("x", "Bob");
const BOOK = workbook({ sheets: [{ name: "People", rows }, { name: "Other", rows }] });

function send(api: Serving, path: string) {
  return api.ask(path, { method: "POST", headers: { "content-type": TYPE }, body: BOOK });
}

Deno.test("a workbook is uploaded as a body, and its sheet is named in the query", async () => {
  await using api = await serving({ tables: TABLES });
  const unclear = await send(api, "/upload?table=people");
  await assertRefused(api, unclear, 422, "source");
  assert.equal(
    unclear.body.message,
    'Cannot import upload.xlsx: it has 2 sheets that could be meant: "People", "Other". Say ' +
      'which, such as `sheet: "People"` in the definition\'s source.',
  );
  const { status, body } = await send(api, "/upload?table=people&sheet=people&filename=p.xlsx");
  assert.equal(status, 202, JSON.stringify(body));
  assert.deepEqual([body.data.original_filename, body.data.read_as.sheet], ["p.xlsx", "People"]);
  await api.drive(body.data.id);
  const { body: after } = await api.ask(`/${body.data.id}`);
  assert.equal(after.data.progress.created, 1);
  const [row] = after.data.rows;
  assert.deepEqual([row.line, row.errors.details[0].cell], [3, "A3"]);
});

Deno.test("a preview shows the rows of a workbook in a form", async () => {
  await using api = await serving({ tables: TABLES });
  const form = new FormData();
  form.set("file", new File([BOOK], "p.xlsx"));
  const { status, body } = await api.ask("/preview?table=people&sheet=2", {
    method: "POST",
    body: form,
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.data.read_as.sheet, "Other");
  assert.deepEqual(body.data.rows.map(({ line }: { line: number }) => line), [2, 3]);
});
