/** `POST /importers`: what somebody has settled for a file becomes an importer. Wrong requests first. */
import assert from "node:assert/strict";
import { outcome, sendJson } from "./customer_runs.ts";
import { documentOf } from "./documented.ts";
import { type Serving, serving, type ServingOptions } from "./serving.ts";

const TABLES = "create table people (id int primary key, name text not null, note text)";
const PEOPLE = `# Who pays us.
table: people
key: id
columns:
  id: Nr   # from sales
  name: Name
`;
const NEW = {
  slug: "clients",
  table: "people",
  key: ["id"],
  on_duplicate: "update",
  source: { delimiter: ";", skip_lines: 1, quote: "none" },
  columns: { id: "Nr", name: "Full: name", note: null },
};

const saving = (options: ServingOptions = {}): Promise<Serving> =>
  serving({ tables: TABLES, importers: { people: PEOPLE }, savesDefinitions: true, ...options });

const save = (api: Serving, body: object, path = "/importers", token?: string) => {
  const { headers, ...init } = sendJson(body);
  return api.ask(path, { ...init, headers, ...token !== undefined && { token } });
};

const fileOf = (api: Serving, name: string) => `${api.folder}/importers/${name}`;
const files = (api: Serving) =>
  [...Deno.readDirSync(`${api.folder}/importers`)].map(({ name }) => name).toSorted();

Deno.test("names that no file should have, and definitions that don't fit, are refused", async () => {
  await using api = await saving();
  const wrong: readonly (readonly [object, string, RegExp])[] = [
    [{ slug: "../x" }, "422 validation", /slug: expected lowercase/],
    [{ slug: "a/b" }, "422 validation", /slug/],
    [{ slug: ".hidden" }, "422 validation", /slug/],
    [{ slug: "" }, "422 validation", /slug/],
    [{ slug: "CON" }, "422 validation", /slug/],
    [{ slug: "con" }, "422 validation", /Windows/],
    [{ slug: "lpt1" }, "422 validation", /Windows/],
    [{ slug: "x".repeat(300) }, "422 validation", /at most 100/],
    [{ slug: "people" }, "409 conflict", /There is an importer people already/],
    [{ table: "nowhere" }, "422 definition", /There is no table nowhere/],
    [{ table: "ingest.runs" }, "422 definition", /ingest/],
    [{ table: "a.b.c" }, "422 definition", /table/],
    [{ key: ["nothing"] }, "422 definition", /nothing/],
    [{ columns: { nothing: "X", id: "Nr" } }, "422 definition", /nothing/],
    [{ source: { delimiter: "word" } }, "422 definition", /delimiter/],
    [{ source: { headers: true } }, "422 validation", /no such field/],
    [{ source: { path: "/etc/passwd" } }, "422 validation", /no such field/],
    [{ columns: { id: { value: 1 } } }, "422 validation", /columns/],
    // Without any that is filled, all would be filled by their names.
    [{ columns: { note: null } }, "422 validation", /at least one column that is filled/],
    [{ hooks: "x.js" }, "422 validation", /no such field/],
  ];
  for (const [change, expected, why] of wrong) {
    const answer = await save(api, { ...NEW, ...change });
    assert.equal(outcome(answer), expected, JSON.stringify(change));
    assert.match(JSON.stringify(answer.body), why);
    assert.ok(!JSON.stringify(answer.body).includes(api.folder), answer.body.message);
    assert.deepEqual(files(api), ["people.yaml"], JSON.stringify(change));
  }
});

Deno.test("a new importer is written as somebody would write it, and works at once", async () => {
  await using api = await saving();
  const answer = await save(api, NEW);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.headers.get("location"), "/api/v1/ingest/importers/clients");
  const text = await Deno.readTextFile(fileOf(api, "clients.yaml"));
  assert.equal(
    text,
    `table: people
source:
  delimiter: ";"
  quote: none
  skip_lines: 1
key: [id]
on_duplicate: update
columns:
  id: Nr
  name: "Full: name"
`,
  );
  assert.deepEqual(answer.body, {
    message: "Saved as the importer clients.",
    data: { slug: "clients", file: "clients.yaml", text, warnings: [] },
  });
  const body = "title\nNr;Full: name;Note\n1;Ada;x\n";
  const upload = await api.ask("/upload/clients", {
    ...{ method: "POST", body, headers: { "content-type": "text/csv" } },
  });
  await api.drive(upload.body.data.id);
  assert.deepEqual(await api.database.session.query("select * from people"), [
    { id: 1, name: "Ada", note: null },
  ]);
  const document = await documentOf(api);
  document.check("POST /api/v1/ingest/importers", answer);
  // The same again is the same, and something else under the name isn't.
  assert.equal((await save(api, NEW)).status, 201);
  assert.equal(outcome(await save(api, { ...NEW, description: "x" })), "409 conflict");
});

Deno.test("of two people who save the same name at once, one is told that it is taken", async () => {
  await using api = await saving();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => save(api, { ...NEW, description: `from person ${i}` })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted(),
    [201, ...Array.from({ length: 7 }, () => 409)],
  );
  const saved = answers.find(({ status }) => status === 201);
  assert.equal(await Deno.readTextFile(fileOf(api, "clients.yaml")), saved?.body.data.text);
  assert.deepEqual(files(api), ["clients.yaml", "people.yaml"]);
});

