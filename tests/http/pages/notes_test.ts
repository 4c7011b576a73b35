/** What pages say once, after a button was pressed. */
import assert from "node:assert/strict";
import { serving } from "../serving.ts";

Deno.test("a refusal that is too long for a note is cut, but not within a character", async () => {
  await using api = await serving({
    tables: "create table items (id int)",
    importers: { items: "table: items\n" },
  });
  const headers = { "content-type": "text/csv" };
  const made = await api.ask("/upload/items", { method: "POST", headers, body: "id\nx\n" });
  await api.drive(made.body.data.id);
  // Of one of them, the limit cuts the emoji in two.
  for (const begin of ["a", "ab"]) {
    const form = new FormData();
    form.set("file", new File(["nothing\n1\n"], `${begin}${"😀".repeat(190)}.csv`));
    const answer = await api.ask(`${api.origin}/runs/1/rows/upload`, {
      ...{ method: "POST", redirect: "manual", headers: { origin: api.origin }, body: form },
    });
    assert.equal(answer.status, 303, JSON.stringify(answer.body));
    const [note] = /ingest_note=[^;]+/u.exec(answer.headers.get("set-cookie") ?? "") ?? [""];
    const shown = await api.ask(api.origin, { headers: { cookie: note } });
    assert.match(shown.body, new RegExp(`Cannot retry run 1: ${begin}😀{10}.*…</p>`, "u"));
  }
});

Deno.test("a note is for the page that comes next, not for a tab that looks for changes", async () => {
  await using api = await serving();
  const cookie = "ingest_note=done%3ASome%20rows%20are%20waived.";
  const looked = await api.ask(api.origin, { headers: { cookie, "sec-fetch-mode": "cors" } });
  assert.doesNotMatch(looked.body, /are waived/u);
  assert.equal(looked.headers.get("set-cookie"), null);
  const shown = await api.ask(api.origin, { headers: { cookie, "sec-fetch-mode": "navigate" } });
  assert.match(shown.body, /<p class="note done" role="status">Some rows are waived\.<\/p>/u);
  assert.match(shown.headers.get("set-cookie") ?? "", /^ingest_note=; Max-Age=0/u);
});

Deno.test("a cancelled run says that what it loaded stays only if it has loaded something", async () => {
  await using api = await serving({
    tables: "create table items (id int)",
    importers: { items: "table: items\n" },
  });
  const headers = { "content-type": "text/csv" };
  const made = await api.ask("/upload/items", { method: "POST", headers, body: "id\n1\n" });
  const { id } = made.body.data;
  await api.ask(`/${id}/cancel`, { method: "POST" });
  await api.drive(id);
  const nothing = await api.ask(`${api.origin}/runs/${id}`);
  assert.match(nothing.body, /Cancelled/u);
  assert.doesNotMatch(nothing.body, /What is loaded stays/u);
  await api.ask(`/${id}/resume`, { method: "POST" });
  await api.drive(id);
  await api.database.session.execute(
    `update ingest.runs set status = 'cancelled', cancel_requested_at = now() where id = ${id}`,
  );
  const loaded = await api.ask(`${api.origin}/runs/${id}`);
  assert.match(loaded.body, /What is loaded stays\./u);
});
