/** Tries statements under a savepoint, so that a refusal leaves the transaction as it was. */
import type { Session } from "../db/session.ts";
import type { Attempt } from "./isolate.ts";

/**
 * @param work Returns null when all is well, or a refusal of its own that undoes it.
 * @param asRefusal Turns a caught error into a refusal, or throws it on.
 * @param locate The row that a refusal names, or null.
 * @param first A statement that is sent along before, and stays.
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
 * its own: it is to be sent between the two others.
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
