import { Session } from "../../src/db/session.ts";
import type { TestDatabase } from "../support/database.ts";

export interface HeldBack extends AsyncDisposable {
  /** From now on, all batches are recorded. */
  letGo(): Promise<void>;
}

/**
 * Keeps a run from ending before the test has disturbed it, however slow the test is: nobody can record
 * that a batch is done, if `which` (SQL on the row `new` of `ingest.batches`) holds. For one database,
 * this can be done once.
 */
export async function holdBack(
  { config, session }: TestDatabase,
  which: string,
): Promise<HeldBack> {
  await session.query(
    `create function hold_back() returns trigger language plpgsql as $$ begin
       if ${which} then perform pg_advisory_xact_lock_shared(4711); end if;
       return new; end $$;
     create trigger hold_back before update on ingest.batches for each row
       when (new.status = 'completed') execute function hold_back()`,
  );
  const guard = await Session.open(config, { applicationName: "test guard" });
  await guard.query("select pg_advisory_lock(4711)");
  return {
    letGo: async () => void await guard.query("select pg_advisory_unlock_all()"),
    [Symbol.asyncDispose]: () => guard.close(),
  };
}
