/** `/import`: what it offers to whom, and what a file looks like before it is loaded. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Serving, serving } from "../serving.ts";
import { filesIn } from "../uploading.ts";
import { press, signedIn } from "./browsing.ts";

const TABLES = `create table people (id int primary key, name text not null, born date, note text);
  create table places (id int primary key, name text)`;
const PEOPLE = `table: people
description: everybody
key: id
columns:
  id: { from: Nr }
  name: { from: Name, max_length: 20 }
  born: { from: Born, type: date, format: dd.MM.yyyy }
`;
const NIGHTLY = "table: people\nkey: id\nsource: { type: file, path: nightly.csv }\n";
const options = { tables: TABLES, importers: { people: PEOPLE, nightly: NIGHTLY } };

const FILE = "Nr,Name,Born,Extra\n1,Ada,10.12.1815,x\n2,,1815-12-10,\n3,Cid\n";

const show = (api: Serving, path: string, headers: Readonly<Record<string, string>> = {}) =>
  api.ask(api.origin + path, { headers, redirect: "manual" });

/** What the form does where scripts don't run. */
function submit(
  api: Serving,
  path: string,
  content: string | Uint8Array<ArrayBuffer>,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const body = new FormData();
  body.append("file", new Blob([content]), "people.csv");
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return api.ask(api.origin + path, {
    ...{ method: "POST", body, redirect: "manual" },
    headers: { origin: api.origin, ...headers },
  });
}

const textOf = (html: string) =>
  html.slice(html.indexOf("<main")).replace(/<[^>]+>/gu, " ").replace(/\s+/gu, " ");

Deno.test("the page offers importers and tables; a chosen one is shown with what it does", async () => {
  await using api = await serving(options);
  const { status, body } = await show(api, "/import");
  assert.equal(status, 200);
  assert.match(body, /href="\/import\?importer=people"/u);
  assert.match(body, /action="\/importers\/nightly\/run"/u);
  assert.match(body, /<option value="places">/u);
  assert.doesNotMatch(body, /name="dry_run"/u);
  const chosen = await show(api, "/import?importer=people");
  assert.match(chosen.body, /Rows with the same id as one in the table are skipped/u);
  assert.match(chosen.body, /action="\/import\/upload\?importer=people"/u);
  assert.match(chosen.body, /data-upload="\/api\/v1\/ingest\/upload\/people"/u);
  const table = await show(api, "/import?table=places&key=%5B%22id%22%5D&on_duplicate=update");
  assert.match(table.body, /<option value="\[&quot;id&quot;\]" selected/u);
  assert.match(
    table.body,
    /data-upload="\/api\/v1\/ingest\/upload\?table=places&amp;key=id&amp;on_duplicate=update"/u,
  );
});

Deno.test("the only importer is chosen by itself, unless somebody wants another one", async () => {
  await using api = await serving({ ...options, importers: { people: PEOPLE }, tokens: true });
  const { cookie } = await signedIn(api, "run", { importers: ["people"] });
  const { status, headers } = await show(api, "/import", { cookie });
  assert.deepEqual([status, headers.get("location")], [303, "/import?importer=people"]);
  assert.equal((await show(api, "/import?choose=1", { cookie })).status, 200);
});

Deno.test("a preview marks the wrong cells, and says what goes where", async () => {
  await using api = await serving(options);
  const { status, body } = await submit(api, "/import/preview?importer=people", FILE);
  assert.equal(status, 200);
  const text = textOf(body);
  assert.match(text, /2 of the 3 rows would fail .* 1 would be added 2 would fail/u);
  assert.match(text, /Name Is required\. 1 line 3/u);
  assert.match(text, /Born Must be a date \(dd\.MM\.yyyy\)\. 1 “?1815-12-10”? line 3/u);
  assert.match(text, /line Nr id Name Born 2 1 Ada/u);
  assert.match(text, /Read as UTF-8 , separated by comma , 4 columns, names in line 1/u);
  assert.match(body, /<td class="wrong">1815-12-10<span class="why">/u);
  assert.match(body, /<td class="wrong"><i>empty<\/i>/u);
  assert.match(body, /<td>1815-12-10<\/td>/u);
  assert.match(text, /Not used from the file: Extra/u);
  assert.match(text, /Not filled in the table: note/u);
  assert.deepEqual(filesIn(api.storage), []);
  assert.deepEqual(await api.database.session.query("select id from ingest.runs"), []);
});

