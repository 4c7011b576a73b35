/** JSON by HTTP: as a body, in a form, and in a preview. */
import { deepEqual, equal, match } from "node:assert/strict";
import { serving } from "./serving.ts";

const IMPORTERS = { people: "table: people\nkey: [id]\ncolumns: {id: id, city: address.city}\n" };
const TABLES = "create table people (id bigint primary key, city text)";
const ROWS = ['{"id":9007199254740993,"address":{"city":"Köln"}}', '{"id":2}'];

Deno.test("JSON is taken as a body of its types, and in a form", async () => {
  await using api = await serving({ importers: IMPORTERS, tables: TABLES });
  const form = new FormData();
  form.append("file", new Blob([`[${ROWS.join()}]`]), "people.json");
  const bodies: readonly (readonly [BodyInit, string | null, string])[] = [
    [`[${ROWS.join()}]`, "application/json", "upload.json"],
    [ROWS.join("\n"), "application/x-ndjson", "upload.ndjson"],
    [`{"items":[${ROWS.join()}]}`, "application/json; charset=utf-8", "upload.json"],
    [form, null, "people.json"],
  ];
  for (const [body, type, name] of bodies) {
    await api.database.session.query("truncate people");
    const answer = await api.ask("/upload/people", {
      ...{ method: "POST", body },
      ...type !== null && { headers: { "content-type": type } },
    });
    equal(answer.status, 202, JSON.stringify(answer.body));
    const { id, original_filename, read_as } = answer.body.data;
    equal(original_filename, name);
    equal(read_as.format, name.endsWith("ndjson") ? "ndjson" : "json");
    equal(read_as.delimiter, null);
    await api.drive(id);
    deepEqual(await api.database.session.query("select id::text, city from people order by 1"), [
      { id: "2", city: null },
      { id: "9007199254740993", city: "Köln" },
    ]);
  }
});

Deno.test("cells of failed rows are corrected in the row as it is", async () => {
  await using api = await serving({ importers: IMPORTERS, tables: TABLES });
  const rows = ['{"late":1e5,"id":"x","address":{"zip":7,"city":"Rome"}}', ROWS[1]];
  const post = (path: string, body: string) =>
    api.ask(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { body } = await post("/upload/people", rows.join("\n"));
  const { id } = body.data;
  await api.drive(id);
  const corrections = [
    { row_number: 1, column: "id", value: "3" },
    { row_number: 1, column: "address.city", value: 'Ro"ma' },
  ];
  const saved = await post(`/${id}/corrections`, JSON.stringify({ corrections }));
  equal(saved.status, 200, JSON.stringify(saved.body));
  const retried = await post(`/${id}/retry`, "{}");
  equal(retried.status, 202, JSON.stringify(retried.body));
  await api.drive(retried.body.data.id);
  deepEqual(await api.database.session.query("select id::int, city from people order by 1"), [
    { id: 2, city: null },
    { id: 3, city: 'Ro"ma' },
  ]);
});

Deno.test("a preview shows what a file's beginning has, cut off anywhere", async () => {
  await using api = await serving({ importers: IMPORTERS, tables: TABLES });
  const more = Array.from({ length: 60_000 }, (_, i) => `{"id":${i},"address":{"city":"X"}}`);
  const text = `[\n${[...ROWS, ...more].join(",\n")}\n]\n`;
  const form = new FormData();
  form.append("file", new Blob([text]), "people.json");
  const { status, body } = await api.ask("/preview/people", { method: "POST", body: form });
  equal(status, 200, JSON.stringify(body));
  const { header, rows, problems, warnings, read_as, only_beginning } = body.data;
  equal(only_beginning, true);
  deepEqual(warnings, []);
  deepEqual(problems, []);
  equal(read_as.format, "json");
  deepEqual(header, ["id", "address.city"]);
  deepEqual(
    rows.slice(0, 2).map((row: { values: unknown }) => row.values),
    [{ id: "9007199254740993", city: "Köln" }, { id: "2", city: null }],
  );
});

Deno.test("what can't be read is refused without naming commands", async () => {
  await using api = await serving({ importers: IMPORTERS, tables: TABLES });
  for (const body of ["{}", "[1]", '{"a":[{"id":1}],"b":[{"id":1}]}', "{'id': 1}"]) {
    const answer = await api.ask("/upload/people", {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body },
    });
    equal(answer.status, 422, body);
    match(answer.body.message, /upload\.json/u);
    equal(/--|ingest /u.test(answer.body.message), false, answer.body.message);
  }
});
