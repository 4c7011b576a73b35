/** Files of which a part has to be chosen: a sheet, a file of an archive, a list. */
import assert from "node:assert/strict";
import { textRow, workbook, zip } from "../../source/xlsx/workbook.ts";
import { documentOf } from "../documented.ts";
import { serving } from "../serving.ts";

const options = {
  tables: "create table people (id int primary key, name text)",
  importers: { people: "table: people\nkey: id\n" },
};

const rows = (id: number, name: string) => textRow("id", "name") + textRow(String(id), name);
const BOOK = workbook({
  sheets: [{ name: "May & June", rows: rows(1, "Ada") }, { name: "July", rows: rows(2, "Bo") }],
});
const ARCHIVE = zip({ "a/one.csv": "id,name\n1,Ada\n", "two.csv": "id,name\n2,Bo\n" });
const LISTS = JSON.stringify({
  data: { people: [{ id: 1, name: "Ada" }] },
  others: [{ id: 2, name: "Bo" }],
});
const CASES: readonly (readonly [string, BlobPart, string, readonly string[], RegExp])[] = [
  ["b.xlsx", BOOK, "sheet", ["May & June", "July"], /Which sheet has the rows\?/u],
  ["a.zip", ARCHIVE, "member", ["a/one.csv", "two.csv"], /Which file of the archive/u],
  ["l.json", LISTS, "records", ["data.people", "others"], /Which list in it/u],
];

function form(name: string, content: BlobPart): FormData {
  const body = new FormData();
  body.append("file", new Blob([content]), name);
  return body;
}

Deno.test("the API names the parts, and takes the one that is chosen, also for the run", async () => {
  await using api = await serving(options);
  const document = await documentOf(api);
  for (const [name, content, part, names] of CASES) {
    const post = (path: string) => api.ask(path, { method: "POST", body: form(name, content) });
    const refused = await post("/preview/people");
    assert.deepEqual([refused.status, refused.body.code], [422, "source"], name);
    assert.deepEqual(refused.body.choices, { [part]: names }, name);
    assert.doesNotMatch(refused.body.message, /--/u);
    document.check("POST /api/v1/ingest/preview/{importer}", refused);
    for (const [index, chosen] of names.entries()) {
      const query = new URLSearchParams({ [part]: chosen });
      const seen = await post(`/preview/people?${query}`);
      assert.equal(seen.status, 200, JSON.stringify(seen.body));
      assert.equal(seen.body.data.rows[0].values.id, String(index + 1), chosen);
    }
    const wrong = await post(`/preview/people?${part}=nowhere`);
    assert.deepEqual(wrong.body.choices, { [part]: names }, name);
    const upload = await post(`/upload/people?${new URLSearchParams({ [part]: names[1] })}`);
    await api.drive(upload.body.data.id);
    assert.deepEqual(await api.database.session.query("select id from people"), [{ id: 2 }], name);
    await api.database.session.execute("truncate people");
  }
});

Deno.test("the page asks for the part, and says which one is read", async () => {
  await using api = await serving(options);
  for (const [name, content, part, names, question] of CASES) {
    const show = async (query: string) => {
      const { body } = await api.ask(`${api.origin}/import/preview?importer=people${query}`, {
        ...{ method: "POST", body: form(name, content), headers: { origin: api.origin } },
      });
      return body as string;
    };
    const asked = await show("&skip_lines=0");
    assert.match(asked, question);
    assert.match(asked, /<input type="hidden" name="skip_lines" value="0"/u);
    assert.match(asked, /<input type="hidden" name="importer" value="people"/u);
    const offered = [...asked.matchAll(/<option value="([^"]*)">/gu)].map(([, value]) => value);
    assert.deepEqual(offered, names.map((each) => each.replace("&", "&amp;")));
    const seen = await show(`&${new URLSearchParams({ [part]: names[0] })}`);
    assert.match(seen, /data-verdict="good"/u);
    assert.ok(seen.includes(`data-upload="/api/v1/ingest/upload/people?${part}=`), name);
  }
});

Deno.test("the file picker welcomes every kind of file", async () => {
  await using api = await serving(options);
  const { body } = await api.ask(`${api.origin}/import?importer=people`);
  const [, accepted] = /accept="([^"]*)"/u.exec(body) ?? [];
  for (const ending of [".csv", ".xlsx", ".json", ".ndjson", ".zip", ".gz"]) {
    assert.ok(accepted.split(",").includes(ending), ending);
  }
});