Deno.test("what is no table, or doesn't fit, is told with what it is", async () => {
  await using api = await serving(options);
  const cases: readonly (readonly [string | Uint8Array<ArrayBuffer>, RegExp])[] = [
    ["", /This can’t be imported .*empty/u],
    ["%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj\n", /This can’t be imported .*PDF/u],
    [new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 6, 0, 8, 0, 0, 0]), /This can’t be imported/u],
    [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0]), /This can’t be imported/u],
    ["Nr,Name,Born\n", /There are no rows in it/u],
    ["a,b\n1,2\n", /doesn’t fit people yet .*The file’s columns: a b/u],
  ];
  for (const [content, expected] of cases) {
    const { status, body } = await submit(api, "/import/preview?importer=people", content);
    assert.equal(status, 200, String(expected));
    assert.match(textOf(body), expected);
    assert.doesNotMatch(textOf(body), /--\w/u);
  }
});

Deno.test("a file that is read wrongly can be read differently, for this run", async () => {
  await using api = await serving(options);
  const titled = `People of May\n${FILE}`;
  const wrong = await submit(api, "/import/preview?importer=people", titled);
  assert.match(textOf(wrong.body), /doesn’t fit people yet .*skip_lines=1/u);
  assert.match(
    wrong.body,
    /<a class="button" href="\/import\?importer=people&amp;skip_lines=1">Skip the first line</u,
  );
  const path = "/import/preview?importer=people&skip_lines=1";
  const right = await submit(api, path, titled);
  assert.match(textOf(right.body), /names in line 2/u);
  assert.match(right.body, /data-upload="\/api\/v1\/ingest\/upload\/people\?skip_lines=1"/u);
  const loaded = await submit(api, "/import/upload?importer=people&skip_lines=1", titled);
  assert.match(loaded.headers.get("location") ?? "", /^\/runs\/\d+$/u);
});

Deno.test("how many rows were looked at is said as it is", async () => {
  await using api = await serving(options);
  const rows = (count: number) =>
    `id,name\n${Array.from({ length: count }, (_, i) => `${i},Rome`).join("\n")}\n`;
  for (
    const [file, expected] of [
      [rows(1), /Looks good Its only row can be read/u],
      [rows(20), /All of the 20 rows can be read/u],
      [rows(1_500), /All of the first 1,000 rows can be read/u],
    ] as const
  ) {
    const { body } = await submit(api, "/import/preview?table=places", file);
    assert.match(textOf(body), expected);
  }
});

Deno.test("without scripts a form loads a file, or tries it", async () => {
  await using api = await serving(options);
  const dry = await submit(api, "/import/upload?importer=people", FILE, { dry_run: "true" });
  const first = Number(dry.headers.get("location")?.split("/").at(-1));
  const { body } = await api.ask(`/${first}`);
  assert.deepEqual([body.data.dry_run, body.data.original_filename], [true, "people.csv"]);
  const table = await submit(api, "/import/upload?table=places", "id,name\n1,Rome\n");
  const run = Number(table.headers.get("location")?.split("/").at(-1));
  await api.drive(run);
  assert.deepEqual(await api.database.session.query("select name from places"), [{ name: "Rome" }]);
});

Deno.test("a file that was loaded before is loaded again only if somebody says so", async () => {
  const once = `${PEOPLE}options: { once: true }\n`;
  await using api = await serving({ ...options, importers: { people: once } });
  const path = "/import/upload?importer=people";
  const first = await submit(api, path, FILE);
  const run = Number(first.headers.get("location")?.split("/").at(-1));
  await api.drive(run);
  const again = await submit(api, path, FILE);
  const to = again.headers.get("location") ?? "";
  assert.equal(to, `/import?importer=people&loaded=${run}`);
  const { body } = await show(api, to);
  assert.match(textOf(body), new RegExp(`although run ${run} has loaded the same file`, "u"));
  const anyway = await submit(api, path, FILE, { once: "false" });
  assert.equal(anyway.headers.get("location"), `/runs/${run + 1}`);
});

Deno.test("a file over the limit is refused, and the page tells the limit before", async () => {
  await using api = await serving({ ...options, maxUpload: 2_000 });
  const { body } = await show(api, "/import?importer=people");
  assert.match(body, /data-max="2000"/u);
  assert.match(textOf(body), /up to 2\.0 kB/u);
  const large = await submit(api, "/import/upload?importer=people", "x".repeat(30_000));
  assert.match(decodeURIComponent(large.headers.get("set-cookie") ?? ""), /refused:.*larger/u);
  assert.deepEqual(filesIn(api.storage), []);
});

