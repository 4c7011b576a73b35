/**
 * As `tests/run/undo/disturbed_test.ts`, with the real program, which is killed with -9 at any instant of
 * the import, its retries and the undo, and then resumed.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Session } from "../../src/db/session.ts";
import { requireRun, type Run } from "../../src/ledger/runs/runs.ts";
import { isTerminal } from "../../src/ledger/runs/statuses.ts";
import { startIngest } from "../cli/start_program.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { type Blow, disturbedCase } from "../run/undo/disturbed_case.ts";
import { proveUndo, Seen } from "../run/undo/disturbed_run.ts";
import { type Driver, meddle, untilInstant } from "../run/undo/disturbing.ts";

/** A tenth of the cases of the other one: each starts the program several times. */
const RUNS = Math.ceil(Number(Deno.env.get("UNDO_RUNS") ?? 20) / 10);
const SEED = Number(Deno.env.get("UNDO_SEED") ?? 20261129);

Deno.test("an undo gives the table back, however often the import, its retries and the undo are killed", async () => {
  await using shop = await workshop(HELD);
  const { config } = shop.database;
  const open = () => Session.open(config, { applicationName: "test" });
  const [session, watch, strike] = [await open(), await open(), await open()];
  const seen = new Seen();
  const driver = killing(shop, watch, strike);
  try {
    await fc.assert(
      fc.asyncProperty(disturbedCase, async (each) => {
        const blows = each.blows.map((some, step) => step === 3 && some.length === 0 ? LAST : some);
        await proveUndo(shop, driver, { ...each, blows }, session, seen);
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  } finally {
    for (const each of [session, watch, strike]) await each.close();
  }
  assert.ok(seen.undone > 0 && seen.hits > 0 && seen.deleted > 0, JSON.stringify(seen));
});

/** While somebody holds the lock, no more than so many batches of a run are done. */
const HELD = `
  create table held_from (batches int);
  create function hold() returns trigger language plpgsql as $$ begin
    if (select count(*) from ingest.batches where run_id = new.run_id and status = 'completed')
      >= (select batches from held_from) then perform pg_advisory_xact_lock_shared(4711); end if;
    return new; end $$;
  create trigger hold before update on ingest.batches for each row
    when (new.status = 'completed') execute function hold();`;

/** Each undo is killed. */
const LAST: readonly Blow[] = [
  { by: "ended connections", when: { batches: 0, messages: 5 } },
];

function killing(shop: Workshop, watch: Session, strike: Session): Driver {
  const { database, ledger } = shop;
  const start = (run: Run, workers: number) =>
    startIngest(["resume", String(run.id), "--workers", String(workers), "--quiet"], { database });
  return {
    async drive(run, { workers, blows, acts }, somebody) {
      const end = { isOver: false };
      let hits = 0;
      const driving = (async () => {
        for (const { when } of blows) {
          // However slow the test is, the run doesn't end before.
          await strike.query(
            `delete from held_from; insert into held_from values (${when.batches});
             select pg_advisory_lock(4711)`,
          );
          const program = start(run, workers);
          const own = { isOver: false };
          const ended = program.ended.finally(() => own.isOver = true);
          await untilInstant(strike, run, when, own);
          if (!own.isOver) program.kill("SIGKILL");
          const { code } = await ended;
          await strike.query("select pg_advisory_unlock(4711)");
          if (code !== 137) break;
          hits++;
        }
        if (!isTerminal((await requireRun(ledger, run.id)).status)) {
          const { code, stderr } = await start(run, workers).ended;
          assert.ok([0, 3].includes(code), stderr);
        }
      })().finally(() => end.isOver = true);
      await Promise.all([driving, meddle(watch, run, acts, somebody, end)]);
      return { ended: await requireRun(ledger, run.id), hits };
    },
  };
}
