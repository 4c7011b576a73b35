/** `GET /{id}/rows` over many failed rows: from any place, in both directions. */
import assert from "node:assert/strict";
import { correcting, loaded } from "./correcting.ts";
import { outcome, sendJson } from "./customer_runs.ts";
import type { Serving } from "./serving.ts";

/** Every third row fails for its e-mail, and every seventh for its team; row n has the id n. */
const ROWS = 5_000;
const FILE = "Nr,E-Mail,Team,Age\n" + Array.from({ length: ROWS }, (_, n) => {
  const row = n + 1;
  return `${row},${row % 3 === 0 ? "x" : "x@x.de"},${row % 7 === 0 ? "gren" : "red"},1\n`;
}).join("");

const FAILED = Array.from({ length: ROWS }, (_, n) => n + 1)
  .filter((row) => row % 3 === 0 || row % 7 === 0);

async function page(api: Serving, id: number, query: string) {
  const answer = await api.ask(`/${id}/rows?${query}`);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  const { data, meta } = answer.body;
  return { ...meta, rows: data.map((row: { row_number: number }) => row.row_number) };
}

Deno.test("a window that makes no sense is refused", async () => {
  await using api = await correcting();
  const id = await loaded(api, "Nr,E-Mail,Team,Age\n1,x,red,1\n");
  for (
    const [query, field] of [
      ["status=created&left=1", "status"],
      ["status=skipped&offset=0", "status"],
      ["offset=0&cursor=4", "offset"],
      ["offset=0&direction=backward", "offset"],
      ["offset=-1", "offset"],
      ["offset=x", "offset"],
      ["offset=1&offset=2", "offset"],
      ["direction=up", "direction"],
      ["left=maybe", "left"],
    ]
  ) {
    const answer = await api.ask(`/${id}/rows?${query}`);
    assert.equal(outcome(answer), "422 validation", query);
    assert.deepEqual(Object.keys(answer.body.errors), [field], query);
  }
  assert.equal(outcome(await api.ask(`/${id}/rows?offset=0&group=dead`)), "404 no_such_group");
});

Deno.test("failed rows are listed from any place, forwards and backwards, with their number", async () => {
  await using api = await correcting();
  const id = await loaded(api, FILE);
  const total = FAILED.length;
  const at = (from: number, limit: number) => FAILED.slice(from, from + limit);
  assert.deepEqual(await page(api, id, "offset=0&limit=10"), {
    ...{ rows: at(0, 10), total, offset: 0 },
    ...{ next_cursor: String(FAILED[9]), previous_cursor: null },
  });
  assert.deepEqual(await page(api, id, "offset=1234&limit=7"), {
    ...{ rows: at(1234, 7), total, offset: 1234 },
    ...{ next_cursor: String(FAILED[1240]), previous_cursor: String(FAILED[1234]) },
  });
  const beyond = await page(api, id, `offset=${total + 5}`);
  assert.deepEqual([beyond.rows, beyond.next_cursor, beyond.offset], [[], null, total]);
  const last = await page(api, id, `direction=backward&limit=3&cursor=${beyond.previous_cursor}`);
  assert.deepEqual(last.rows, FAILED.slice(-3));
  assert.deepEqual((await page(api, id, "direction=backward&limit=3")).rows, FAILED.slice(-3));

  for (const direction of ["forward", "backward"]) {
    const seen: number[] = [];
    for (let cursor = "";;) {
      const shown = await page(api, id, `limit=333&direction=${direction}${cursor}`);
      if (direction === "forward") seen.push(...shown.rows);
      else seen.unshift(...shown.rows);
      const next = direction === "forward" ? shown.next_cursor : shown.previous_cursor;
      if (next === null) break;
      cursor = `&cursor=${next}`;
    }
    assert.deepEqual(seen, FAILED, direction);
  }
});

Deno.test("a window shows only rows with certain errors, and only those that are left", async () => {
  await using api = await correcting();
  const id = await loaded(api, FILE);
  const teams = FAILED.filter((row) => row % 3 !== 0);
  const shown = await page(api, id, "code=foreign_key&offset=100&limit=5");
  assert.deepEqual([shown.total, shown.rows], [teams.length, teams.slice(100, 105)]);
  assert.equal((await page(api, id, "column=Team&left=1&limit=1")).total, teams.length);
  assert.equal((await page(api, id, "code=required&offset=0")).total, 0);

  const waived = await api.ask(`/${id}/waive`, sendJson({ rows: "3,6,7,9", reason: "a test" }));
  assert.equal(waived.status, 200);
  await api.database.session.execute("insert into teams values ('gren')");
  const { body } = await api.ask(`/${id}/retry`, sendJson({ code: "foreign_key" }));
  await api.drive(body.data.id);
  const left = FAILED.filter((row) => row > 9 && row % 3 === 0);
  const rest = await page(api, id, "left=1&limit=5&offset=700");
  assert.deepEqual([rest.total, rest.rows], [left.length, left.slice(700, 705)]);
  assert.equal((await page(api, id, "left=0&limit=1")).total, FAILED.length);
});

Deno.test("pages of very long rows are shorter, and lack none, in both directions", async () => {
  await using api = await correcting({ maxUpload: 20_000_000 });
  const long = "x".repeat(70_000);
  const file = Array.from({ length: 200 }, (_, n) => `${n + 1},${long},red,1\n`).join("");
  const id = await loaded(api, `Nr,E-Mail,Team,Age\n${file}`);
  for (const [direction, key] of [["forward", "next_cursor"], ["backward", "previous_cursor"]]) {
    const seen: number[] = [];
    let pages = 0;
    for (let cursor = "";; pages++) {
      const shown = await page(api, id, `limit=200&direction=${direction}${cursor}`);
      assert.ok(shown.rows.length > 0);
      if (direction === "forward") seen.push(...shown.rows);
      else seen.unshift(...shown.rows);
      if (shown[key] === null) break;
      cursor = `&cursor=${shown[key]}`;
    }
    assert.ok(pages > 0, direction);
    assert.deepEqual(seen, Array.from({ length: 200 }, (_, n) => n + 1), direction);
  }
});

Deno.test("a run that keeps no rows has an empty window", async () => {
  await using api = await correcting();
  const id = await loaded(api, "Nr,E-Mail,Team,Age\n1,x,red,1\n", "unlogged");
  const { rows, total } = await page(api, id, "offset=0");
  assert.deepEqual([rows, total], [[], 0]);
});
