/**
 * The promise of an undo for runs that write to several tables: links and children at any depth. Whatever
 * the definition, the tables are what they were before, but for rows that somebody has changed since,
 * and those to which such rows refer.
 *
 * `UNDO_RUNS=500 UNDO_SEED=1` runs more cases, or others.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PostgresError } from "../../../src/db/connection_errors.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { createUndo } from "../../../src/run/request/undo/undo.ts";
import { type Workshop, workshop } from "../importing.ts";
import {
  createTables,
  definitionOf,
  type SeveralCase,
  severalCase,
  tablesOf,
} from "./any_several_case.ts";
import { lines } from "./several_tables.ts";

const RUNS = Number(Deno.env.get("UNDO_RUNS") ?? 12);
const SEED = Number(Deno.env.get("UNDO_SEED") ?? 20261130);

/** By table and id. */
type Stored = ReadonlyMap<string, Row>;
interface Row {
  readonly text: string;
  readonly table: string;
  readonly up: string | null;
}

Deno.test("the undo of any run into several tables gives all of them back, but for what was changed since", async () => {
  await using shop = await workshop("");
  const seen = { undone: 0, deleted: 0, restored: 0, kept: 0, whole: 0 };
  await fc.assert(
    fc.asyncProperty(severalCase, async (each) => {
      await shop.session.query(createTables(each));
      const tables = tablesOf(each);
      const before = await read(shop, tables);
      const run = await shop.drive(await shop.create(definitionOf(each), lines(each.rows)), 2);
      const written = await read(shop, tables);
      const mine = await meddle(shop, each, tables);
      const after = await read(shop, tables);
      const undone = await undoAll(shop, run.id);
      const now = await read(shop, tables);
      if (undone === null) return assert.deepEqual(now, after, "a refusal changes nothing");
      seen.undone++;
      seen.deleted += undone.deleted;
      seen.restored += undone.updated;
      seen.kept += undone.failed;
      if (undone.failed === 0) seen.whole++;
      assertUndone(each, { before, written, after, now }, mine, undone);
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  assert.ok(
    seen.undone > RUNS / 2 && seen.whole > RUNS / 6 && seen.kept > 0 && seen.restored > 0 &&
      seen.deleted > RUNS,
    JSON.stringify(seen),
  );
});

async function read({ session }: Workshop, tables: readonly string[]): Promise<Stored> {
  const all = new Map<string, Row>();
  for (const table of tables) {
    const up = table === "t0" ? "null" : "up::text";
    const rows = await session.query<{ id: number; text: string; up: string | null }>(
      `select id, x::text as text, ${up} as up from ${table} x order by id`,
    );
    for (const { id, text, up } of rows) all.set(`${table} ${id}`, { text, table, up });
  }
  return all;
}

/** Resolves with the rows that somebody has changed, inserted or deleted. */
async function meddle(
  { session }: Workshop,
  { acts, refersToItself }: SeveralCase,
  tables: readonly string[],
): Promise<ReadonlySet<string>> {
  const mine = new Set<string>();
  for (const { do: what, table: index, row } of acts) {
    const table = tables[index % tables.length];
    const level = /^t[1-3]$/.test(table);
    const one = `(select id from ${table} order by id desc offset ${row} limit 1)`;
    const statement = {
      change: `update ${table} set v = 777 where id = ${one} returning id`,
      delete: `delete from ${table} where id = ${one} returning id`,
      insert: table === "t0"
        ? `insert into t0 (k, v) values ('mine ${row}', 777) returning id`
        : `insert into ${table} (up, k, v) select up, ${
          table === "links" ? "k" : 50 + row
        }, 777 from ${table} where id = ${one} returning id`,
      refer: level && refersToItself
        ? `insert into ${table} (up, k, v, near) select up, ${
          70 + row
        }, 777, id from ${table} where id = ${one} returning id`
        : `update ${table} set v = 778 where id = ${one} returning id`,
    };
    try {
      const done = await session.transaction(async () => {
        // An error of the commit would come after the rows.
        await session.query("set constraints all immediate");
        return await session.query<{ id: number }>(statement[what]);
      });
      for (const { id } of done) mine.add(`${table} ${id}`);
    } catch (error) {
      if (!(error instanceof PostgresError) || !/^23/.test(error.code)) throw error;
    }
  }
  return mine;
}

interface Receipt {
  readonly deleted: number;
  readonly updated: number;
  readonly failed: number;
  /** By table, over all undos. */
  readonly tables: ReadonlyMap<string, { deleted: number; restored: number }>;
}

/** Null if it is refused. Undoes again, as long as that takes more rows back. */
async function undoAll(shop: Workshop, id: number): Promise<Receipt | null> {
  const { ledger } = shop;
  const sum = { deleted: 0, updated: 0, failed: 0 };
  const tables = new Map<string, { deleted: number; restored: number }>();
  for (let round = 0;; round++) {
    try {
      const dry = await shop.drive(await createUndo(ledger, { id, user: null, dryRun: true }));
      const predicted = await runReport(ledger, dry.id, { rows: 0 });
      const undo = await shop.drive(await createUndo(ledger, { id, user: null, dryRun: false }));
      const { status, progress, summary } = await runReport(ledger, undo.id, { rows: 0 });
      assert.match(status, /^completed/, JSON.stringify(undo.error));
      const { deleted, updated, failed } = progress;
      const foreseen = predicted.progress;
      assert.deepEqual(
        [foreseen.deleted, foreseen.updated, foreseen.failed],
        [deleted, updated, failed],
        "a dry run says the same",
      );
      sum.deleted += deleted;
      sum.updated += updated;
      sum.failed = failed;
      const related = (summary?.related ?? {}) as Record<
        string,
        { deleted: number; restored: number; kept: number }
      >;
      for (const [table, counts] of Object.entries(related)) {
        const known = tables.get(table) ?? { deleted: 0, restored: 0 };
        tables.set(table, {
          deleted: known.deleted + counts.deleted,
          restored: known.restored + counts.restored,
        });
      }
      if (failed === 0 || deleted + updated === 0) return { ...sum, tables };
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "Refused") throw error;
      return round === 0 ? null : { ...sum, tables };
    }
  }
}

interface States {
  readonly before: Stored;
  /** By the run, and then by somebody. */
  readonly written: Stored;
  readonly after: Stored;
  readonly now: Stored;
}

function assertUndone(
  each: SeveralCase,
  { before, written, after, now }: States,
  mine: ReadonlySet<string>,
  undone: Receipt,
): void {
  for (const [name, row] of now) {
    if (mine.has(name)) {
      assert.equal(row.text, after.get(name)?.text, `${name} is as somebody has left it`);
      continue;
    }
    const was = before.get(name);
    if (was === undefined) {
      assert.ok(isReferredTo(name, now), `${name} was created, and nobody needs it`);
      assert.equal(row.text, after.get(name)?.text, `${name} is as the run has created it`);
    } else if (row.text !== was.text) {
      assert.equal(each.undo, "inserts", `${name} has its old values again: ${row.text}`);
      assert.equal(row.text, written.get(name)?.text);
    }
  }
  const gone = [...before.keys()].filter((name) => !now.has(name));
  for (const name of gone) {
    const isOurs = mine.has(name) || cannotComeBack(name, before, now, mine);
    assert.ok(isOurs, `${name} was there before the run, and nobody has deleted it`);
  }
  if (mine.size === 0 && each.undo === "updates") {
    assert.deepEqual([undone.failed, texts(now)], [0, texts(before)]);
  }
  // The counts are those of the tables.
  for (const [table, { deleted }] of undone.tables) {
    const count = (rows: Stored) =>
      [...rows.keys()].filter((n) => n.startsWith(`${table} `)).length;
    const back = [...now.keys()].filter((n) => n.startsWith(`${table} `) && !after.has(n)).length;
    assert.equal(count(after) - deleted + back, count(now), `rows of ${table}`);
  }
}

/** A link that the run has removed, of a row that somebody has deleted; or somebody has added it again. */
function cannotComeBack(name: string, before: Stored, now: Stored, mine: ReadonlySet<string>) {
  if (!name.startsWith("links ")) return false;
  return mine.has(`t0 ${before.get(name)?.up}`) ||
    [...mine].some((each) => each.startsWith("links ") && now.has(each));
}

function texts(rows: Stored): readonly string[] {
  return [...rows.values()].map(({ text, table }) => `${table} ${text}`);
}

/** By a row of another level, a link, or of the same table. */
function isReferredTo(name: string, now: Stored): boolean {
  const [table, id] = name.split(" ");
  const below = table === "t0" ? ["t1", "links"] : [`t${Number(table.slice(1)) + 1}`];
  return [...now.values()].some((row) =>
    below.includes(row.table) && row.up === id ||
    row.table === table && row.text.endsWith(`,${id})`)
  );
}
