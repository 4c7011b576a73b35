/** `POST /upload?table=`: a file into a table without an importer, as `run --table` does. */
import assert from "node:assert/strict";
import { type Serving, serving } from "./serving.ts";
import { assertRefused, filesIn } from "./uploading.ts";

const TABLES = "create table people (id int primary key, name text not null, note text)";
const importers = { people: "table: people\nkey: id\n" };

function send(api: Serving, path: string, csv: string, token?: string) {
  return api.ask(path, {
    ...{ method: "POST", headers: { "content-type": "text/csv" }, body: csv },
    ...token !== undefined && { token },
  });
}

Deno.test("wrong requests for a table are refused, and leave nothing behind", async () => {
  await using api = await serving({ tables: TABLES });
  for (
    const [path, field] of [
      ["/upload", "table"],
      ["/upload?table=", "table"],
      ["/upload?table=a.b.c.d", "table"],
      ["/upload?table=ingest.runs", "table"],
      ["/upload?table=people&on_duplicate=update", "on_duplicate"],
      ["/upload?table=people&delimiter=word", "delimiter"],
      ["/upload?table=people&dry_run=perhaps", "dry_run"],
      ["/upload?table=people&importer=people", "importer"],
    ]
  ) {
    const answer = await send(api, path, "id,name\n1,Ada\n");
    await assertRefused(api, answer, 422, "validation", path);
    assert.deepEqual(Object.keys(answer.body.errors), [field], path);
    assert.doesNotMatch(JSON.stringify(answer.body), /--/u);
  }
  const absent = await send(api, "/upload?table=nowhere", "id,name\n1,Ada\n");
  await assertRefused(api, absent, 422, "target");
  const misfit = await send(api, "/upload?table=people", "a,b\n1,2\n");
  await assertRefused(api, misfit, 422, "header");
});

Deno.test("a file goes into a table by the names of its columns", async () => {
  await using api = await serving({ tables: TABLES });
  const path = "/upload?table=people&key=id&on_duplicate=update&filename=p.csv";
  const first = await send(api, path, "ID,Name\n1,Ada\n2,Ben\nx,Cid\n");
  assert.equal(first.status, 202, JSON.stringify(first.body));
  assert.deepEqual([first.body.data.importer, first.body.data.dry_run], ["people", false]);
  await api.drive(first.body.data.id);
  const second = await send(api, path, "ID,Name\n1,Zoe\n");
  await api.drive(second.body.data.id);
  assert.deepEqual(
    await api.database.session.query("select id, name from people order by id"),
    [{ id: 1, name: "Zoe" }, { id: 2, name: "Ben" }],
  );
  const { body } = await api.ask(`/${first.body.data.id}`);
  assert.equal(body.data.progress.failed, 1);
  assert.equal(filesIn(api.storage).length, 2);
});

Deno.test("a dry run of a table changes nothing, and once loads a file once", async () => {
  await using api = await serving({ tables: TABLES });
  const csv = "id,name\n1,Ada\n";
  const dry = await send(api, "/upload?table=people&dry_run=true", csv);
  assert.equal(dry.body.data.dry_run, true);
  await api.drive(dry.body.data.id);
  assert.deepEqual(await api.database.session.query("select id from people"), []);
  const loaded = await send(api, "/upload?table=people&once=true", csv);
  await api.drive(loaded.body.data.id);
  const again = await send(api, "/upload?table=people&once=true", csv);
  assert.deepEqual([again.status, again.body.data.id], [200, loaded.body.data.id]);
});

Deno.test("tokens that are limited to importers load into no other table", async () => {
  await using api = await serving({ tables: TABLES, importers, tokens: true });
  const status = async (token: string) =>
    (await send(api, "/upload?table=people", "id,name\n1,Ada\n", token)).status;
  assert.equal(await status(await api.token("run", { importers: ["people"] })), 403);
  assert.equal(await status(await api.token("read")), 403);
  assert.equal(await status(await api.token("run")), 202);
});

Deno.test("an upload may say how its file is read, as a preview may", async () => {
  await using api = await serving({ tables: TABLES, importers });
  const csv = "People of May\nid|name\n1|Ada\n";
  const refused = await send(api, "/upload/people", csv);
  assert.equal(refused.status, 422);
  const { status, body } = await send(api, "/upload/people?skip_lines=1&delimiter=|", csv);
  assert.equal(status, 202, JSON.stringify(body));
  await api.drive(body.data.id);
  assert.deepEqual(await api.database.session.query("select id, name from people"), [
    { id: 1, name: "Ada" },
  ]);
  const wrong = await send(api, "/upload/people?delimiter=word", csv);
  assert.deepEqual([wrong.status, Object.keys(wrong.body.errors)], [422, ["delimiter"]]);
});