Deno.test("an importer that was removed meanwhile is told, and others are offered", async () => {
  await using api = await serving(options);
  await Deno.remove(`${api.folder}/importers/people.yaml`);
  const { status, body } = await submit(api, "/import/preview?importer=people", FILE);
  assert.equal(status, 200);
  assert.match(textOf(body), /There is no importer people any more/u);
  const sent = await submit(api, "/import/upload?importer=people", FILE);
  assert.match(decodeURIComponent(sent.headers.get("set-cookie") ?? ""), /no such importer/u);
});

Deno.test("a definition that was broken meanwhile says what is wrong, without its folder", async () => {
  await using api = await serving(options);
  await Deno.writeTextFile(`${api.folder}/importers/people.yaml`, "tabel: people\n");
  const { body } = await submit(api, "/import/preview?importer=people", FILE);
  assert.match(textOf(body), /people\.yaml:1: tabel/u);
  assert.ok(!body.includes(api.folder));
});

Deno.test("a revoked token leads to the sign-in, and one that may only look to a refusal", async () => {
  await using api = await serving({ ...options, tokens: true });
  const { cookie } = await signedIn(api, "run", { name: "gone" });
  await api.database.session.execute(
    "update ingest.tokens set revoked_at = now() where name = 'gone'",
  );
  const asked = await show(api, "/import?importer=people", { cookie });
  assert.match(
    asked.headers.get("location") ?? "",
    /^\/sign-in\?to=%2Fimport%3Fimporter%3Dpeople/u,
  );
  const seen = await submit(api, "/import/preview?importer=people", FILE, {}, { cookie });
  assert.match(seen.headers.get("location") ?? "", /^\/sign-in/u);
  const reader = await signedIn(api, "read");
  assert.equal((await show(api, "/import", { cookie: reader.cookie })).status, 403);
  const read = await submit(api, "/import/preview?importer=people", FILE, {}, {
    cookie: reader.cookie,
  });
  assert.equal(read.status, 403);
});

Deno.test("tokens that are limited to importers are offered no tables", async () => {
  await using api = await serving({ ...options, tokens: true });
  const { cookie } = await signedIn(api, "run", { importers: ["people", "nightly"] });
  const { body } = await show(api, "/import", { cookie });
  assert.doesNotMatch(body, /<select id="table"/u);
  const forced = await show(api, "/import?table=places", { cookie });
  assert.doesNotMatch(forced.body, /data-upload/u);
});

Deno.test("another site's form can't send a file", async () => {
  await using api = await serving({ ...options, tokens: true });
  const { cookie } = await signedIn(api, "run");
  const origin = "https://evil.example";
  for (const what of ["upload", "preview"]) {
    const path = `/import/${what}?importer=people`;
    const { status } = await submit(api, path, FILE, {}, { cookie, origin });
    assert.equal(status, 403, what);
  }
  assert.deepEqual(await api.database.session.query("select id from ingest.runs"), []);
});

Deno.test("hostile names and cells are shown as text", async () => {
  const evil = "<img src=x onerror=alert(1)>\u202e";
  await using api = await serving(options);
  const file = `Nr,Name,Born,"${evil}"\n"${evil}","${evil}",x,\n`;
  for (const path of ["importer=people", "table=people", `importer=${encodeURIComponent(evil)}`]) {
    const { body } = await submit(api, `/import/preview?${path}`, file);
    assert.ok(!body.includes("<img"), path);
    assert.ok(body.includes("&lt;img src=x onerror=alert(1)&gt;"), path);
  }
});

Deno.test("a form may say what goes where, and only free columns can be changed", async () => {
  const constant = PEOPLE.replace("{ from: Nr }", '{ from: Nr }\n  note: { value: "x" }')
    .replace("  born: { from: Born, type: date, format: dd.MM.yyyy }\n", "");
  await using api = await serving({
    ...options,
    tokens: true,
    importers: { people: constant },
  });
  const to = "/import/preview?importer=people";
  const free = (html: string) =>
    [...html.slice(html.indexOf("data-mapping")).matchAll(/<tr ?><td.*?<th scope="row">(\w+)/gu)]
      .map(([, column]) => column);
  const { cookie } = await signedIn(api, "run");
  const mapped = await submit(api, to, "Nr,Who\n1,Ada\n", { mapping: '{"name":"Who"}' }, {
    cookie,
  });
  assert.match(textOf(mapped.body), /Looks good .* name comes from &quot;Who&quot;/u);
  assert.deepEqual(free(mapped.body), ["id", "name", "born"]);
  const { cookie: own } = await signedIn(api, "run", { importers: ["people"] });
  const limited = { cookie: own };
  const misfit = await submit(api, to, "Number,Name\n1,Ada\n", {}, limited);
  assert.match(textOf(misfit.body), /doesn’t fit people yet .* nothing yet id .* Name name/u);
  assert.deepEqual(free(misfit.body), ["id", "name"]);
  const fits = await submit(api, to, "Nr,Name\n1,Ada\n", {}, limited);
  assert.deepEqual(free(fits.body), ["id", "name"]);
});

