import assert from "node:assert/strict";
import { findImporter } from "../../src/importer/folder.ts";
import { addWarnings } from "../../src/ledger/runs/run_states.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import {
  customers,
  outcome,
  sendJson,
  servingCustomers,
  TWO_BAD,
  upload,
  uploadAndDrive,
} from "./customer_runs.ts";

Deno.test("the list of runs goes from the latest to the first, page by page, by its links", async () => {
  await using api = await servingCustomers();
  const ids: number[] = [];
  for (let n = 0; n < 5; n++) ids.unshift(await upload(api, customers(1)));
  const seen: number[] = [];
  let link: string | null = "/api/v1/ingest?importer=customers&limit=2";
  let pages = 0;
  while (link !== null && pages < 9) {
    const { status, body } = await api.ask(api.origin + link);
    assert.equal(status, 200);
    assert.equal(body.links.self, link);
    seen.push(...body.data.map((run: { id: number }) => run.id));
    assert.equal(body.meta.limit, 2);
    assert.equal(body.links.next === null, body.meta.next_cursor === null);
    link = body.links.next;
    pages++;
  }
  assert.deepEqual(seen, ids);
  assert.equal(pages, 3);
});

Deno.test("the list of runs is filtered by status and importer, in links too", async () => {
  await using api = await servingCustomers();
  const ended = await uploadAndDrive(api, customers(2));
  const bad = await uploadAndDrive(api, TWO_BAD, "everything");
  const open = [await upload(api, customers(1)), await upload(api, customers(1))];
  const list = async (query: string) => {
    const { body } = await api.ask(`?${query}`);
    return body.data.map((run: { id: number }) => run.id);
  };
  assert.deepEqual(await list("status=completed"), [ended]);
  assert.deepEqual(await list("status=pending"), open.toReversed());
  assert.deepEqual(await list("importer=everything"), [bad]);
  assert.deepEqual(await list("importer=everything&status=pending"), []);
  assert.deepEqual(await list("importer=nobody"), []);
  const { body } = await api.ask("?status=pending&limit=1");
  assert.match(body.links.next, /status=pending/u);
  assert.deepEqual(
    (await api.ask(api.origin + body.links.next)).body.data.map(({ id }: { id: number }) => id),
    [open[0]],
  );
});

/** Query strings, and the field that is wrong. */
const NONSENSE: readonly (readonly [string, string])[] = [
  ["?limit=0", "limit"],
  ["?limit=-1", "limit"],
  ["?limit=ten", "limit"],
  ["?limit=1001", "limit"],
  ["?limit=", "limit"],
  ["?limit=1&limit=2", "limit"],
  ["?status=done", "status"],
  ["?status=", "status"],
  ["?cursor=x", "cursor"],
  ["?cursor=-1", "cursor"],
  ["?cursor=99999999999999999999", "cursor"],
  ["?importer=%00", "importer"],
  ["?importer=", "importer"],
  [`?importer=${"x".repeat(300)}`, "importer"],
  ["/1?rows=101", "rows"],
  ["/1?rows=all", "rows"],
  ["/1/rows?status=bad", "status"],
  ["/1/rows?limit=0", "limit"],
  ["/1/rows?cursor=1.5", "cursor"],
  ["/1/failed-rows/download?raw=maybe", "raw"],
];

Deno.test("an invalid value is refused with its field's name", async () => {
  await using api = await servingCustomers();
  await upload(api, customers(1));
  for (const [query, field] of NONSENSE) {
    const { status, body } = await api.ask(query);
    assert.equal(status, 422, query);
    assert.equal(body.code, "validation", query);
    assert.deepEqual(Object.keys(body.errors), [field], query);
    assert.equal(body.errors[field].length, 1, query);
    assert.ok(body.message.includes(`${field}: ${body.errors[field][0]}`), query);
  }
});

