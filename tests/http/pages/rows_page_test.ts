/** The page of failed rows: what it shows before any script runs. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { oneSheet, textRow } from "../../source/xlsx/workbook.ts";
import { type Serving, serving } from "../serving.ts";
import { assetsOf, load, press, show, signedIn } from "./browsing.ts";

const options = {
  tables: "create table people (id int primary key, name text, age int)",
  importers: {
    people:
      "table: people\nkey: id\ncolumns:\n  id: { from: Nr }\n  name: { from: Name, max_length: 20 }\n  age: {}\n",
    unlogged: "table: people\nkey: id\noptions: { log_rows: none }\n",
    few: "table: people\nkey: id\noptions: { max_failed_rows_logged: 2 }\n",
  },
};

const FILE = 'Nr,Name,age\n1,Ada,36\nx,Bob,many\n3,Carl,,extra\n4,"Dan\nDave",old\n';

const linesIn = (page: string) =>
  [...page.matchAll(/<th scope="row" class="n">([\d,]+)<\/th>/gu)].map(([, number]) => number);

Deno.test("failed rows are shown with their line, their values, and what is wrong with which", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const { status, body } = await show(api, `/runs/${run}/rows`);
  assert.equal(status, 200);
  assert.deepEqual(linesIn(body), ["3", "4", "5"]);
  assert.match(body, /<td class="wrong" title="[^"]*whole number[^"]*"><bdi>x<\/bdi>/u);
  assert.match(body, /<td class="wrong" title="[^"]*"><bdi>many<\/bdi>/u);
  assert.match(body, /<td\s*><bdi>Bob<\/bdi>/u);
  assert.match(body, /<td class="why"><bdi>The row has 4 fields where the header has 3\.<\/bdi>/u);
});

Deno.test("rows of a workbook are said to be in its rows, and can be downloaded as one", async () => {
  await using api = await serving(options);
  const book = oneSheet(textRow("Nr", "Name", "age") + textRow("x", "Bob", "4"));
  const run = await load(api, book, { filename: "people.xlsx" });
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.deepEqual(linesIn(body), ["2"]);
  assert.match(body, /<th scope="col">Row<\/th>/u);
  assert.match(body, /"word":"row"/u);
  const [, href] = body.match(/href="([^"]+)"[^>]*>Download as Excel</u) ?? [];
  const file = await api.fetch(api.origin + href);
  assert.match(file.headers.get("content-disposition") ?? "", /\.xlsx"$/u);
  await file.body?.cancel();
  assert.match((await show(api, `/runs/${run}`)).body, />\s*row 2\s*</u);
});

Deno.test("groups are filters, each with its count", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.match(body, /aria-current="true">All <span class="n">3<\/span>/u);
  const chips = [...body.matchAll(/<a href="([^"]+group=[^"]+)"[^>]*><bdi>([^<]+)/gu)];
  const age = chips.find(([, , text]) => text.startsWith("age"));
  assert.ok(age !== undefined, body);
  const filtered = await show(api, age[1]);
  assert.deepEqual(linesIn(filtered.body), ["3", "5"]);
  assert.match(filtered.body, /2 rows of 3 that failed/u);
  const byColumn = await show(api, `/runs/${run}/rows?column=Nr`);
  assert.deepEqual(linesIn(byColumn.body), ["3"]);
  // Somebody has edited the address.
  assert.deepEqual(linesIn((await show(api, `/runs/${run}/rows?code=nonsense`)).body).length, 3);
});

Deno.test("without scripts there are further pages, up to the last one", async () => {
  await using api = await serving(options);
  const lines = Array.from({ length: 120 }, (_, i) => `x${i},Name,1`).join("\n");
  const run = await load(api, `Nr,Name,age\n${lines}\n`);
  const seen: string[] = [];
  for (let path: string | undefined = `/runs/${run}/rows`; path !== undefined;) {
    const { body } = await show(api, path);
    seen.push(...linesIn(body));
    path = /rel="next" href="([^"]+)"/u.exec(body)?.[1].replaceAll("&amp;", "&");
  }
  assert.deepEqual(seen, Array.from({ length: 120 }, (_, i) => String(i + 2)));
});

Deno.test("the places of rows lead to any of them by key", async () => {
  await using api = await serving(options);
  const lines = Array.from({ length: 500 }, (_, i) => i % 2 === 0 ? `x${i},Name,1` : `${i},N,x`);
  const run = await load(api, `Nr,Name,age\n${lines.join("\n")}\n`);
  const { body: all } = await show(api, `/runs/${run}/rows/places`);
  assert.deepEqual(all, { total: 500, apart: 100, cursors: [0, 100, 200, 300, 400, 500] });
  const { body: some } = await show(api, `/runs/${run}/rows/places?column=Nr`);
  assert.deepEqual(some, { total: 250, apart: 100, cursors: [0, 199, 399] });
  const { body: page } = await api.ask(`/${run}/rows?status=failed&column=Nr&cursor=399&limit=1`);
  assert.equal(page.data[0].row_number, 401);
});

Deno.test("what the definition could say is shown with how many values it would make right", async () => {
  await using api = await serving({
    tables: "create table sums (id int, amount numeric)",
    importers: { people: "table: sums\ncolumns:\n  amount: { type: decimal }\n  id: {}\n" },
  });
  const lines = Array.from({ length: 12 }, (_, i) => `${i};${i},50`).join("\n");
  const run = await load(api, `id;amount\n${lines}\n`);
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.match(body, /12 of 12\s.*wrong values of.*amount.*<code>decimal: /su);
});

Deno.test("hostile cells are text", async () => {
  await using api = await serving(options);
  const evil = "<img src=x onerror=alert(1)></script>\u202e";
  const run = await load(api, `Nr,"${evil}",Name,age\n"${evil}",x,y,1\n`);
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.ok(!body.includes("<img"));
  assert.ok(body.includes("&lt;img src=x onerror=alert(1)&gt;"));
  const data = /<script type="application\/json" id="rows-data">(.*?)<\/script>/su.exec(body)?.[1];
  assert.equal(JSON.parse(data ?? "").columns[1][0], evil);
});

Deno.test("a page stays small, however many columns and long values a file has", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `column_${i}`);
  await using api = await serving({
    tables: `create table wide (${names.map((name) => `${name} text`).join(", ")}, id int)`,
    importers: { wide: "table: wide\ncolumns: { id: {} }\noptions: { unmapped: auto }\n" },
  });
  const row = (i: number) => `${names.map(() => "&'\"".repeat(9)).join("\t")}\tx${i}`;
  const rows = Array.from({ length: 60 }, (_, i) => row(i)).join("\n");
  const file = `${names.join("\t")}\tid\n${rows}\n`;
  const run = await load(api, file, { importer: "wide", filename: "wide.tsv" });
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.ok(Buffer.byteLength(body) < 50_000, String(Buffer.byteLength(body)));
  assert.ok(linesIn(body).length > 0);
  // The wrong one is among those that are shown.
  assert.match(body, /class="wrong"[^>]*><bdi>x0</u);
  let scripts = 0;
  for (const file of assetsOf(body).filter((name) => name.endsWith(".js"))) {
    scripts += (await api.ask(api.origin + file)).body.length;
  }
  assert.ok(scripts > 10_000 && scripts < 60_000, String(scripts));
});

Deno.test("a run without failed rows says so", async () => {
  await using api = await serving(options);
  const run = await load(api, "Nr,Name,age\n1,Ada,36\n");
  const { status, body } = await show(api, `/runs/${run}/rows`);
  assert.equal(status, 200);
  assert.match(body, /No row has failed/u);
});

Deno.test("rows that are fixed or waived are still there, and the page says what they are", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  await api.ask(`/${run}/waive`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ all: true, reason: "test data" }),
  });
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.match(body, /All of them are left out for good/u);
  assert.equal(linesIn(body).length, 3);
});

Deno.test("rows that are left to fix can be shown alone", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  assert.doesNotMatch((await show(api, `/runs/${run}/rows`)).body, /left=1/u);
  await press(api, `/runs/${run}/rows/waive`, { reason: "test", rows: "3" });
  const all = await show(api, `/runs/${run}/rows`);
  assert.match(all.body, /href="\/runs\/1\/rows\?left=1"[^>]*>Left <span class="n">2<\/span>/u);
  assert.doesNotMatch(all.body, /fixed rows, too/u);
  const { body } = await show(api, `/runs/${run}/rows?left=1`);
  assert.deepEqual(linesIn(body), ["3", "5"]);
  assert.match(body, /"query":"left=1","total":2/u);
  const { body: places } = await show(api, `/runs/${run}/rows/places?left=1`);
  assert.equal(places.total, 2);
});

Deno.test("numbers that count fixed rows say so", async () => {
  const names = Array.from({ length: 8 }, (_, i) => `n${i}`);
  await using api = await serving({
    tables: `create table wide (${names.map((name) => `${name} int`).join(", ")})`,
    importers: { people: "table: wide\n" },
  });
  const run = await load(api, `${names}\n${names.map(() => "x")}\n${names.map(() => "y")}\n`);
  assert.doesNotMatch((await show(api, `/runs/${run}/rows`)).body, /fixed rows, too/u);
  await press(api, `/runs/${run}/rows/waive`, { reason: "test", rows: "1" });
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.match(body, /2, 1 left/u);
  assert.match(body, /Numbers without “left” count\s+fixed rows, too/u);
});

Deno.test("rows that are not kept, or no longer, are told apart from none", async () => {
  await using api = await serving(options);
  const file = "id,name,age\nx,a,1\ny,b,2\nz,c,3\n";
  const none = await show(api, `/runs/${await load(api, file, { importer: "unlogged" })}/rows`);
  assert.match(none.body, /3 rows failed.*keeps no rows/su);
  const run = await load(api, file, { importer: "few" });
  const few = await show(api, `/runs/${run}/rows`);
  assert.match(few.body, /2 of 3 rows that failed are kept here/u);
  await api.database.session.execute(
    `update ingest.runs set rows_removed_at = now() where id = ${run};
     delete from ingest.logged_rows where run_id = ${run}`,
  );
  const removed = await show(api, `/runs/${run}/rows`);
  assert.match(removed.body, /no longer kept/u);
});

Deno.test("a dry run's failed rows can be looked at", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE, { query: { dry_run: "true" } });
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.equal(linesIn(body).length, 3);
  assert.match(body, /A dry run/u);
});

for (const path of ["/runs/99/rows", "/runs/x/rows"]) {
  Deno.test(`${path} is a page that says that there is no such run`, async () => {
    await using api = await serving(options);
    const { status, body } = await show(api, path);
    assert.equal(status, 404);
    assert.match(body, /<h1>Not found<\/h1>/u);
  });
}

Deno.test("failed rows of another importer are not shown to a limited token", async () => {
  await using api = await serving({ ...options, tokens: true });
  const admin = await signedIn(api, "admin");
  const run = await load(api, FILE, { token: admin.token });
  const path = `/runs/${run}/rows`;
  assert.equal((await show(api, path, { cookie: admin.cookie })).status, 200);
  const other = await signedIn(api, "admin", { importers: ["others"] });
  assert.equal((await show(api, path, { cookie: other.cookie })).status, 404);
});

async function correct(api: Serving, run: number, corrections: readonly unknown[]) {
  const { status, body } = await api.ask(`/${run}/corrections`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ corrections }),
  });
  assert.equal(status, 200, JSON.stringify(body));
}

Deno.test("the button retries the rows that are corrected, and only those", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  assert.match((await show(api, `/runs/${run}/rows`)).body, /Retry all 3<\/button>/u);
  await correct(api, run, [{ row_number: 4, column: "age", value: "40" }]);
  const { body } = await show(api, `/runs/${run}/rows`);
  assert.match(body, /name="corrected" value="true".*Retry 1 corrected row<\/button>/su);
  const pressed = await press(api, `/runs/${run}/rows/retry`, { corrected: "true" });
  assert.equal(pressed.headers.get("location"), `/runs/${run + 1}`);
  await api.drive(run + 1);
  const { body: retry } = await api.ask(`/${run + 1}?rows=0`);
  assert.equal(retry.data.progress.total, 1);
  assert.equal(retry.data.only.rows, 1);
  assert.equal(retry.data.status, "completed");
  // Now none is.
  const again = await press(api, `/runs/${run}/rows/retry`, { corrected: "true" });
  const note = decodeURIComponent(again.headers.get("set-cookie") ?? "");
  assert.match(note, /^ingest_note=refused:Nothing is left to retry/u);
});

Deno.test("rows are waived by what the page shows, or by number, and that is taken back", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const waived = async () =>
    (await api.ask(`/${run}/rows?status=failed`)).body.data
      .filter((row: { waived?: true }) => row.waived)
      .map(({ row_number }: { row_number: number }) => row_number);
  const path = `/runs/${run}/rows/waive`;
  const pressed = await press(api, `${path}?column=Nr`, { reason: "test", rows: "" });
  assert.equal(pressed.headers.get("location"), `/runs/${run}/rows?column=Nr`);
  assert.deepEqual(await waived(), [2]);
  await press(api, path, { reason: "test", rows: "3" });
  assert.deepEqual(await waived(), [2, 3]);
  await press(api, path, { undo: "true" });
  assert.deepEqual(await waived(), []);
  const refused = await press(api, path, { reason: " ", rows: "" });
  assert.match(refused.headers.get("set-cookie") ?? "", /refused/u);
  assert.deepEqual(await waived(), []);
});

Deno.test("a corrected file is sent on to the API, and what it refuses is said", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const { body: csv } = await api.ask(`/${run}/failed-rows/download`);
  const upload = (text: string) => {
    const form = new FormData();
    form.set("file", new File([text], "failed.csv", { type: "text/csv" }));
    return api.ask(`${api.origin}/runs/${run}/rows/upload`, {
      ...{ method: "POST", redirect: "manual", headers: { origin: api.origin } },
      body: form,
    });
  };
  const empty = await upload("");
  assert.match(decodeURIComponent(empty.headers.get("set-cookie") ?? ""), /refused:.*empty/u);
  const made = await upload(csv.replace(",many,", ",5,").replace(",x,", ",7,"));
  assert.equal(made.headers.get("location"), `/runs/${run + 1}`);
});

Deno.test("a long cell is whole where it is edited, with its correction", async () => {
  await using api = await serving(options);
  const long = "long ".repeat(3_000);
  const run = await load(api, `Nr,Name,age\n1,${long},x\n`);
  const path = `/runs/${run}/rows/cell?row=1&column=Name`;
  assert.deepEqual((await show(api, path)).body, { value: long });
  await correct(api, run, [{ row_number: 1, column: "Name", value: "short" }]);
  assert.deepEqual((await show(api, path)).body, { value: "short" });
  assert.equal((await show(api, `/runs/${run}/rows/cell?row=9&column=Name`)).status, 404);
  assert.equal((await show(api, `/runs/${run}/rows/cell?row=1&column=nothing`)).status, 404);
});

Deno.test("what can't be repaired has no buttons that fail", async () => {
  await using api = await serving(options);
  const dry = await load(api, FILE, { query: { dry_run: "true" } });
  const { body } = await show(api, `/runs/${dry}/rows`);
  assert.doesNotMatch(body, /<form method="post" action="\/runs/u);
  assert.match(body, /"mayRepair":false/u);
  const run = await load(api, FILE);
  const { body: undone } = await api.ask(`/${run}/undo`, { method: "POST" });
  await api.drive(undone.data.id);
  const page = await show(api, `/runs/${run}/rows`);
  assert.match(page.body, /takes this run back/u);
  assert.doesNotMatch(page.body, /<form method="post" action="\/runs/u);
});
