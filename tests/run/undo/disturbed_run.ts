/**
 * Imports a random case and its retries, takes them back, and proves that the table is what it was
 * before, with what others have done in the meantime.
 */
import assert from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import type { Workshop } from "../importing.ts";
import { exported, tryRetry } from "../retrying.ts";
import { type DisturbedCase, type Retry, UNREADABLE } from "./disturbed_case.ts";
import type { Driver } from "./disturbing.ts";
import { type Rows, Somebody } from "./somebody.ts";
import { makeUndo } from "./undoing.ts";

/** What has come up in some cases together. */
export class Seen {
  undone = 0;
  refused = 0;
  retries = 0;
  /** Of what was to disturb runs. */
  hits = 0;
  /** Rows that others have written during an undo. */
  acts = 0;
  deleted = 0;
  restored = 0;
}

/** `session`: of whoever changes the table meanwhile. */
export async function proveUndo(
  shop: Workshop,
  driver: Driver,
  each: DisturbedCase,
  session: Session,
  seen: Seen,
): Promise<void> {
  await makeTables(shop, each);
  const before = await readRows(shop);
  const somebody = new Somebody(session);
  const run = await importAll(shop, driver, each, somebody, seen);
  const after = await readRows(shop);
  const base = overlay(before, somebody.all);
  await assertCounted(shop, run);
  const undo = await tryUndo(shop, run);
  if (undo === null) {
    seen.refused++;
    assert.deepEqual(await readRows(shop), after, "a refusal changes nothing");
    return;
  }
  somebody.begin();
  const how = { workers: each.workers, blows: each.blows[3], acts: each.during };
  const { ended, hits } = await driver.drive(undo, how, somebody);
  const expected = expectedRows(each, base, after, somebody);
  assert.deepEqual(await readRows(shop), expected);
  assert.deepEqual(await readReferring(shop), [...somebody.refers].sort((a, b) => a - b));
  const { deleted, updated } = await assertReceipt(shop, ended);
  const taken = [...after.keys()].filter((id) => {
    if (base.has(id)) return false;
    const first = somebody.sinceFirst.get(id);
    return first === undefined ? !expected.has(id) : first === "inserted";
  });
  assert.equal(deleted, taken.length, "each created row is deleted once");
  seen.undone++;
  seen.hits += hits;
  seen.acts += somebody.since.size;
  seen.deleted += deleted;
  seen.restored += updated;
}

async function makeTables({ session }: Workshop, each: DisturbedCase): Promise<void> {
  const parts = each.partitioned ? " partition by hash (id)" : "";
  await session.query(
    `drop table if exists refers, t;
     create table t (id int primary key, v text, n int, constraint small check (n < 100))${parts}`,
  );
  for (let i = 0; each.partitioned && i < 3; i++) {
    await session.query(
      `create table t_${i} partition of t for values with (modulus 3, remainder ${i})`,
    );
  }
  await session.query(
    `create table refers (id int references t on delete ${each.onDelete});
     insert into t select id, 'b', 1 from unnest('{${each.existing.join(",")}}'::int[]) id`,
  );
}

/** The import and its retries. Resolves with the first of these runs. */
async function importAll(
  shop: Workshop,
  driver: Driver,
  each: DisturbedCase,
  somebody: Somebody,
  seen: Seen,
): Promise<Run> {
  const { workers, blows, between } = each;
  const drive = async (run: Run, step: number) => {
    const how = { workers, blows: blows[step], acts: [] };
    const { ended, hits } = await driver.drive(run, how, somebody);
    assert.match(ended.status, /^completed/u, JSON.stringify(ended.error));
    seen.hits += hits;
    for (const act of between[step]) await somebody.act(act, () => Promise.resolve());
  };
  const run = await shop.create(definitionOf(each), fileOf(each));
  await drive(run, 0);
  for (const [index, retry] of each.retries.entries()) {
    const made = await makeRetry(shop, run, retry);
    if (made === null) continue;
    await drive(made, index + 1);
    seen.retries++;
  }
  return run;
}

function definitionOf({ onDuplicate, undo, batchRows }: DisturbedCase): string {
  return `source: {type: upload}
slug: t
table: t
key: id
on_duplicate: ${onDuplicate}
options: {undo: ${undo}, batch_rows: ${batchRows}}
`;
}

function fileOf({ file }: DisturbedCase): string {
  return ["id,v,n", ...file.map(({ id, v, n }) => `${id},${v},${n}`), ""].join("\n");
}

/** Null if no row has failed. */
async function makeRetry(shop: Workshop, run: Run, how: Retry): Promise<Run | null> {
  if (how === "allowed") await shop.session.query("alter table t drop constraint small");
  const file = how === "corrected"
    ? (await exported(shop, run)).replaceAll(UNREADABLE, "5")
    : undefined;
  const retry = await tryRetry(shop, run.id, file === undefined ? {} : { file });
  return retry.made ? retry.run : null;
}

async function tryUndo(shop: Workshop, run: Run): Promise<Run | null> {
  try {
    return await makeUndo(shop, run);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return null;
  }
}

async function readRows({ session }: Workshop): Promise<Map<number, string>> {
  const rows = await session.query<{ id: number; row: string }>(
    "select id, t::text as row from t order by id",
  );
  return new Map(rows.map(({ id, row }) => [id, row]));
}

async function readReferring({ session }: Workshop): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    "select distinct id from refers where id is not null order by id",
  );
  return rows.map(({ id }) => id);
}

/** `rows` with what was done to some of them. */
function overlay(rows: ReadonlyMap<number, string>, done: Rows): Map<number, string> {
  const all = new Map(rows);
  for (const [id, row] of done) {
    if (row === null) all.delete(id);
    else all.set(id, row);
  }
  return new Map([...all].sort(([a], [b]) => a - b));
}

/** `base`: what the table would be without the import. `after`: what it was when the undo began. */
function expectedRows(
  { undo }: DisturbedCase,
  base: ReadonlyMap<number, string>,
  after: ReadonlyMap<number, string>,
  { since, refers }: Somebody,
): Map<number, string> {
  const rows = new Map(base);
  // Without old values, updated rows stay as the import has left them.
  if (undo === "inserts") { for (const id of base.keys()) rows.set(id, after.get(id)!); }
  for (const id of refers) rows.set(id, rows.get(id) ?? after.get(id)!);
  return overlay(rows, since);
}

/** Otherwise, rows of the run would be taken for older ones with the same transaction number. */
async function assertCounted({ session }: Workshop, { id }: Run): Promise<void> {
  const more = await session.query(
    `select xid, found, rows from (
       select m.xid::text as xid,
         sum(m.rows) + (select count(*) from ingest.undo_rows u join ingest.undo_marks o
           using (run_id, batch, xid) where u.xid = m.xid and u.created <> (o.wrote = 'created')
         ) as rows,
         (select count(*) from t where t.xmin = m.xid::xid) as found
       from ingest.undo_marks m
       where m.run_id in (select id from ingest.runs where id = $1 or parent_id = $1)
       group by m.xid) as marks
     where found > rows`,
    [id],
  );
  assert.deepEqual(more, [], "no mark has more rows than it says");
}

/** Each row that the undo was about has one outcome. */
async function assertReceipt({ ledger }: Workshop, { id }: Run) {
  const { status, progress } = await runReport(ledger, id, { rows: 0 });
  const { deleted, updated, failed, total } = progress;
  assert.equal(status, failed === 0 ? "completed" : "completed_with_errors");
  assert.equal(deleted + updated + failed, total);
  return progress;
}
