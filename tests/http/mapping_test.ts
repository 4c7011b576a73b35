/** `mapping`: a request says which column of its file fills which of the table. Wrong ones first. */
import assert from "node:assert/strict";
import { type Answer, type Serving, serving, type ServingOptions } from "./serving.ts";
import { assertRefused, filesIn, formWith } from "./uploading.ts";

const TABLES = `create table people (id int primary key, name text not null, note text);
  create table stamped (id int primary key, name text not null, joined date, by text, note text)`;

const importers = {
  people: "table: people\nkey: id\n",
  stamped: `table: stamped
key: [Nr]
on_duplicate: update
columns:
  id: { from: Nr, type: integer }
  name: { from: [Name, "Full name"], required: true, transform: [upper] }
  joined: { from: Joined, type: date, format: dd.MM.yyyy }
  by: { value: "\${run.user}" }
`,
};

type Mapping = Readonly<Record<string, unknown>> | string;

function written(mapping: Mapping): string {
  return typeof mapping === "string" ? mapping : JSON.stringify(mapping);
}

/** The file as the body, the mapping in the query. */
function send(
  api: Serving,
  path: string,
  csv: string,
  mapping: Mapping,
  options: { readonly token?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const at = `${path}${path.includes("?") ? "&" : "?"}mapping=`;
  return api.ask(at + encodeURIComponent(written(mapping)), {
    ...{ method: "POST", body: csv },
    headers: { "content-type": "text/csv", ...options.headers },
    ...options.token !== undefined && { token: options.token },
  });
}

/** Both in a form. */
function sendForm(api: Serving, path: string, csv: string, mapping: Mapping): Promise<Answer> {
  const body = formWith(csv, "people.csv", { mapping: written(mapping) });
  return api.ask(path, { method: "POST", body });
}

async function loaded(api: Serving, answer: Answer): Promise<number> {
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  await api.drive(answer.body.data.id);
  return answer.body.data.id;
}

function open(options: ServingOptions = {}): Promise<Serving> {
  return serving({ tables: TABLES, importers, ...options });
}

Deno.test("a mapping that is none is refused, in a query and in a form", async () => {
  await using api = await open();
  for (
    const mapping of ["x", "[]", "null", "1", '"name"', "{", { name: 1 }, { name: ["a"] }, {
      name: {},
    }]
  ) {
    for (const path of ["/upload/people", "/preview/people", "/upload?table=people"]) {
      for (const answer of [send, sendForm]) {
        const refused = await answer(api, path, "id,name\n1,Ada\n", mapping);
        await assertRefused(api, refused, 422, "validation", `${path} ${written(mapping)}`);
        assert.deepEqual(Object.keys(refused.body.errors), ["mapping"]);
      }
    }
  }
  const both = await api.ask(
    `/upload/people?mapping=${encodeURIComponent('{"note":null}')}`,
    { method: "POST", body: formWith("id,name\n1,A\n", "p.csv", { mapping: '{"name":"id"}' }) },
  );
  await assertRefused(api, both, 422, "validation");
  assert.match(both.body.message, /the form and the query disagree/u);
});

Deno.test("a mapping that doesn't fit the table or the file is refused", async () => {
  await using api = await open();
  const csv = "Nr,Full name,Joined\n1,Ada,01.02.2020\n";
  const cases: readonly (readonly [string, Mapping, string, RegExp])[] = [
    ["/upload/people", { nmae: "Nr" }, "definition", /no column "nmae"; did you mean "name"\?/u],
    ["/upload/people", { nmae: null }, "definition", /no column "nmae"; did you mean "name"\?/u],
    ["/upload/people", { __proto__x: "Nr" }, "definition", /no column "__proto__x"/u],
    ["/upload/people", '{"__proto__": "Nr"}', "definition", /no column "__proto__"/u],
    [
      "/upload/people",
      { id: "Nr", name: "Ful name" },
      "header",
      /no column "Ful name" for name; it has .*; did you mean "Full name"\?/u,
    ],
    // An optional one, too: somebody has asked for it.
    ["/upload/stamped", { joined: "Since" }, "header", /no column "Since" for joined/u],
    ["/upload/people", { id: null, name: "Nr" }, "header", /id is part of the key: say which/u],
    ["/upload/stamped", { id: null }, "header", /id is part of the key: say which/u],
    ["/upload/stamped", { name: null }, "header", /name is needed in every row: say which/u],
    ["/upload/people", { id: "Nr" }, "header", /no column for name/u],
    ["/upload?table=people&key=id", { id: null, note: "Nr" }, "header", /part of the key/u],
    ["/upload/stamped", { by: "Full name" }, "definition", /by the same value in every row/u],
    ["/upload/stamped", { by: null }, "definition", /by the same value in every row/u],
  ];
  for (const [path, mapping, code, why] of cases) {
    const refused = await send(api, path, csv, mapping);
    await assertRefused(api, refused, 422, code, written(mapping));
    assert.match(refused.body.message, why);
    assert.doesNotMatch(refused.body.message, /--|ingest /u);
    const seen = await send(api, path.replace("upload", "preview"), csv, mapping);
    assert.equal(seen.status, 200, JSON.stringify(seen.body));
    assert.deepEqual([seen.body.data.ok, seen.body.data.mapping], [false, null]);
    assert.match(seen.body.data.problems.join("\n"), why);
  }
});

Deno.test("a preview shows what goes where, as the mapping says", async () => {
  await using api = await open();
  const csv = "id,name,Full name,note\n1,a,Ada,x\n";
  for (const answer of [send, sendForm]) {
    const { body } = await answer(api, "/preview?table=people", csv, {
      name: "Full name",
      note: null,
    });
    const { mapping, rows, warnings, not_filled } = body.data;
    assert.deepEqual(
      mapping.map(({ column, from }: { column: string; from: string[] }) => [column, ...from])
        .toSorted(),
      [["id", "id"], ["name", "Full name"]],
    );
    assert.deepEqual(rows[0].values, { id: "1", name: "Ada" });
    assert.deepEqual(not_filled, ["note"]);
    assert.match(
      warnings.join("\n"),
      /For this run only, the mapping was changed: name comes from "Full name", note isn't filled/u,
    );
  }
  // One column of the file may fill two, and those that aren't named stay as they are.
  const { body } = await send(api, "/preview?table=people", csv, { note: "name" });
  assert.deepEqual(body.data.rows[0].values, { id: "1", name: "a", note: "a" });
  // Nothing differs.
  const same = await send(api, "/preview?table=people", csv, { name: "name" });
  assert.doesNotMatch(same.body.data.warnings.join("\n"), /For this run|not used/u);
  const constants = await send(api, "/preview/stamped", "Nr,Name\n1,Ada\n", {});
  const fixed = constants.body.data.mapping.filter((each: { constant: boolean }) => each.constant);
  assert.deepEqual(fixed.map(({ column }: { column: string }) => column), ["by"]);
});

Deno.test("a run loads as its mapping says, with the importer's checks, and says so", async () => {
  await using api = await open();
  const csv = "Number,Who,Since,Note\n1,Ada,01.02.2020,n\n2,Bea,2020-02-01,m\n";
  const answer = await sendForm(api, "/upload/stamped", csv, {
    ...{ id: "Number", name: "Who", joined: "Since", note: "Note" },
  });
  const id = await loaded(api, answer);
  assert.deepEqual(
    await api.database.session.query("select id, name, joined::text, note from stamped"),
    [{ id: 1, name: "ADA", joined: "2020-02-01", note: "n" }],
  );
  const { body } = await api.ask(`/${id}`);
  assert.equal(body.data.progress.failed, 1);
  assert.match(
    body.data.warnings.join("\n"),
    /For this run only, .*: id comes from "Number", joined comes from "Since", name comes from/u,
  );
  const [failed] = (await api.ask(`/${id}/rows`)).body.data;
  assert.equal(failed.errors.details[0].source_column, "Since");
});

Deno.test("a retry keeps the mapping, with the importer's rules as they are by then", async () => {
  await using api = await open();
  const csv = "Number,Who,Joined\n1,Ada,2020-02-01\n";
  const id = await loaded(
    api,
    await send(api, "/upload/stamped", csv, { id: "Number", name: "Who" }),
  );
  await Deno.writeTextFile(
    `${api.folder}/importers/stamped.yaml`,
    importers.stamped.replace("dd.MM.yyyy", "yyyy-MM-dd"),
  );
  const retry = await api.ask(`/${id}/retry`, { method: "POST" });
  await loaded(api, retry);
  assert.deepEqual(
    await api.database.session.query("select id, name, joined::text from stamped"),
    [{ id: 1, name: "ADA", joined: "2020-02-01" }],
  );
});

Deno.test("with once, the same file with another mapping is another one", async () => {
  await using api = await open();
  const csv = "id,name,Full name\n1,a,Ada\n";
  const path = "/upload?table=people&key=id&on_duplicate=update&once=true";
  const first = await loaded(api, await send(api, path, csv, {}));
  const again = await send(api, path, csv, {});
  assert.deepEqual([again.status, again.body.data.id], [200, first]);
  const other = await loaded(api, await send(api, path, csv, { name: "Full name", note: "name" }));
  // The order of the columns says nothing.
  const same = await send(api, path, csv, { note: "name", name: "Full name" });
  assert.deepEqual([same.status, same.body.data.id], [200, other]);
});

Deno.test("an Idempotency-Key belongs to the request with its mapping", async () => {
  await using api = await open();
  const headers = { "idempotency-key": "k1" };
  const csv = "id,name,Full name\n1,a,Ada\n";
  const mapping = { name: "Full name" };
  const first = await send(api, "/upload/people", csv, mapping, { headers });
  const again = await send(api, "/upload/people", csv, mapping, { headers });
  assert.deepEqual([again.status, again.body.data.id], [202, first.body.data.id]);
  const other = await send(api, "/upload/people", csv, { name: "name" }, { headers });
  assert.deepEqual([other.status, other.body.code], [422, "key_reused"]);
  assert.equal(filesIn(api.storage).length, 1);
});

Deno.test("a token for some importers fills only what they fill", async () => {
  await using api = await open({ tokens: true });
  const token = await api.token("run", { importers: ["stamped"] });
  const csv = "Nr,Name,Note\n1,Ada,n\n";
  for (const what of ["upload", "preview"]) {
    const refused = await send(api, `/${what}/stamped`, csv, { note: "Note" }, { token });
    await assertRefused(api, refused, 403, "forbidden", what);
    assert.match(
      refused.body.message,
      /stamped doesn't fill "note": it fills id, name, joined, by/u,
    );
  }
  const own = await send(api, "/upload/stamped", csv, { name: "Note" }, { token });
  assert.equal(own.status, 202, JSON.stringify(own.body));
  const all = await send(api, "/upload/stamped", csv, { note: "Note" }, {
    token: await api.token("run"),
  });
  assert.equal(all.status, 202, JSON.stringify(all.body));
});
