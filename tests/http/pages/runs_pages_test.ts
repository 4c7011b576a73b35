/** The pages of runs: what they show, to whom, and what their buttons do. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { BASE_PATH } from "../../../src/http/route.ts";
import { serving } from "../serving.ts";
import { assetsOf, load, press, show, signedIn, upload } from "./browsing.ts";

const options = {
  tables: "create table people (id int primary key, name text)",
  importers: {
    people: "table: people\nkey: id\ncolumns:\n  id: {}\n  name: { max_length: 20 }\n",
  },
};

const TEN = Array.from({ length: 10 }, (_, i) => `${i + 1},name ${i + 1}`).join("\n");
const FILE = `id,name\n${TEN}\n11,${"long ".repeat(9)}\nx,no number\n`;

Deno.test("a page without runs says what a run is, and where to begin", async () => {
  await using api = await serving(options);
  const { body } = await show(api, "/");
  assert.match(body, /Nothing has been imported yet/u);
  assert.match(body, /href="\/import"/u);
});

Deno.test("runs are listed with their retries and undos under them", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const retried = await press(api, `/runs/${run}/retry`);
  assert.equal(retried.headers.get("location"), `/runs/${run + 1}`);
  await api.drive(run + 1);
  const { body } = await show(api, "/");
  const order = [...body.matchAll(/href="\/runs\/(\d+)"/gu)].map(([, id]) => Number(id));
  assert.deepEqual(order, [run, run + 1]);
  assert.match(body, /<ol class="later"><li>.*retry/su);
});

Deno.test("filters are in the address, and what is no filter is left out", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const link = `href="/runs/${run}"`;
  assert.ok((await show(api, "/?status=completed_with_errors")).body.includes(link));
  assert.ok(!(await show(api, "/?status=failed")).body.includes(link));
  assert.ok((await show(api, "/?importer=people")).body.includes(link));
  assert.ok(!(await show(api, "/?importer=others")).body.includes(link));
  assert.ok((await show(api, "/?status=nonsense&before=x")).body.includes(link));
});

const shownRuns = (text: string) => [...text.matchAll(/href="\/runs\/(\d+)"/gu)].map(([, n]) => +n);

const cancelledRuns = (many: number) =>
  `insert into ingest.runs (importer, definition, source, header, status, settings, completed_at)
   select importer, definition, source, header, 'cancelled', settings, now()
   from ingest.runs, generate_series(1, ${many})`;

Deno.test("older runs are on further pages", async () => {
  await using api = await serving(options);
  const first = await load(api, FILE);
  await api.database.session.execute(cancelledRuns(40));
  const { body } = await show(api, "/");
  const next = /rel="next" href="([^"]+)"/u.exec(body)?.[1];
  assert.ok(next !== undefined);
  const older = await show(api, next.replaceAll("&amp;", "&"));
  assert.equal(shownRuns(body).length, 30);
  assert.equal(shownRuns(older.body).length, 11);
  assert.equal(shownRuns(older.body).at(-1), first);
});

Deno.test("a page of runs with many retries has fewer of them, and none is left out", async () => {
  await using api = await serving(options);
  await load(api, FILE);
  await api.database.session.execute(cancelledRuns(9));
  // Each of ten has nine retries.
  await api.database.session.execute(
    `insert into ingest.runs (importer, definition, source, header, status, settings, completed_at,
       parent_id, retried_from_run_id)
     select importer, definition, source, header, 'cancelled', settings, now(), id, id
     from ingest.runs, generate_series(1, 9)`,
  );
  const seen: number[] = [];
  for (let path: string | undefined = "/"; path !== undefined;) {
    const { body } = await show(api, path);
    assert.ok(Buffer.byteLength(body) < 50_000, String(Buffer.byteLength(body)));
    seen.push(...shownRuns(body));
    path = /rel="next" href="([^"]+)"/u.exec(body)?.[1].replaceAll("&amp;", "&");
  }
  assert.deepEqual(seen.toSorted((a, b) => a - b), Array.from({ length: 100 }, (_, i) => i + 1));
});

Deno.test("a run's page has its counts, why rows failed, its batches and what happened", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const { status, body } = await show(api, `/runs/${run}`);
  assert.equal(status, 200);
  assert.match(body, /<dt>created<\/dt><dd class="n" ?>10<\/dd>/u);
  assert.match(body, /<dt>failed<\/dt><dd class="n" ?><a href="\/runs\/\d+\/rows">2<\/a>/u);
  assert.match(body, /must be an integer|must be a whole number/u);
  assert.match(body, /1 of 1 batch done/u);
  assert.match(body, /<strong>completed<\/strong>/u);
});

Deno.test("names and cells are shown as text, whatever is in them", async () => {
  await using api = await serving(options);
  const evil = "<img src=x onerror=alert(1)>\u202e";
  const run = await load(api, `id,name\n"${evil}",x\n`, { filename: `${evil}.csv` });
  for (const path of ["/", `/runs/${run}`]) {
    const { body } = await show(api, path);
    assert.ok(!body.includes("<img"), path);
    assert.ok(body.includes("&lt;img src=x onerror=alert(1)&gt;"), path);
  }
});

Deno.test("the buttons of a page do what the API does, and say what it says", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const survey = await press(api, `/runs/${run}/undo`, { dry_run: "true" });
  const dry = Number(survey.headers.get("location")?.split("/").at(-1));
  await api.drive(dry);
  const { body } = await show(api, `/runs/${dry}`);
  assert.match(body, new RegExp(`action="/runs/${run}/undo".*Take back 10 rows`, "su"));
  const undone = await press(api, `/runs/${run}/undo`);
  await api.drive(Number(undone.headers.get("location")?.split("/").at(-1)));
  assert.deepEqual(await api.database.session.query("select from people"), []);

  const refused = await press(api, `/runs/${run}/undo`, {}, {
    referer: `${api.origin}/runs/${run}`,
  });
  assert.equal(refused.status, 303);
  assert.equal(refused.headers.get("location"), `/runs/${run}`);
  const note = refused.headers.get("set-cookie")?.split(";")[0] ?? "";
  const told = await show(api, `/runs/${run}`, { cookie: note });
  assert.match(told.body, /<p class="note refused" role="status">[^<]*run/u);
  // Once.
  assert.match(told.headers.get("set-cookie") ?? "", /ingest_note=; Max-Age=0/u);
});

Deno.test("what happened says whether somebody used a page or the API", async () => {
  await using api = await serving(options);
  for (const how of ["page", "API"] as const) {
    const run = await upload(api, FILE);
    if (how === "page") await press(api, `/runs/${run}/cancel`);
    else await api.ask(`/${run}/cancel`, { method: "POST" });
    const { body } = await show(api, `/runs/${run}`);
    assert.match(body, how === "page" ? />on the page</u : />over the API</u);
  }
});

Deno.test("who may only read sees no buttons, and can press none", async () => {
  await using api = await serving({ ...options, tokens: true });
  const admin = await signedIn(api, "admin");
  const run = await load(api, FILE, { token: admin.token });
  const path = `/runs/${run}`;
  assert.match(
    (await show(api, path, { cookie: admin.cookie })).body,
    />Repair 2 rows/u,
  );
  const reader = await signedIn(api, "read");
  const { body } = await show(api, path, { cookie: reader.cookie });
  assert.doesNotMatch(body, /<form method="post" action="\/runs/u);
  assert.doesNotMatch(body, /href="\/import"/u);
  const pressed = await press(api, `${path}/retry`, {}, { cookie: reader.cookie });
  const note = decodeURIComponent(pressed.headers.get("set-cookie") ?? "");
  assert.match(note, /^ingest_note=refused:This needs a token of scope run/u);
});

Deno.test("a token for some importers sees only their runs", async () => {
  await using api = await serving({ ...options, tokens: true });
  const admin = await signedIn(api, "admin");
  const run = await upload(api, FILE, { token: admin.token });
  const other = await signedIn(api, "admin", { importers: ["others"] });
  const list = await show(api, "/", { cookie: other.cookie });
  assert.doesNotMatch(list.body, /people/u);
  const { status, headers } = await show(api, `/runs/${run}`, { cookie: other.cookie });
  assert.equal(status, 404);
  assert.match(headers.get("content-type") ?? "", /html/u);
});

for (const path of ["/runs/99", "/runs/x", "/runs/99999999999999999999"]) {
  Deno.test(`${path} is a page that says that there is no such run`, async () => {
    await using api = await serving(options);
    const { status, body } = await show(api, path);
    assert.equal(status, 404);
    assert.match(body, /<h1>Not found<\/h1>/u);
  });
}

Deno.test("pages are small, and their files are kept by the browser", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  for (const path of ["/", `/runs/${run}`]) {
    const { body } = await show(api, path);
    assert.ok(Buffer.byteLength(body) < 50_000, path);
    const files = assetsOf(body);
    assert.ok(files.length >= 5);
    let scripts = 0;
    for (const file of files) {
      const answer = await api.fetch(api.origin + file);
      const bytes = await answer.bytes();
      assert.equal(answer.status, 200, file);
      assert.match(answer.headers.get("cache-control") ?? "", /immutable/u);
      if (file.endsWith(".js")) scripts += bytes.length;
    }
    assert.ok(scripts < 60_000, path);
  }
});

Deno.test("pages load nothing from elsewhere, and have no scripts in them, nor styles but one", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const nonces = new Set<string>();
  for (const path of ["/", `/runs/${run}`, "/sign-in"]) {
    const { body, headers } = await show(api, path);
    assert.doesNotMatch(body, /(?:src|href|action)="(?:https?:|\/\/)/u, path);
    assert.doesNotMatch(body, /\sstyle=|\son[a-z]+=|<script>/u, path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self' 'sha256-/u);
    const styles = [...body.matchAll(/<style([^>]*)>/gu)].map(([, attributes]) => attributes);
    const [, nonce] = /style-src [^;]*'nonce-([^']{16,})'/u.exec(policy) ?? [];
    assert.deepEqual(styles, [` nonce="${nonce}"`], path);
    assert.equal(nonces.has(nonce), false);
    nonces.add(nonce);
    assert.doesNotMatch(policy, /unsafe/u);
  }
});

Deno.test("a page of which a script takes parts has no style in it", async () => {
  await using api = await serving(options);
  const answer = await api.fetch(`${api.origin}/`, { headers: { "x-parts": "1" } });
  assert.doesNotMatch(await answer.text(), /<style/u);
});

Deno.test("an asset of another version of the program is not there", async () => {
  await using api = await serving(options);
  for (const path of ["/assets/000000000000/styles/style.css", "/assets/x/nothing.css"]) {
    assert.equal((await show(api, path)).status, 404);
  }
});

Deno.test("every file in the folder of assets is sent, except the font's licence", async () => {
  const { loadAssets } = await import("../../../src/http/pages/assets.ts");
  const { files } = await loadAssets();
  const folder = new URL("../../../src/http/pages/assets/", import.meta.url);
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    found.filter((entry) => entry.isFile() && !entry.name.endsWith(".LICENSE.txt"))
      .map((entry) => relative(fileURLToPath(folder), join(entry.parentPath, entry.name))).sort(),
    [...files.keys()].sort(),
  );
});

Deno.test("the API doesn't take a page's address for a run's", async () => {
  await using api = await serving(options);
  const { status, headers } = await api.ask(`${api.origin}${BASE_PATH}/runs`);
  assert.equal(status, 422);
  assert.match(headers.get("content-type") ?? "", /json/u);
});

Deno.test("the page and the API say where the file of a watched folder lies now", async () => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const shown = async () => (await api.ask(`/${run}`)).body.data.watched_file;
  assert.equal(await shown(), undefined, "it was uploaded");
  await api.database.session.query(
    `insert into ingest.watched_files (importer, name, size, holder, host, state, run_id)
     values ('people', 'mon/a.csv', 1, gen_random_uuid(), 'h', 'loading', $1)`,
    [run],
  );
  assert.deepEqual(await shown(), { name: "mon/a.csv", moved_to: null, message: null });
  const move = (to: string) =>
    api.database.session.query(
      "update ingest.watched_files set state = 'ended', goes_to = 'failed', moved_to = $1",
      [to],
    );
  await move("/srv/secret/failed/a-2.csv");
  assert.deepEqual(await shown(), { name: "mon/a.csv", moved_to: "a-2.csv", message: null });
  await move("failed/mon/a-2.csv");
  assert.equal((await shown()).moved_to, "failed/mon/a-2.csv");
  const { body } = await show(api, `/runs/${run}`);
  assert.match(body, /<bdi>mon\/a\.csv<\/bdi> was moved to <bdi>failed\/mon\/a-2\.csv<\/bdi>\./u);
});
