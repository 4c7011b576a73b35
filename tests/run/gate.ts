/** Stops a batch at a certain point, until somebody else has done something. */
import type { Run } from "../../src/ledger/runs/runs.ts";
import { Session } from "../../src/db/session.ts";
import { until } from "../support/until.ts";
import type { Workshop } from "./importing.ts";

/** Any number: no lock of ingest's own has it. */
export const GATE = 4242;

/** The first batch waits at its end for the gate. Rows are loaded in batches of two. */
export const GATED = `
  create function gate() returns trigger language plpgsql as $$
  begin perform pg_advisory_xact_lock_shared(${GATE}); return null; end $$;`;

export function gated(table: string): string {
  return `create trigger gate after insert or update on ${table}
    for each statement execute function gate();`;
}

/** Works on a run and changes its table after the first batches, as soon as Postgres allows it. */
export async function changedInTheMiddle(
  shop: Workshop,
  run: Run,
  change: string,
  workers = 1,
): Promise<Run> {
  await using gatekeeper = await Session.open(shop.database.config);
  await using person = await Session.open(shop.database.config);
  await gatekeeper.query(`select pg_advisory_lock(${GATE})`);
  const driven = shop.drive(run, workers);
  await until(shop.session, "exists (select from pg_locks where objid = 4242 and not granted)");
  const changed = person.query(change);
  await until(
    shop.session,
    `exists (select from pg_locks where pid = ${person.backendPid} and not granted)`,
  );
  await gatekeeper.query(`select pg_advisory_unlock(${GATE})`);
  await changed;
  return await driven;
}
