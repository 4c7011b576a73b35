/**
 * The main promise of an undo: after any import, in batches of any size and order, the table is what it
 * was before, but for rows that somebody has changed since. Those are as they were left.
 *
 * `UNDO_RUNS=5000 UNDO_SEED=1` runs more cases, or others.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../../src/db/session.ts";
import { claimBatch } from "../../../src/ledger/batches/claim_batch.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { settle } from "../../../src/ledger/runs/settle.ts";
import { createUndo } from "../../../src/run/request/undo/undo.ts";
import { planUndo } from "../../../src/run/undo/plan_undo.ts";
import { undoBatch } from "../../../src/run/undo/undo_batch.ts";
import { runReport } from "../../../src/report/run_report.ts";
import { anyCase, type Case } from "../reference_case.ts";
import { referencePlace } from "../reference_place.ts";
import { importCase } from "../reference_run.ts";
import { applyOneByOne } from "../reference_model.ts";
import { createTarget } from "../reference_target.ts";

const RUNS = Number(Deno.env.get("UNDO_RUNS") ?? 40);
const SEED = Number(Deno.env.get("UNDO_SEED") ?? 5);

interface StoredRow {
  readonly text: string;
  /** Its number, if it was there before the run. */
  readonly was: number | null;
  readonly k: string | null;
  readonly parent: string | null;
  readonly changed: boolean;
}

Deno.test("the undo of any import gives the table back, but for rows that were changed since", async () => {
  await using place = await referencePlace();
  const { session, ledgers } = place;
  const seen = { undone: 0, refused: 0, kept: 0, restored: 0, deleted: 0 };
  await fc.assert(
    fc.asyncProperty(
      anyCase,
      fc.array(fc.nat({ max: 30 }), { maxLength: 3 }),
      async (each, changed) => {
        const existing = applyOneByOne({ ...each, rows: [] }).table;
        await createTarget(session, each, existing);
        const before = await readRows(session);
        const { run } = await importCase(place, each, false);
        await change(session, changed);
        const after = await readRows(session);
        const undo = await undoAll(ledgers, run, each.workers);
        if (undo === null) seen.refused++;
        else {
          seen.undone++;
          seen.kept += undo.failed;
          seen.restored += undo.updated;
          seen.deleted += undo.deleted;
        }
        assertUndone(each, before, after, await readRows(session), undo);
      },
    ),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  // Neither has the generator lost what makes this interesting.
  assert.ok(
    seen.undone > RUNS / 3 && seen.kept > 0 && seen.restored > 0 && seen.deleted > RUNS,
    JSON.stringify(seen),
  );
});

interface Receipt {
  readonly deleted: number;
  readonly updated: number;
  readonly failed: number;
}

/** Null if it is refused. Undoes again, as long as that takes more rows back. */
async function undoAll(
  ledgers: readonly Ledger[],
  run: Run,
  workers: number,
): Promise<Receipt | null> {
  const sum = { deleted: 0, updated: 0, failed: 0 };
  for (let round = 0;; round++) {
    let undo: Run;
    try {
      undo = await createUndo(ledgers[0], { id: run.id, user: null, dryRun: false });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "Refused") throw error;
      return round === 0 ? null : sum;
    }
    await drive(ledgers, undo, workers);
    const { status, progress } = await runReport(ledgers[0], undo.id, { rows: 0 });
    assert.ok(
      status.startsWith("completed"),
      JSON.stringify(await requireRun(ledgers[0], undo.id)),
    );
    sum.deleted += progress.deleted;
    sum.updated += progress.updated;
    sum.failed = progress.failed;
    if (progress.failed === 0 || progress.deleted + progress.updated === 0) return sum;
  }
}

async function drive([planning, ...rest]: readonly Ledger[], undo: Run, workers: number) {
  await startRun(planning, undo.id);
  assert.equal(await planUndo(planning, undo), "planned");
  for (;;) {
    const ends = await Promise.all(
      rest.slice(0, workers).map(async (ledger) => {
        const batch = await claimBatch(ledger, "fresh", "test", { run: undo.id });
        return batch === null ? null : await undoBatch(ledger, batch);
      }),
    );
    if (ends.some((end) => end !== null)) continue;
    if ((await settle(planning, undo.id, { rows: 1, bytes: 1 })).do === "end") return;
  }
}

/** Somebody changes rows of the table, at these places, whatever triggers say. */
async function change(session: Session, places: readonly number[]): Promise<void> {
  await session.query("set session_replication_role = replica");
  for (const place of places) {
    await session.query(
      `update t set changed_at = 777 where (tableoid, ctid) in (
         select tableoid, ctid from t order by tableoid, ctid offset $1 limit 1)`,
      [place],
    );
  }
  await session.query("set session_replication_role = origin");
}

function readRows(session: Session): Promise<StoredRow[]> {
  return session.query<StoredRow>(
    `select t::text as text, was, k::text as k, parent::text as parent,
       coalesce(changed_at = 777, false) as changed from t order by t::text collate "C"`,
  );
}

function assertUndone(
  each: Case,
  before: readonly StoredRow[],
  after: readonly StoredRow[],
  now: readonly StoredRow[],
  undo: Receipt | null,
): void {
  const texts = (rows: readonly StoredRow[]) => rows.map(({ text }) => text).sort();
  if (undo === null) return assert.deepEqual(texts(now), texts(after), "a refusal changes nothing");
  const changed = after.filter((row) => row.changed);
  const own = before.filter(({ was }) => !changed.some((row) => row.was === was));
  if (undo.failed === 0) {
    assert.deepEqual(texts(now), texts([...own, ...changed]), "nothing was kept");
    return;
  }
  for (const row of changed) assert.ok(texts(now).includes(row.text), `${row.text} is left alone`);
  for (const row of now) {
    if (row.changed) continue;
    const as = before.find(({ was }) => row.was !== null && was === row.was);
    const isAsBefore = as?.text === row.text;
    const wasKept = texts(after).includes(row.text);
    assert.ok(isAsBefore || wasKept, `${row.text} is neither as before nor as the run left it`);
    if (row.was === null) {
      assert.ok(
        now.some(({ parent }) => parent !== null && parent === row.k),
        `${row.text} was created, is unchanged, and nothing refers to it`,
      );
    }
    if (row.was !== null && !isAsBefore && each.undo === "updates" && changed.length === 0) {
      // Only where the old values can't be known, or can't come back.
      assert.ok(undo.failed > 0, `${row.text} has its old values again`);
    }
  }
  for (const row of own) {
    assert.ok(now.some(({ was }) => was === row.was), `${row.text} was there before`);
  }
}
