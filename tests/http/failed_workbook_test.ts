/** Failed rows over HTTP as a workbook, there and back. */
import assert from "node:assert/strict";
import { outcome, servingCustomers, TWO_BAD, uploadAndDrive } from "./customer_runs.ts";
import { edited, unzip } from "../report/workbook/unzip.ts";

const TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

Deno.test("failed rows are downloaded as a workbook, corrected, and sent back", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const downloaded = await api.fetch(`/${id}/failed-rows/download?format=xlsx`);
  assert.equal(downloaded.headers.get("content-type"), TYPE);
  assert.equal(
    downloaded.headers.get("content-disposition"),
    `attachment; filename="failed-rows-${id}.xlsx"`,
  );
  const book = await downloaded.bytes();
  const { "xl/worksheets/sheet1.xml": sheet } = unzip(book);
  assert.ok(sheet.includes("<t>=cmd@example.com<"), "a text runs nothing, and needs no guard");
  const corrected = edited(book, (xml) =>
    xml.replace("<t>x<", "<t>5<")
      .replace(/<c r="C3" s="\d"\/>/u, '<c r="C3" t="inlineStr"><is><t>Cmd</t></is></c>'));
  const send = (body: Uint8Array<ArrayBuffer>, path = "retry") =>
    api.ask(`/${id}/${path}`, { method: "POST", headers: { "content-type": TYPE }, body });
  assert.equal(outcome(await send(corrected.subarray(0, 500))), "422 source");
  const { status, body } = await send(corrected, "retry/upload");
  assert.equal(status, 202, JSON.stringify(body));
  await api.drive(body.data.id);
  const shown = (await api.ask(`/${body.data.id}`)).body.data;
  assert.deepEqual([shown.status, shown.progress.created], ["completed", 2]);
  assert.equal((await api.ask(`/${id}`)).body.data.progress.unresolved, 0);
  const again = await api.ask(`/${id}/failed-rows/download?format=xlsx`);
  assert.equal(outcome(again), "404 no_failed_rows");
});

Deno.test("a workbook in a form names its own rows in messages, and no commands", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const book = await (await api.fetch(`/${id}/failed-rows/download?format=xlsx`)).bytes();
  const form = new FormData();
  const wrong = edited(book, (xml) => xml.replace(/(r="E2"[^>]*><is><t>)2</u, "$1two<"));
  form.set("file", new File([wrong], "failed.xlsx", { type: TYPE }));
  const { status, body } = await api.ask(`/${id}/retry`, { method: "POST", body: form });
  assert.equal(status, 409);
  assert.match(body.message, /failed\.xlsx, row 2: _row_number is "two"/u);
  const missing = edited(book, (xml) => xml.replace("<t>age<", "<t>years<"));
  form.set("file", new File([missing], "failed.xlsx", { type: TYPE }));
  const refused = await api.ask(`/${id}/retry`, { method: "POST", body: form });
  assert.match(refused.body.message, /has no column "age"/u);
  assert.doesNotMatch(refused.body.message, /ingest errors/u);
});

Deno.test("a form that doesn't exist is refused, by the words that there are", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const { status, body } = await api.ask(`/${id}/failed-rows/download?format=ods`);
  assert.equal(status, 422);
  assert.match(JSON.stringify(body), /csv.*xlsx/u);
});
