/** Importers with hooks over HTTP: their code is the server's, and no request names any. */
import assert from "node:assert/strict";
import { serving } from "./serving.ts";
import { assertRefused } from "./uploading.ts";

const TABLES = "create table people (id int primary key, name text)";
const importers = { people: "table: people\nkey: id\nhooks: ./lib/people.hooks.js\n" };

Deno.test("an importer's hooks are called for an upload, and where they are is not told", async () => {
  await using api = await serving({ tables: TABLES, importers });
  const form = (content: string) => {
    const body = new FormData();
    body.append("file", new Blob([content]), "people.csv");
    return { method: "POST", body };
  };
  const missing = await api.ask("/upload/people", form("id,name\n1,Ada\n"));
  await assertRefused(api, missing, 422, "definition");
  assert.match(JSON.stringify(missing.body), /there is no lib\/people\.hooks\.js/);
  await Deno.mkdir(`${api.folder}/importers/lib`);
  await Deno.writeTextFile(
    `${api.folder}/importers/lib/people.hooks.js`,
    "export default () => ({ beforeRow(row) { row.name = row.name.toUpperCase(); } })",
  );
  const shown = await api.ask("/importers/people");
  assert.deepEqual(shown.body.data.hooks, { file: "lib/people.hooks.js" });
  const { status, body } = await api.ask("/upload/people", form("id,name\n1,Ada\n"));
  assert.equal(Math.floor(status / 100), 2, JSON.stringify(body));
  assert.ok(!JSON.stringify([shown.body, body]).includes(api.folder));
  await api.drive(body.data.id);
  assert.deepEqual(await api.database.session.query("select * from people"), [
    { id: 1, name: "ADA" },
  ]);
  const [{ definition }] = await api.database.session.query<
    { definition: { hooks: { file: string; uses: unknown } } }
  >("select definition from ingest.runs");
  assert.equal(definition.hooks.file, "lib/people.hooks.js");
  assert.deepEqual(definition.hooks.uses, {
    ...{ rows: ["beforeRow"], columns: [], afterBatch: false },
  });
  const looked = await api.ask("/preview/people", form("id,name\n2,Bob\n"));
  assert.match(JSON.stringify(looked.body.data.warnings), /Hooks are not called here/);
});
