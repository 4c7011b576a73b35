/** What happened to a run: each event is recorded with who asked for it, and told in words. */
import assert from "node:assert/strict";
import { findRun, requireRun } from "../../src/ledger/runs/runs.ts";
import { recordRescue } from "../../src/ledger/batches/batches.ts";
import { claimBatch } from "../../src/ledger/batches/claim_batch.ts";
import { eventText } from "../../src/report/event_text.ts";
import { timelinePage, wholeTimeline } from "../../src/report/timeline.ts";
import { cancelNow, cancelRun } from "../../src/run/request/cancel.ts";
import { reopenForResume } from "../../src/run/request/resume.ts";
import { scopeOf } from "../../src/run/work/scope.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { startRun } from "../../src/ledger/runs/run_states.ts";
import { workshop } from "../run/importing.ts";

const TABLE = "create table t (id int primary key)";
const RUN = {
  original_filename: "a.csv",
  retried_from_run_id: null,
  undoes_run_id: null,
  dry_run: false,
};

async function told(shop: Awaited<ReturnType<typeof workshop>>, id: number) {
  const { data } = await wholeTimeline(shop.ledger, await requireRun(shop.ledger, id));
  return data.map(({ type, actor, text }) => [type, actor, text]);
}

Deno.test("a run's events tell what happened in its order, and who asked for it", async () => {
  await using shop = await workshop(TABLE);
  const { ledger } = shop;
  const run = await shop.create("table: t", "id\n1\n2\nx\n");
  await cancelRun(ledger, run.id, "ana");
  await cancelRun(ledger, run.id, "too late");
  await reopenForResume(ledger, run.id, "bob", { rows: 5 });
  await reopenForResume(ledger, run.id, "eve", undefined);
  await shop.drive((await findRun(ledger, run.id))!);
  assert.deepEqual(await told(shop, run.id), [
    ["created", "tester", "data.csv"],
    ["cancel requested", "ana", ""],
    ["cancelled", null, ""],
    ["resumed", "bob", "with max_errors 5"],
    ["resumed", "eve", "it was still pending"],
    ["started", null, ""],
    ["planned", null, "3 rows"],
    ["completed", null, "2 created, 1 failed"],
  ]);
  const { data } = await wholeTimeline(ledger, (await findRun(ledger, run.id))!);
  assert.ok(data.every(({ seconds }, i) => i === 0 || seconds >= data[i - 1].seconds));
});

Deno.test("whoever is too impatient for a cancel is on record, too", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: t", "id\n1\n");
  await cancelNow(shop.ledger, run.id, "bob", undefined, { via: "api" });
  assert.deepEqual((await told(shop, run.id)).slice(1), [
    ["cancel requested", "bob", "over the API, batches in progress are rolled back"],
    ["cancelled", null, ""],
  ]);
});

Deno.test("a failed run's events say why it failed, and a changed table's what has changed", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: t", "id\n1\n");
  await shop.session.execute("alter table t rename column id to number");
  await shop.drive(run);
  const failed = (await told(shop, run.id)).at(-1)!;
  assert.deepEqual([failed[0], failed[1]], ["failed", null]);
  assert.match(String(failed[2]), /^The table changed during the run: /);

  const other = await shop.create("table: t", "number\n1\n");
  await shop.session.execute("alter table t add column note text");
  await shop.drive(other);
  const changed = (await told(shop, other.id)).filter(([type]) => type === "table changed");
  assert.equal(changed.length, 1);
  assert.match(String(changed[0][2]), /note/);
});

Deno.test("a rescued batch is told with its rows and the worker", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const run = await shop.create("table: t", "id\n1\n2\n");
  await startRun(ledger, run.id);
  await planRun(ledger, await prepareRun(session, run, "ingest"));
  const batch = await claimBatch(ledger, "fresh", "worker 7", scopeOf(null), []);
  await recordRescue(ledger, batch!);
  const { data } = await wholeTimeline(ledger, run);
  const { text, details } = data.at(-1)!;
  assert.equal(text, "batch 1 (rows 1 to 2), its process was gone, attempt 1");
  assert.deepEqual(details, {
    ...{ batch: 1, attempt: 1, first_row: 1, last_row: 2 },
    worker: "worker 7",
  });
});

Deno.test("events of later versions are shown as they are, and old ones without details", async () => {
  assert.equal(eventText("teleported", { to: "mars", rows: 1234 }, RUN), "to: mars, rows: 1,234");
  assert.equal(eventText("teleported", null, RUN), "");
  assert.equal(eventText("constructor", { a: [1, null] }, RUN), "a: [1,null]");
  const known = [
    ...["created", "started", "planned", "cancel requested", "cancelled", "completed", "failed"],
    ...["resumed", "batch rescued", "batch given up", "retried", "table changed", "pruned"],
  ];
  // Nor does a detail of another shape end the command.
  const odd = { rows: { a: 1 }, message: null, changes: "x", via: 3, batch: [], max_errors: "y" };
  for (const type of known) {
    assert.equal(typeof eventText(type, null, RUN), "string");
    assert.equal(typeof eventText(type, odd, RUN), "string");
  }
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: t", "id\n1\n");
  await shop.session.execute(
    `insert into ingest.run_events (run_id, type, details)
     values (1, 'odd', '[1]'), (1, 'teleported', '{"to": {"planet": "mars"}}')`,
  );
  const { data } = await wholeTimeline(shop.ledger, run);
  assert.deepEqual(data.slice(1).map(({ type, text, details }) => [type, text, details]), [
    ["odd", "", null],
    ["teleported", 'to: {"planet":"mars"}', { to: { planet: "mars" } }],
  ]);
});

Deno.test("a timeline has pages, and every event is on one of them", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: t", "id\n1\n");
  await shop.session.execute(
    `insert into ingest.run_events (run_id, type) select 1, 'e' || n from generate_series(1, 2500) n`,
  );
  assert.equal((await wholeTimeline(shop.ledger, run)).data.length, 2501);
  const seen: string[] = [];
  let after = 0;
  for (;;) {
    const page = await timelinePage(shop.ledger, run, { after, limit: 1000 }, (text) => text);
    seen.push(...page.data.map(({ type }) => type));
    if (page.meta.next_cursor === null) break;
    after = Number(page.meta.next_cursor);
  }
  assert.deepEqual(seen, ["created", ...Array.from({ length: 2500 }, (_, i) => `e${i + 1}`)]);
});

Deno.test("what a client gets has no paths in it, in the words and in the details", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create("table: t", "id\n1\n");
  await shop.session.execute(
    `insert into ingest.run_events (run_id, type, details)
     values (1, 'failed', '{"message": "no /etc/x", "more": [{"a": "no /etc/x"}]}')`,
  );
  const page = await timelinePage(
    shop.ledger,
    run,
    { after: 1, limit: 9 },
    (text) => text.replaceAll("/etc/", ""),
  );
  const [{ text, details }] = page.data;
  assert.equal(text, "no x");
  assert.deepEqual(details, { message: "no x", more: [{ a: "no x" }] });
});