Deno.test("300 columns and long cells make no large page, and all of them can be seen", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `column_number_${i}`);
  const many = Array.from({ length: 1_500 }, (_, i) => `a_column_with_a_long_name_${i}`);
  const create = (table: string, of: readonly string[]) =>
    `create table ${table} (${of.map((name) => `${name} text`).join(", ")});`;
  await using api = await serving({
    tables: create("wide", names) + create("wider", many) + "create table narrow (a int, b int)",
  });
  const cell = "a long cell ".repeat(900);
  const rows = (of: readonly string[], count: number) =>
    `${of.join(",")}\n` +
    `${of.map((_, i) => i < 5 ? cell : "cell").join(",")}\n`.repeat(count);
  const files: readonly (readonly [string, string])[] = [
    ["wide", rows(names, 8)],
    ["wide", `${names.join(",")}\n${`${names.join(",")}\n`.repeat(60)}`],
    ["wider", rows(many, 5)],
    ["narrow", `a,b\n${`${cell},${cell}\n`.repeat(40)}`],
    // Nothing fits.
    ["wide", rows(many, 5)],
  ];
  for (const [table, file] of files) {
    const { body } = await submit(api, `/import/preview?table=${table}`, file);
    assert.match(body, /data-verdict=/u);
    assert.ok(Buffer.byteLength(body) < 50_000, `${table}: ${Buffer.byteLength(body)}`);
  }
  const { body } = await submit(api, "/import/preview?table=wide", files[0][1]);
  assert.match(textOf(body), /220 more columns aren’t shown here/u);
  const to = "/import/preview?table=wide&amp;all=all";
  assert.ok(body.includes(`formaction="${to}"`));
  const all = await submit(api, to.replace("&amp;", "&"), files[0][1]);
  assert.ok(names.every((name) => all.body.includes(`<th scope="row">${name}</th>`)));
  assert.doesNotMatch(textOf(all.body), /more columns/u);
});

Deno.test("rows that are there already are told, and what becomes of them", async () => {
  await using api = await serving(options);
  await api.database.session.execute("insert into places values (1, 'Rome'), (2, 'Oslo')");
  const file = "ID,Name\n1,Rome\n2,Oslo\n3,Lima\n3,Quito\n4,Bern\n";
  const preview = async (query: string, content = file) =>
    textOf((await submit(api, `/import/preview?table=places${query}`, content)).body);
  const key = "&key=%5B%22id%22%5D";
  const skipped = await preview(key);
  assert.match(skipped, /Looks good .* 2 would be added 3 would be skipped/u);
  assert.match(skipped, /2 rows have the same ID as a row in places : they are skipped/u);
  assert.match(skipped, /1 row has the same ID as a row above in the file: it is skipped/u);
  assert.match(skipped, /skipped 2 1 Rome/u);
  assert.match(
    await preview(`${key}&on_duplicate=update`),
    /2 would be added 3 would update a row/u,
  );
  const failing = /3 of the 5 rows would fail .* 2 would be added 3 would fail/u;
  assert.match(await preview(`${key}&on_duplicate=fail`), failing);
  // The primary key refuses them.
  assert.match(await preview(""), failing);
  assert.match(await preview(""), /To skip such rows, or to update the table, choose ID above/u);
  assert.match(await preview(key, "id,name\n1,Rome\n"), /Nothing in it is new/u);
  assert.match(await preview("", "id,name\n1,Rome\n"), /Its only row would fail/u);
});

Deno.test("a file that was loaded before is told before it is loaded again", async () => {
  await using api = await serving({ ...options, tokens: true });
  const { cookie } = await signedIn(api, "run");
  const file = "id,name\n1,Rome\n";
  const made = await submit(api, "/import/upload?table=places", file, {}, { cookie });
  const run = Number(made.headers.get("location")?.split("/").at(-1));
  const before = /This file was loaded before\. Run \d+ has loaded the same bytes into places/u;
  const preview = async (content: string, own = cookie, to = "table=places") =>
    textOf((await submit(api, `/import/preview?${to}`, content, {}, { cookie: own })).body);
  assert.doesNotMatch(await preview(file), before);
  await api.drive(run);
  assert.match(await preview(file), before);
  assert.doesNotMatch(await preview(`${file}2,Oslo\n`), before);
  assert.doesNotMatch(await preview(file, cookie, "table=people"), before);
  // Whose importer that isn't, doesn't learn of it.
  await Deno.writeTextFile(`${api.folder}/importers/own.yaml`, "table: places\n");
  const { cookie: limited } = await signedIn(api, "run", { importers: ["own"] });
  assert.match(await preview(file, limited, "importer=own"), /Its only row would fail/u);
  assert.doesNotMatch(await preview(file, limited, "importer=own"), before);
});

