/**
 * The main promise of an undo, kept under difficulties: after any import with its retries, whose
 * connections are ended and which are cancelled at any instant, and while others change, delete and
 * insert rows, the table is what it was before, with what these others have done.
 *
 * `UNDO_RUNS=5000 UNDO_SEED=1` runs more cases, or others.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Session } from "../../../src/db/session.ts";
import { workshop } from "../importing.ts";
import { disturbedCase } from "./disturbed_case.ts";
import { proveUndo, Seen } from "./disturbed_run.ts";
import { Disturber } from "./disturbing.ts";

const RUNS = Number(Deno.env.get("UNDO_RUNS") ?? 20);
const SEED = Number(Deno.env.get("UNDO_SEED") ?? 20261129);

Deno.test("an undo of any import with its retries gives the table back, whatever happens meanwhile", async () => {
  await using shop = await workshop("");
  await using disturber = await Disturber.of(shop);
  const session = await Session.open(shop.database.config, { applicationName: "test" });
  const seen = new Seen();
  try {
    await fc.assert(
      fc.asyncProperty(
        disturbedCase,
        (each) => proveUndo(shop, disturber, each, session, seen),
      ),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  } finally {
    await session.close();
  }
  // Neither has the generator lost what makes this interesting.
  const { undone, retries, hits, acts, deleted, restored } = seen;
  assert.ok(
    undone > RUNS / 2 && [retries, hits, acts, restored].every((n) => n > RUNS / 10) &&
      deleted > RUNS * 5,
    JSON.stringify(seen),
  );
});
