/** Deletes the rows of an undo's batch, and finds those that Postgres or a trigger won't let go. */
import { PostgresError } from "../../db/connection_errors.ts";
import { classify, isOfServer } from "../../db/sqlstate.ts";
import type { Session } from "../../db/session.ts";
import { type Attempt, isolate } from "../refusal/isolate.ts";
import { listPlaces, type Place, placesAsParameters, type RowPlace } from "./place.ts";

export interface RefusedRow extends RowPlace {
  readonly error: PostgresError;
}

export interface Deleted {
  readonly rows: number;
  readonly refused: readonly RefusedRow[];
}

const SAVEPOINT = "ingest_undo";

/** Deletes the rows `which`, but for those that are to be kept. Throws what no row can cause. */
export async function deleteRows(
  session: Session,
  place: Place,
  which: string,
  kept: readonly RowPlace[],
): Promise<Deleted> {
  const spare = kept.length === 0 ? "" : `and not exists (
    select from unnest($1::oid[], $2::tid[]) as kept (relation, place)
    where kept.relation = t.tableoid and kept.place = t.ctid)`;
  const all = await tryToDelete(
    session,
    `delete from ${place.rows} t where ${place.where} and ${which} ${spare}`,
    kept.length === 0 ? [] : placesAsParameters(kept),
  );
  if (all.ok) return { rows: all.rows, refused: [] };
  const isKept = new Set(kept.map(nameOf));
  const found = await listPlaces(session, place, which);
  const victims = found.filter((each) => !isKept.has(nameOf(each)));
  const refused: RefusedRow[] = [];
  let rows = 0;
  await isolate<PostgresError>(
    0,
    victims.length,
    async (from, to): Promise<Attempt<PostgresError>> => {
      const attempt = await tryToDelete(
        session,
        `delete from ${place.rows} t
         using unnest($1::oid[], $2::tid[]) as gone (relation, place)
         where t.ctid = gone.place and t.tableoid = gone.relation and ${which}`,
        placesAsParameters(victims.slice(from, to)),
      );
      if (!attempt.ok) return { ok: false, at: null, refusal: attempt.error };
      rows += attempt.rows;
      return { ok: true };
    },
    (row, error) => void refused.push({ ...victims[row], error }),
  );
  return { rows, refused };
}

export function nameOf({ relation, ctid }: RowPlace): string {
  return `${relation} ${ctid}`;
}

type Tried =
  | { readonly ok: true; readonly rows: number }
  | { readonly ok: false; readonly error: PostgresError };

async function tryToDelete(
  session: Session,
  statement: string,
  parameters: readonly unknown[],
): Promise<Tried> {
  return await inSavepoint(session, () => session.execute(statement, parameters));
}

/** Resolves with the error if it is a row's fault, and then nothing is done. Throws others. */
export async function inSavepoint(
  session: Session,
  work: () => Promise<number>,
): Promise<Tried> {
  try {
    const rows = await session.savepoint(SAVEPOINT, async () => {
      const done = await work();
      // A deferred constraint would fail the batch as a whole, when it is committed.
      await session.query("set constraints all immediate");
      return done;
    });
    return { ok: true, rows };
  } catch (error) {
    if (!(error instanceof PostgresError) || !mayBeOfRow(error)) throw error;
    return { ok: false, error };
  }
}

/** Errors that code raises with a SQLSTATE of its choice. */
const RAISES = "exec_stmt_raise";
/** Syntax errors, unknown names, missing privileges: no row causes those. */
const OF_CODE = /^(42|3F|2F|39)/;

function mayBeOfRow(error: PostgresError): boolean {
  if (error.routine === RAISES) return true;
  const { kind } = classify(error);
  return kind === "data" ||
    (kind === "fatal" && !isOfServer(error) && !OF_CODE.test(error.code));
}
