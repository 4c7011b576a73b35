/** The pages of importers: what each does, how it went, what is wrong with it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { serving } from "../serving.ts";
import { load, press, show, signedIn } from "./browsing.ts";

const TABLES =
  "create table people (id int primary key, name text not null, note text default 'x')";
const PEOPLE = `table: people
description: everybody
key: id
on_duplicate: update
columns:
  id: { from: [Nr, Number] }
  name: { from: Name, max_length: 20, transform: [squish] }
options: { max_errors: 10% }
`;
const NIGHTLY = "table: people\nkey: id\nsource: { type: file, path: nightly.csv }\n";

const options = {
  tables: TABLES,
  importers: { people: PEOPLE, nightly: NIGHTLY },
  sourceFiles: { "nightly.csv": "id,name\n1,Ada\n2,\n" },
};

Deno.test("each importer says what it does, with its last runs as a chart", async () => {
  await using api = await serving(options);
  const first = await load(api, "Nr,Name\n1,Ada\n2,Ben\n");
  const last = await load(api, "Nr,Name\n1,Ada\nx,Ben\ny,Cid\n");
  const { status, body } = await show(api, "/importers");
  assert.equal(status, 200);
  assert.match(body, /everybody/u);
  assert.match(body, /Rows with the same id as one in the table update it; others are added\./u);
  assert.match(body, /aria-label="the last 2 runs: 3 good rows, 2 failed"/u);
  assert.match(body, new RegExp(`<title>Run ${first}: 2 good, 0 failed</title>`, "u"));
  assert.match(body, new RegExp(`href="/runs/${last}".*Some rows failed`, "su"));
  assert.match(body, /href="\/import\?importer=people"/u);
  assert.match(body, /action="\/importers\/nightly\/run"/u);
  assert.match(body, /nightly\.csv on the server/u);
});

Deno.test("an open run counts what it has done, dry runs and retries don't count", async () => {
  await using api = await serving(options);
  const run = await load(api, "Nr,Name\n1,Ada\nx,Ben\n");
  const query = "/upload/people?filename=people.csv&dry_run=1";
  const init = { method: "POST", headers: { "content-type": "text/csv" }, body: "Nr,Name\n9,A\n" };
  const dry = await api.ask(query, init);
  await api.drive(dry.body.data.id);
  await api.ask(`/${run}/retry`, { method: "POST" });
  await api.ask("/upload/people?filename=people.csv", init);
  const { body } = await show(api, "/importers/people");
  assert.match(body, /aria-label="the last 2 runs: 1 good rows, 1 failed"/u);
});

Deno.test("definitions that can't be used say why, without a folder of the machine", async () => {
  await using api = await serving({
    ...options,
    importers: { ...options.importers, broken: "tabel: people\n", lost: "table: nowhere\n" },
  });
  const { body } = await show(api, "/importers?check=1");
  assert.match(body, /One definition has mistakes/u);
  assert.match(body, /broken\.yaml:1: tabel: unknown key; did you mean &quot;table&quot;\?/u);
  assert.match(body, /lost\.yaml:1: table: There is no table nowhere in this database\./u);
  assert.ok(!body.includes(api.folder));
  const one = await show(api, "/importers/lost");
  assert.match(one.body, /There is no table nowhere/u);
  assert.ok(!one.body.includes(api.folder));
  const broken = await show(api, "/importers/broken");
  assert.equal(broken.status, 422);
  assert.match(broken.body, /did you mean/u);
  assert.equal((await show(api, "/importers/nobody")).status, 404);
});

Deno.test("an importer's page has its columns, its options and its definition", async () => {
  await using api = await serving(options);
  const { body } = await show(api, "/importers/people");
  assert.match(body, /<td>Nr or Number<\/td>/u);
  assert.match(body, /<bdi>name<\/bdi>(?:(?!<tr>).)*required/su);
  assert.match(body, /at most 20 characters/u);
  assert.match(body, /<code>max_errors<\/code><\/dt><dd><bdi>10%<\/bdi>/u);
  assert.match(body, /on_duplicate: update\n/u);
  const byName = await show(api, "/importers/nightly");
  assert.match(byName.body, /fill the table’s columns of the same name/u);
  assert.match(byName.body, /<bdi>note<\/bdi>/u);
});

Deno.test("a definition is shown without its secrets", async () => {
  const secret = "table: people\ndescription: of https://ana:hunter2@example.com/?token=abc123\n" +
    "columns:\n  id: {}\n  name: { value: s3cret }\n".replace("name:", "api_token:");
  await using api = await serving({ ...options, importers: { people: secret } });
  for (const path of ["/importers", "/importers?check=1", "/importers/people"]) {
    const { body } = await show(api, path);
    assert.doesNotMatch(body, /hunter2|abc123|s3cret/u, path);
  }
});

Deno.test("names and descriptions are shown as text, whatever is in them", async () => {
  const evil = "<img src=x onerror=alert(1)>";
  const columns = `columns: { id: { from: "${evil}", one_of: ["${evil}"] } }`;
  const yaml = `table: people\ndescription: "${evil}\\u202e"\nkey: id\n${columns}\n`;
  await using api = await serving({ ...options, importers: { people: yaml } });
  for (const path of ["/importers?check=1", "/importers/people"]) {
    const { body } = await show(api, path);
    assert.ok(!body.includes("<img"), path);
    assert.ok(body.includes("&lt;img src=x onerror=alert(1)&gt;"), path);
  }
});

Deno.test("Run now loads the server's own file, and insists only if somebody says so", async () => {
  const once = `${NIGHTLY}options: { once: true }\n`;
  await using api = await serving({ ...options, importers: { nightly: once } });
  const started = await press(api, "/importers/nightly/run");
  const to = started.headers.get("location") ?? "";
  assert.match(to, /^\/runs\/\d+$/u);
  const run = Number(to.split("/").at(-1));
  await api.drive(run);
  const refused = await press(api, "/importers/nightly/run");
  assert.equal(refused.headers.get("location"), `/importers/nightly?loaded=${run}`);
  assert.match(decodeURIComponent(refused.headers.get("set-cookie") ?? ""), /same bytes/u);
  const { body } = await show(api, `/importers/nightly?loaded=${run}`);
  assert.match(body, /Load it again anyway/u);
  const again = await press(api, "/importers/nightly/run", { anyway: "true" });
  assert.equal(again.headers.get("location"), `/runs/${run + 1}`);
});

Deno.test("tokens see only their importers, and buttons only if they may run them", async () => {
  await using api = await serving({ ...options, tokens: true });
  const limited = await signedIn(api, "run", { importers: ["night*"] });
  const { body } = await show(api, "/importers", { cookie: limited.cookie });
  assert.match(body, /nightly/u);
  assert.doesNotMatch(body, /everybody/u);
  const other = await show(api, "/importers/people", { cookie: limited.cookie });
  assert.equal(other.status, 403);
  const reader = await signedIn(api, "read");
  for (const path of ["/importers", "/importers/nightly"]) {
    const read = await show(api, path, { cookie: reader.cookie });
    assert.doesNotMatch(read.body, /Run now|Import a file/u, path);
  }
  const pressed = await press(api, "/importers/nightly/run", {}, { cookie: reader.cookie });
  assert.match(decodeURIComponent(pressed.headers.get("set-cookie") ?? ""), /scope run/u);
  const none = await signedIn(api, "run", { importers: ["others"] });
  const empty = await show(api, "/importers", { cookie: none.cookie });
  assert.match(empty.body, /none of those is on this server/u);
});

Deno.test("without importers, the page says how to make one, and names no folder", async () => {
  await using api = await serving({ tables: TABLES });
  const { body } = await show(api, "/importers");
  assert.match(body, /There are no importers yet/u);
  assert.ok(!body.includes(api.folder));
});

Deno.test("three hundred columns fit into a page of 50 KB", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `column_number_${i}`);
  await using api = await serving({
    tables: `create table wide (${names.map((name) => `${name} text`).join(", ")})`,
    importers: {
      named: "table: wide\n",
      wide: `table: wide\ncolumns:\n${
        names.map((name) => `  ${name}: { from: ${name.toUpperCase()} }`).join("\n")
      }\n`,
    },
  });
  for (const path of ["/importers?check=1", "/importers/named", "/importers/wide"]) {
    const { body } = await show(api, path);
    assert.ok(Buffer.byteLength(body) < 50_000, `${path}: ${Buffer.byteLength(body)}`);
    // A style that doesn't fit is linked.
    assert.match(body, /<style nonce=|<link rel="stylesheet" href=/u);
  }
});
