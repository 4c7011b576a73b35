/** Tries statements under a savepoint, so that a refusal leaves the transaction as it was. */
import type { Session } from "../db/session.ts";
import type { Attempt } from "./isolate.ts";

/**
 * @param work Returns null when all is well, or a refusal of its own that undoes it.
 * @param asRefusal Turns a caught error into a refusal, or throws it on.
 * @param locate The row that a refusal names, or null.
 */
export async function undoable<Refusal>(
  session: Session,
  work: () => Promise<Refusal | null>,
  asRefusal: (error: unknown) => Refusal,
  locate: (refusal: Refusal) => number | null,
): Promise<Attempt<Refusal>> {
  await session.query("savepoint ingest_attempt");
  let refusal: Refusal | null;
  try {
    refusal = await work();
  } catch (error) {
    refusal = asRefusal(error);
  }
  if (refusal === null) {
    await session.query("release savepoint ingest_attempt");
    return { ok: true };
  }
  await session.query(
    "rollback to savepoint ingest_attempt; release savepoint ingest_attempt",
  );
  return { ok: false, at: locate(refusal), refusal };
}
