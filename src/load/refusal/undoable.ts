/** Tries statements in a savepoint, so that a refusal leaves the transaction as it was. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import type { Attempt } from "./isolate.ts";
import { NOT_TOGETHER, type RowRefusal } from "./refuse.ts";

/**
 * Makes Postgres check deferred constraints with each statement. Otherwise their violations would
 * escape isolation and make the whole batch fail at its commit.
 */
export const IMMEDIATELY = "set constraints all immediate";

/**
 * @param work Returns null if all went well, or its own refusal, which undoes it. Gets the rows of
 *   `begin`.
 * @param asRefusal Turns a caught error into a refusal, or rethrows it.
 * @param locate Returns the row that a refusal names, or null.
 */
export async function undoable(
  session: Session,
  work: (begun: readonly object[]) => Promise<RowRefusal | null>,
  asRefusal: (error: unknown) => RowRefusal,
  locate: (refusal: RowRefusal) => number | null,
  { first = "", begin = "", end = () => "", checksAtEnd }: SentAlong = {},
): Promise<Attempt<RowRefusal>> {
  const begun = await session.query(`${first}; ${BEFORE}; ${begin}`);
  let refusal: RowRefusal | null;
  try {
    refusal = await work(begun);
    if (refusal === null) {
      await session.query(after(end(), checksAtEnd));
      return { ok: true };
    }
  } catch (error) {
    refusal = asRefusal(error);
  }
  return await undo(session, refusal, locate);
}

/** SQL that costs no message of its own. */
interface SentAlong {
  /** Before the savepoint: it is not undone. */
  readonly first?: string;
  /** In the savepoint, before the work. */
  readonly begin?: string;
  /** In the savepoint, after the work and what deferred triggers did. Ends with a semicolon. */
  readonly end?: () => string;
  /** See `LoadPlan`. */
  readonly checksAtEnd?: boolean;
}

/**
 * The same in one message to the server, for work that is a single statement and has no refusal of
 * its own. `work` sends its statement between the two that it is given. `end`, `checksAtEnd`: see
 * `SentAlong`.
 */
export async function undoableAtOnce(
  session: Session,
  work: (before: string, after: string) => Promise<void>,
  asRefusal: (error: unknown) => RowRefusal,
  locate: (refusal: RowRefusal) => number | null,
  end = "",
  checksAtEnd?: boolean,
): Promise<Attempt<RowRefusal>> {
  let refusal: RowRefusal;
  try {
    await work(BEFORE, after(end, checksAtEnd));
    return { ok: true };
  } catch (error) {
    refusal = asRefusal(error);
  }
  return await undo(session, refusal, locate);
}

/**
 * For work that only saves time: if Postgres refuses it, whatever the reason, it is undone. Resolves
 * with whether it was done.
 */
export async function optional(session: Session, work: () => Promise<void>): Promise<boolean> {
  await session.query(`savepoint ${OPTIONAL}`);
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    await session.query(`rollback to ${OPTIONAL}; release ${OPTIONAL}`);
    return false;
  }
  await session.query(`release ${OPTIONAL}`);
  return true;
}

const OPTIONAL = "ingest_optional";
const BEFORE = "savepoint ingest_attempt";
const RELEASE = "release savepoint ingest_attempt";
/**
 * A trigger may have deferred constraints again. Their violations would show only when the batch is
 * committed, and fail it as a whole.
 */
const after = (end: string, checksAtEnd = false) =>
  `${checksAtEnd ? "" : `${IMMEDIATELY}; `}${end}${RELEASE}`;

async function undo(
  session: Session,
  refusal: RowRefusal,
  locate: (refusal: RowRefusal) => number | null,
): Promise<Attempt<RowRefusal>> {
  await session.query(`rollback to ${BEFORE}; ${RELEASE}`);
  const unsure = refusal !== NOT_TOGETHER && refusal.suspect !== undefined;
  return { ok: false, at: locate(refusal), refusal, unsure };
}