Deno.test("a name that another file has, in whatever form, is taken", async () => {
  await using api = await saving();
  await Deno.writeTextFile(fileOf(api, "one.yml"), "slug: clients\ntable: people\n");
  await Deno.writeTextFile(fileOf(api, "broken.json"), "{");
  for (const slug of ["clients", "broken"]) {
    assert.equal(outcome(await save(api, { ...NEW, slug })), "409 conflict", slug);
  }
  assert.deepEqual(files(api), ["broken.json", "one.yml", "people.yaml"]);
});

Deno.test("a definition is changed in place, and keeps its comments", async () => {
  await using api = await saving();
  const answer = await save(api, {
    source: { encoding: "windows-1252" },
    columns: { name: "Full name", note: "Remark" },
  }, "/importers/people");
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const text = await Deno.readTextFile(fileOf(api, "people.yaml"));
  assert.equal(
    text,
    PEOPLE.replace("name: Name\n", "name: { from: [Full name, Name] }\n  note: Remark\n") +
      "source: { encoding: windows-1252 }\n",
  );
  assert.equal(answer.body.data.text, text);
  (await documentOf(api)).check("POST /api/v1/ingest/importers/{importer}", answer);
  const wrong: readonly (readonly [object, string])[] = [
    [{ columns: { name: null } }, "422 definition"],
    [{ columns: { nothing: "X" } }, "422 definition"],
    [{ source: { encoding: "klingon" } }, "422 definition"],
    [{ table: "other" }, "422 validation"],
  ];
  for (const [change, expected] of wrong) {
    const refused = await save(api, change, "/importers/people");
    assert.equal(outcome(refused), expected, JSON.stringify(change));
    assert.ok(!JSON.stringify(refused.body).includes(api.folder));
  }
  assert.equal(await Deno.readTextFile(fileOf(api, "people.yaml")), text);
  await Deno.remove(fileOf(api, "people.yaml"));
  assert.equal(
    outcome(await save(api, { columns: {} }, "/importers/people")),
    "404 unknown_importer",
  );
  assert.deepEqual(files(api), []);
});

Deno.test("a definition in JavaScript is left to whoever wrote it", async () => {
  await using api = await saving();
  const text = 'export default { table: "people", key: "id" };\n';
  await Deno.writeTextFile(fileOf(api, "code.js"), text);
  const answer = await save(api, { columns: { name: "Full name" } }, "/importers/code");
  assert.equal(outcome(answer), "409 conflict");
  assert.match(answer.body.message, /code\.js: a definition in JavaScript/);
  assert.equal(await Deno.readTextFile(fileOf(api, "code.js")), text);
});

Deno.test("a folder that can't be written to is told, and why is in the log alone", async () => {
  await using api = await saving();
  const folder = `${api.folder}/importers`;
  // Also for root: nothing can be made in a folder that is no longer there.
  await Deno.remove(folder, { recursive: true });
  const answer = await save(api, NEW);
  assert.equal(outcome(answer), "500 storage");
  assert.equal(answer.body.message, "The server can't write into its folder of importers.");
  assert.match(JSON.stringify(api.log), /CannotSave/);
});

Deno.test("only administrators may save, only where the server allows it, and of any importer", async () => {
  await using closed = await saving({ savesDefinitions: false });
  const refused = await save(closed, NEW);
  assert.equal(outcome(refused), "403 not_enabled");
  assert.doesNotMatch(refused.body.message, /--/);
  await using api = await saving({ tokens: true });
  const status = async (token: string, body: object, path?: string) =>
    outcome(await save(api, body, path, token));
  assert.equal(await status(await api.token("run"), NEW), "403 forbidden");
  const limited = await api.token("admin", { importers: ["people", "clients"] });
  assert.equal(await status(limited, NEW), "403 forbidden");
  const change = { columns: { name: "Full name" } };
  assert.equal(await status(limited, change, "/importers/people"), "200");
  // It could fill what it has been kept from.
  assert.equal(
    await status(limited, { columns: { note: "Salary" } }, "/importers/people"),
    "403 forbidden",
  );
  const other = await api.token("admin", { importers: ["clients"] });
  assert.equal(await status(other, change, "/importers/people"), "403 forbidden");
  assert.deepEqual(files(api), ["people.yaml"]);
});

Deno.test("a request that is sent again with its key is done once", async () => {
  await using api = await saving();
  const send = (body: object) => {
    const { headers, ...init } = sendJson(body);
    return api.ask("/importers", { ...init, headers: { ...headers, "idempotency-key": "k1" } });
  };
  const first = await send(NEW);
  assert.equal(first.status, 201);
  // Whatever became of it since.
  await Deno.remove(fileOf(api, "clients.yaml"));
  const again = await send(NEW);
  assert.deepEqual([again.status, again.body], [201, first.body]);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.deepEqual(files(api), ["people.yaml"]);
  assert.equal(outcome(await send({ ...NEW, slug: "other" })), "422 key_reused");
});
