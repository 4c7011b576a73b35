/** Runs of files that the server fetches. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { outcome, sendJson } from "./customer_runs.ts";
import { documentOf } from "./documented.ts";
import { type Serving, serving } from "./serving.ts";

const TABLES = "create table items (id int primary key, name text)";
const ROWS = "id,name\n1,one\n2,two\n";

interface Store extends AsyncDisposable {
  readonly origin: string;
  /** By path: what is sent, with which version. */
  readonly files: Map<string, { readonly body: string; readonly etag?: string }>;
  /** What it was asked for, and with which token. */
  readonly asked: string[];
}

/** A server that wants a token and knows ETags. */
async function store(): Promise<Store> {
  const files: Store["files"] = new Map([["/a.csv", { body: ROWS, etag: '"1"' }]]);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://x");
    asked.push(`${request.url} ${request.headers.authorization}`);
    const file = files.get(pathname);
    if (file === undefined) return response.writeHead(404).end();
    const { body, etag } = file;
    if (etag !== undefined && request.headers["if-none-match"] === etag) {
      return response.writeHead(304).end();
    }
    response.writeHead(200, etag === undefined ? {} : { etag }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    ...{ origin: `http://127.0.0.1:${address.port}`, files, asked },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function importersOf({ origin }: Store) {
  const source = `
  type: url
  url: ${origin}/a.csv?key=\${KEY}
  headers: { Authorization: "Bearer \${TOKEN}" }
  env: [TOKEN, KEY]`;
  return {
    items: `table: items\nkey: id\nsource:${source}\n`,
    open: `table: items\nkey: id\nsource:${source}\n  override: true\n`,
    unset:
      `table: items\nsource: { type: url, url: "${origin}/\${NOBODY_SETS}", env: [NOBODY_SETS] }\n`,
  };
}

const SECRETS = { TOKEN: "t0ken-s3cret", KEY: "k3y-s3cret" };

async function world(from: Store, allowedHosts = ["127.0.0.1"]): Promise<Serving> {
  return await serving({
    ...{ tables: TABLES, importers: importersOf(from), allowedHosts, variables: SECRETS },
  });
}

const trigger = (api: Serving, importer: string, body: unknown = {}) =>
  api.ask(`/trigger/${importer}`, sendJson(body));

Deno.test("an importer with an address is triggered, and loads the file it has fetched", async () => {
  await using from = await store();
  await using api = await world(from);
  const { status, body: { data } } = await trigger(api, "items");
  assert.deepEqual([status, data.original_filename], [202, "a.csv"]);
  await api.drive(data.id);
  const shown = (await api.ask(`/${data.id}`)).body.data;
  assert.deepEqual([shown.status, shown.progress.created], ["completed", 2]);
  assert.deepEqual(from.asked, [`/a.csv?key=${SECRETS.KEY} Bearer ${SECRETS.TOKEN}`]);
});

Deno.test("secrets are in no answer, in no log and in no table", async () => {
  await using from = await store();
  await using api = await world(from);
  const { body: { data } } = await trigger(api, "items");
  await api.drive(data.id);
  from.files.delete("/a.csv");
  const missing = await trigger(api, "items", { once: false });
  assert.equal(outcome(missing), "422 source");
  assert.match(missing.body.message, /127\.0\.0\.1:\d+\/a\.csv: there is no such file \(404\)/u);
  const answers = [
    missing.body,
    ...await Promise.all([`/${data.id}`, `/${data.id}/timeline`, "/importers", "/importers/items"]
      .map(async (path) => (await api.ask(path)).body)),
  ];
  const [{ everything }] = await api.ledger.query<{ everything: string }>(
    `select database_to_xml(false, false, '')::text as everything`,
  );
  assert.match(everything, /a\.csv/u);
  for (const text of [JSON.stringify(answers), JSON.stringify(api.log), everything]) {
    assert.doesNotMatch(text, /s3cret/u);
  }
});

Deno.test("an unchanged file makes no run, until it or the definition changes, or somebody wants it", async () => {
  await using from = await store();
  await using api = await world(from);
  const document = await documentOf(api);
  const { body: { data: first } } = await trigger(api, "items");
  const loading = await trigger(api, "items");
  assert.deepEqual([loading.status, loading.body.data.id], [200, first.id]);
  assert.match(loading.body.message, /a\.csv has not changed since run 1 began to load it on/u);
  await api.drive(first.id);
  const same = await trigger(api, "items");
  document.check("POST /api/v1/ingest/trigger/{importer}", same);
  assert.deepEqual([same.status, same.body.data.id], [200, first.id]);
  assert.match(
    same.body.message,
    /a\.csv has not changed since run 1 loaded it on [\d-]+: nothing to do\. To load it all the same, send `once: false`\.$/u,
  );
  assert.equal((await trigger(api, "items", { dry_run: true })).status, 202, "a dry run shows it");
  assert.equal((await trigger(api, "open")).status, 202, "another importer");
  assert.equal((await trigger(api, "items", { once: false })).status, 202);
  from.files.set("/a.csv", { body: `${ROWS}3,three\n`, etag: '"2"' });
  const changed = await trigger(api, "items");
  assert.equal(changed.status, 202);
  await api.drive(changed.body.data.id);
  assert.equal((await trigger(api, "items")).status, 200);
  const definition = `${api.folder}/importers/items.yaml`;
  const text = await Deno.readTextFile(definition);
  await Deno.writeTextFile(definition, `${text}on_duplicate: update\n`);
  assert.equal((await trigger(api, "items")).status, 202, "another definition");
});

Deno.test("a run that was cancelled does not make the next one say that there is nothing new", async () => {
  await using from = await store();
  await using api = await world(from);
  const { body: { data: first } } = await trigger(api, "items");
  await api.ask(`/${first.id}/cancel`, sendJson({ now: true }));
  const next = await trigger(api, "items");
  assert.equal(next.status, 202);
  await api.drive(next.body.data.id);
  assert.equal((await trigger(api, "items")).status, 200);
  const undo = await api.ask(`/${next.body.data.id}/undo`, sendJson({}));
  assert.equal((await trigger(api, "items")).status, 202, "it is being taken back");
  await api.drive(undo.body.data.id);
  assert.equal((await trigger(api, "items", { dry_run: false })).status, 200, "of the run before");
});

Deno.test("a request may name another address only if the definition allows it, of the same kind", async () => {
  await using from = await store();
  from.files.set("/b.csv", { body: "id,name\n9,nine\n" });
  await using other = await store();
  await using api = await world(from);
  const name = (url: unknown) => ({ source: { url } });
  assert.deepEqual((await trigger(api, "items", name(`${from.origin}/b.csv`))).body.errors, {
    "source.url": ["the definition doesn't let requests override it"],
  });
  const same = await trigger(api, "open", name(`${from.origin}/b.csv`));
  assert.deepEqual([same.status, same.body.data.original_filename], [202, "b.csv"]);
  assert.deepEqual(from.asked, [`/b.csv Bearer ${SECRETS.TOKEN}`]);
  assert.equal((await trigger(api, "open", name(`${other.origin}/a.csv`))).status, 202);
  assert.deepEqual(other.asked, ["/a.csv undefined"], "no secrets for another server");
  for (const url of ["ftp://x/a.csv", "file:///etc/passwd", "/etc/passwd", "a.csv", "${TOKEN}"]) {
    assert.deepEqual((await trigger(api, "open", name(url))).body.errors, {
      "source.url": ["expected an address that begins with https:// or http://"],
    }, url);
  }
  const path = await trigger(api, "open", { source: { path: "x.csv" } });
  assert.equal(outcome(path), "422 validation");
  const literal = await trigger(api, "open", name(`${other.origin}/\${TOKEN}/a.csv`));
  assert.equal(outcome(literal), "422 source");
  assert.doesNotMatch(other.asked.join(), /s3cret/u);
});

Deno.test("private hosts, variables that aren't set and web pages are refused", async () => {
  await using from = await store();
  await using closed = await world(from, []);
  const refused = await trigger(closed, "items");
  assert.equal(outcome(refused), "422 source");
  assert.match(
    refused.body.message,
    /^Cannot fetch from 127\.0\.0\.1: it is in a private network/u,
  );
  assert.deepEqual(from.asked, []);
  await using api = await world(from);
  const unset = await trigger(api, "unset");
  assert.equal(outcome(unset), "422 source");
  assert.match(
    unset.body.message,
    /the variable NOBODY_SETS isn't set, and the definition needs it/u,
  );
  from.files.set("/a.csv", { body: "<!doctype html><title>Please sign in</title>" });
  const page = await trigger(api, "items");
  assert.match(page.body.message, /sends a web page, “Please sign in”, and no table/u);
  assert.deepEqual((await api.ask("")).body.data, []);
  assert.deepEqual([...Deno.readDirSync(api.storage)], []);
});
