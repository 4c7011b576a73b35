/** `set`: a request sets keys of the definition for its run. Wrong ones first. */
import assert from "node:assert/strict";
import { type Answer, type Serving, serving } from "./serving.ts";
import { assertRefused } from "./uploading.ts";

const TABLES = "create table people (id int primary key, name text, source text)";

const importers = {
  people: "table: people\nkey: id\ncolumns:\n  id: id\n  name: name\n",
  nightly: "table: people\nsource: { type: file, path: p.csv }\ncolumns: { id: id, name: name }\n",
};

function send(api: Serving, path: string, set: unknown, token?: string): Promise<Answer> {
  const text = typeof set === "string" ? set : JSON.stringify(set);
  const at = `${path}${path.includes("?") ? "&" : "?"}set=${encodeURIComponent(text)}`;
  return api.ask(at, {
    ...{ method: "POST", body: "id,name\n1,Ada\n", headers: { "content-type": "text/csv" } },
    ...token !== undefined && { token },
  });
}

Deno.test("what is no set, or can't be set over HTTP, is refused", async () => {
  await using api = await serving({ tables: TABLES, importers });
  for (
    const set of [
      ...["x", "[]", "1", '"a"'],
      { "on_duplicate": "updte" },
      { "options.batch_rows": "many" },
      { "columns.source": { value: "x" } },
      { "columns.name.lookup": { table: "secrets", match: "x" } },
      { "columns.name.typ": "text" },
      { "columns.name.pattern": "[" },
      { "options.hold_if": [] },
      { "options.undo": "off" },
      { "source.path": "/etc/hosts" },
      { "source.headers": { a: "b" } },
      { "source.max_unpacked": "900GB" },
      { table: "secrets" },
      { key: { columns: "id", where: "true" } },
      { hooks: "x.js" },
      { "": 1 },
      { "a b": 1 },
    ]
  ) {
    for (const path of ["/upload/people", "/preview/people", "/upload?table=people"]) {
      const refused = await send(api, path, set);
      await assertRefused(api, refused, 422, "validation", `${path} ${JSON.stringify(set)}`);
      assert.deepEqual(Object.keys(refused.body.errors), ["set"]);
    }
  }
  const nearly = await send(api, "/upload/people", { "columns.name.typ": "text" });
  assert.equal(
    nearly.body.message,
    `The request can't be used: set: columns.name.typ: unknown key; did you mean "type"?`,
  );
  const triggered = await api.ask("/trigger/nightly", {
    ...{ method: "POST", body: JSON.stringify({ set: { "source.path": "x" } }) },
    headers: { "content-type": "application/json" },
  });
  await assertRefused(api, triggered, 422, "validation");
});

Deno.test("a run is told other values, and its report says them", async () => {
  await using api = await serving({ tables: TABLES, importers });
  const set = { on_duplicate: "update", "columns.source.value": "crm", "options.batch_rows": 10 };
  for (const name of ["people", "other"]) {
    const answer = await send(api, "/upload/people", { ...set, "columns.source.value": name });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    const { id, overridden } = answer.body.data;
    assert.deepEqual(overridden, {
      "columns.source.value": JSON.stringify(name),
      on_duplicate: '"update"',
      "options.batch_rows": "10",
    });
    await api.drive(id);
  }
  const rows = await api.database.session.query<object>("select id, name, source from people");
  assert.deepEqual(rows.map((row) => Object.values(row)), [[1, "Ada", "other"]]);
});

Deno.test("a token that is limited to importers sets neither duplicates nor other columns", async () => {
  await using api = await serving({ tables: TABLES, importers });
  const token = await api.token("run", { importers: ["people"] });
  for (const set of [{ on_duplicate: "update" }, { "columns.source.value": "x" }]) {
    const refused = await send(api, "/upload/people", set, token);
    await assertRefused(api, refused, 403, "forbidden");
  }
  const answer = await send(api, "/upload/people", { "columns.name.transform": ["upper"] }, token);
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
});
