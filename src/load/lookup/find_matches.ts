/** Finds the rows of a look-up table that have certain values: one query for all of them. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";
import type { Matched } from "../../row/pipeline.ts";
import { despiteStatistics } from "../stage/misleading_statistics.ts";
import { isolate } from "../refusal/isolate.ts";
import { type Match, matchQuery } from "./match_query.ts";

/** What is looked up, for each column that is compared. */
export type LookedUp = readonly (string | null)[];

/** `refused`: Postgres can't read the value as one of the column's type. */
export type Found = Match | "refused" | null;

/**
 * The answers, in the order of the values. Runs in a transaction. Throws what Postgres says of the
 * query if no value can be at fault.
 */
export async function findMatches(
  session: Session,
  table: Matched,
  values: readonly LookedUp[],
): Promise<Found[]> {
  const query = matchQuery(table);
  const found: Found[] = new Array(values.length).fill(null);
  let refused = 0;
  let isRead = false;
  await isolate<PostgresError>(0, values.length, async (from, to) => {
    const asked = values.slice(from, to);
    const lists = table.match.map((_, index) => asked.map((value) => value[index]));
    try {
      const rows = await session.savepoint(
        "ingest_look_up",
        () => despiteStatistics(session, table.oid, () => session.query<Match>(query, lists)),
      );
      isRead = true;
      for (const row of rows) found[from + row.n - 1] = row;
      return { ok: true };
    } catch (error) {
      if (!(error instanceof PostgresError) || !OF_VALUE.test(error.code)) throw error;
      return { ok: false, at: null, refusal: error };
    }
  }, (place, error) => {
    found[place] = "refused";
    // A condition that divides by zero fails for all of them.
    if (++refused === MANY && !isRead) throw error;
  });
  return found;
}

const OF_VALUE = /^22/;
/** If so many values are refused, and none is read, the values are not at fault. */
const MANY = 100;