Deno.test("a run is shown with 100 of its rows, the failed ones first", async () => {
  await using api = await servingCustomers();
  const rows = Array.from({ length: 200 }, (_, n) => `u${n},U,${n < 150 ? n : "x"}`);
  const all = await uploadAndDrive(api, ["email,name,age", ...rows, ""].join("\n"), "everything");
  const { body } = await api.ask(`/${all}`);
  const statuses = body.data.rows.map(({ status }: { status: string }) => status);
  assert.equal(statuses.length, 100);
  assert.deepEqual(
    statuses,
    [...Array(50).fill("failed"), ...Array(50).fill("created")],
  );
  assert.equal((await api.ask(`/${all}?rows=3`)).body.data.rows.length, 3);
  assert.equal("rows" in (await api.ask(`/${all}?rows=0`)).body.data, false);
  const unlogged = await uploadAndDrive(api, TWO_BAD, "unlogged");
  const shown = (await api.ask(`/${unlogged}`)).body.data;
  assert.equal(shown.progress.failed, 2);
  assert.equal("rows" in shown, false);
});

Deno.test("the rows of a run come page by page, in the order of the file", async () => {
  await using api = await servingCustomers();
  const rows = Array.from({ length: 7 }, (_, n) => `u${n},U,${n % 2 === 0 ? n : "x"}`);
  const id = await uploadAndDrive(api, ["email,name,age", ...rows, ""].join("\n"), "everything");
  const page = async (query: string): Promise<(number | string | null)[]> => {
    const { status, body } = await api.ask(`/${id}/rows${query}`);
    assert.equal(status, 200);
    return [
      ...body.data.map((row: { row_number: number }) => row.row_number),
      body.meta.next_cursor,
    ];
  };
  assert.deepEqual(await page("?limit=3"), [1, 2, 3, "3"]);
  assert.deepEqual(await page("?limit=3&cursor=3"), [4, 5, 6, "6"]);
  assert.deepEqual(await page("?limit=3&cursor=6"), [7, null]);
  assert.deepEqual(await page("?status=failed&limit=2"), [2, 4, "4"]);
  assert.deepEqual(await page("?status=failed&limit=1&cursor=4"), [6, null]);
  assert.deepEqual(await page("?cursor=7"), [null]);
});

Deno.test("a run is deleted once, and not before it has ended", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  const remove = () => api.ask(`/${id}`, { method: "DELETE" });
  const refused = await remove();
  assert.equal(outcome(refused), "409 conflict");
  assert.match(refused.body.message, /^Cannot delete run 1: it is pending\./u);
  await api.drive(id);
  const stored = () => Array.fromAsync(Deno.readDir(api.storage));
  assert.equal((await stored()).length, 1);
  const gone = await remove();
  assert.deepEqual([gone.status, gone.body], [204, null]);
  assert.deepEqual(await stored(), []);
  assert.equal(outcome(await remove()), "404 no_such_run");
  assert.equal(outcome(await api.ask(`/${id}`)), "404 no_such_run");
});

Deno.test("a run's message names its file without the folder", async () => {
  await using api = await servingCustomers();
  const folder = `${api.folder}/private folder`;
  await Deno.mkdir(folder);
  const path = `${folder}/big list.csv`;
  await Deno.writeTextFile(path, customers(3));
  const { definition } = await findImporter(`${api.folder}/importers`, "customers");
  const { run: { id } } = await createRunFor((work) => work(api.ledger), {
    ...{ definition, file: path, user: "cron", spoolFolder: api.storage },
    ...{ detach: false, dryRun: false },
  });
  await Deno.writeTextFile(path, customers(300));
  await api.drive(id);
  await addWarnings(api.ledger, id, [`${path} and ${folder}/another.csv look alike.`]);
  const { body } = await api.ask(`/${id}`);
  assert.equal(body.data.status, "failed");
  assert.match(body.data.warnings.at(-1), /^big list\.csv and /u);
  assert.match(body.data.error.message, / big list\.csv[: ]/u);
  const list = await api.ask("");
  const resumed = await api.ask(`/${id}/resume`, sendJson({}));
  assert.equal(outcome(resumed), "422 source");
  assert.match(resumed.body.message, /^Cannot resume run 1: big list\.csv /u);
  for (const answer of [body, list.body, resumed.body]) {
    assert.doesNotMatch(JSON.stringify(answer), /private|folder|ingest-http/u);
  }
});