Deno.test("the rows that would fail are shown, however far down they are", async () => {
  await using api = await serving(options);
  const rows = Array.from(
    { length: 200 },
    (_, i) => `${i + 1},${i === 149 || i === 179 ? "" : "Ada"},10.12.1815\n`,
  );
  const file = `Nr,Name,Born\n${rows.join("")}`;
  const text = textOf((await submit(api, "/import/preview?importer=people", file)).body);
  assert.match(
    text,
    /The rows that would fail line .* 151 150 empty Is required\. 1815-12-10 181/u,
  );
  // It is said once how many they are.
  assert.equal(text.match(/2 of the/gu)?.length, 1);
});

Deno.test("the page speaks of import settings, and nowhere of definitions", async () => {
  await using api = await serving(options);
  const files = [
    "Nr;Name;Born\n1,Ada,x\n",
    `People\n${FILE}`,
    "a\n1\n",
    FILE,
    "Nr,Name,Born\n1,\n",
  ];
  for (const file of files) {
    const { body } = await submit(api, "/import/preview?importer=people", file);
    assert.doesNotMatch(textOf(body), /definition/iu, file);
  }
});

Deno.test("without scripts, what was settled for a file is saved by a form", async () => {
  await using api = await serving({ ...options, savesDefinitions: true });
  const { body } = await submit(
    api,
    "/import/preview?table=places&key=%5B%22id%22%5D&delimiter=%3B",
    "ID;Name\n1;Rome\n",
  );
  const [, to] = /<form method="post" action="(\/import\/save[^"]*)"/u.exec(body) ?? [];
  const [, columns] = /<textarea name="columns" hidden="">\n([^<]*)</u.exec(body) ?? [];
  assert.equal(columns, "id\tID\nname\tName");
  const path = to.replaceAll("&amp;", "&");
  const wrong = await press(api, path, { slug: "../x", columns });
  assert.match(
    decodeURIComponent(wrong.headers.get("set-cookie") ?? ""),
    /refused:It isn’t saved\. Name: expected lowercase/u,
  );
  const saved = await press(api, path, { slug: "towns", columns: columns.replace("\n", "\r\n") });
  assert.equal(saved.headers.get("location"), "/import?importer=towns");
  assert.equal(
    await Deno.readTextFile(`${api.folder}/importers/towns.yaml`),
    'table: places\nsource:\n  delimiter: ";"\nkey: [id]\non_duplicate: skip\ncolumns:\n' +
      "  id: ID\n  name: Name\n",
  );
  const changed = await press(api, "/import/save?importer=towns&skip_lines=1", { columns: "" });
  assert.equal(changed.headers.get("location"), "/import?importer=towns");
  assert.match(await Deno.readTextFile(`${api.folder}/importers/towns.yaml`), /skip_lines: 1/u);
  const evil = { origin: "https://evil.example" };
  for (const end of ["", ".json"]) {
    const { status } = await press(api, path.replace("save?", `save${end}?`), { slug: "x" }, evil);
    assert.equal(status, 403, end);
  }
});

Deno.test("only who may save is offered to, and only what can be saved", async () => {
  const code = 'export default { table: "places", key: "id" };\n';
  await using api = await serving({ ...options, savesDefinitions: true, tokens: true });
  await Deno.writeTextFile(`${api.folder}/importers/code.js`, code);
  const seen = async (scope: "run" | "admin", path: string, importers?: readonly string[]) => {
    const { cookie } = await signedIn(api, scope, importers === undefined ? {} : { importers });
    return (await submit(api, `/import/preview?${path}`, "id,name\n1,Rome\n", {}, { cookie })).body;
  };
  const form = /action="\/import\/save/u;
  assert.doesNotMatch(await seen("run", "table=places"), /data-keep/u);
  assert.match(await seen("admin", "table=places"), form);
  const limited = await seen("admin", "importer=code&delimiter=,", ["code"]);
  assert.match(limited, /code is written in JavaScript/u);
  assert.doesNotMatch(limited, form);
});
