/** Tries statements in a savepoint, so that a refusal leaves the transaction as it was. */
import type { Session } from "../db/session.ts";
import type { Attempt } from "./isolate.ts";

/**
 * @param work Returns null if all went well, or its own refusal, which undoes it.
 * @param asRefusal Turns a caught error into a refusal, or rethrows it.
 * @param locate Returns the row that a refusal names, or null.
 * @param first A statement to send first, in the same message. It is not undone.
 */
export async function undoable<Refusal>(
  session: Session,
  work: () => Promise<Refusal | null>,
  asRefusal: (error: unknown) => Refusal,
  locate: (refusal: Refusal) => number | null,
  first = "",
): Promise<Attempt<Refusal>> {
  await session.query(`${first}; ${BEFORE}`);
  let refusal: Refusal | null;
  try {
    refusal = await work();
  } catch (error) {
    refusal = asRefusal(error);
  }
  if (refusal === null) {
    await session.query(AFTER);
    return { ok: true };
  }
  return await undo(session, refusal, locate);
}

/**
 * The same in one message to the server, for work that is a single statement and has no refusal of
 * its own. `work` sends its statement between the two that it is given.
 */
export async function undoableAtOnce<Refusal>(
  session: Session,
  work: (before: string, after: string) => Promise<void>,
  asRefusal: (error: unknown) => Refusal,
  locate: (refusal: Refusal) => number | null,
): Promise<Attempt<Refusal>> {
  let refusal: Refusal;
  try {
    await work(BEFORE, AFTER);
    return { ok: true };
  } catch (error) {
    refusal = asRefusal(error);
  }
  return await undo(session, refusal, locate);
}

const BEFORE = "savepoint ingest_attempt";
const AFTER = "release savepoint ingest_attempt";

async function undo<Refusal>(
  session: Session,
  refusal: Refusal,
  locate: (refusal: Refusal) => number | null,
): Promise<Attempt<Refusal>> {
  await session.query(`rollback to ${BEFORE}; ${AFTER}`);
  return { ok: false, at: locate(refusal), refusal };
}
