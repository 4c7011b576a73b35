/** Adds rows to a look-up table, for values that it doesn't have. */
import { PostgresError } from "../../db/connection_errors.ts";
import { identifier, qualified } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { classify } from "../../db/sqlstate.ts";
import type { Matched } from "../../row/pipeline.ts";
import { despiteStatistics } from "../stage/misleading_statistics.ts";
import { isolate } from "../refusal/isolate.ts";
import { isOfRow } from "../refusal/refuse.ts";
import { askedValues, valueNames } from "./asked_values.ts";
import type { LookedUp } from "./find_matches.ts";
import { type Match, matchQuery } from "./match_query.ts";

export interface AddedRows {
  /** In the order of the values: the row, which may be somebody else's by now. */
  readonly found: readonly (Match | Refused)[];
  /** How many rows were added. */
  readonly added: number;
}

/** The value can't be added. */
export interface Refused {
  /** What Postgres said of it; null if the row was not there afterwards as it was added. */
  readonly refusal: string | null;
}

/**
 * Runs in the batch's transaction: if that is rolled back, the rows are gone. If another transaction
 * adds the same value, this waits until that has ended, and takes its row. So that no two wait for
 * each other, rows are added in the order of their values. Throws errors that are not a value's fault,
 * a deadlock among them.
 */
export async function addRows(
  session: Session,
  table: Matched,
  values: readonly LookedUp[],
): Promise<AddedRows> {
  const [insert, query] = [insertStatement(table), matchQuery(table)];
  const found: (Match | Refused)[] = new Array(values.length);
  let added = 0;
  await isolate<Refused>(0, values.length, async (from, to) => {
    const asked = values.slice(from, to);
    if (asked.some((value) => !holds(session, value))) {
      return { ok: false, at: null, refusal: NOT_HELD };
    }
    const lists = table.match.map((_, index) => asked.map((value) => value[index]));
    try {
      await session.savepoint("ingest_add", async () => {
        const count = await session.execute(insert, lists);
        // A statement of its own: it sees what others have committed while this one waited.
        const look = () => session.query<Match>(query, lists);
        const rows = await despiteStatistics(session, table.oid, look);
        // A trigger or the column's type has made another value of it, say. It must not stay.
        if (rows.length < asked.length) throw new NotThere();
        for (const row of rows) found[from + row.n - 1] = row;
        added += count;
      });
      return { ok: true };
    } catch (error) {
      if (error instanceof NotThere) return { ok: false, at: null, refusal: { refusal: null } };
      if (!(error instanceof PostgresError)) throw error;
      if (classify(error).kind !== "data" && !isOfRow(error)) throw error;
      return { ok: false, at: null, refusal: { refusal: error.message } };
    }
  }, (place, refusal) => {
    found[place] = refusal;
  });
  return { found, added };
}

class NotThere extends Error {}

const NOT_HELD: Refused = { refusal: "the database can't store a character of it" };

/** What the database can't hold would be added in other characters (src/db/repertoire.ts). */
function holds({ repertoire }: Session, value: LookedUp): boolean {
  return repertoire === null ||
    value.every((part) => part === null || repertoire.escape(part) === part);
}

/** Ordered by the column's own order, in which equal values stand together. */
function insertStatement({ match, ...table }: Matched): string {
  const names = valueNames(match);
  const columns = match.map(({ column }) => identifier(column.name));
  const order = match.map(({ collate }, index) => `${names[index]}${collate}`);
  return `insert into ${qualified(table)} (${columns.join(", ")})
    select ${names.join(", ")}
    from ${askedValues(match)}
    order by ${order.join(", ")}, n
    on conflict do nothing`;
}
