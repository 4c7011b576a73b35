/** Values of a look-up table that may be what was meant by others, which it doesn't have. */
import { PostgresError } from "../../db/connection_errors.ts";
import { identifier, qualified } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import type { Matched } from "../../row/pipeline.ts";

/** So many rows are looked at, whatever the size of the table … */
const MOST_ROWS = 1_000;
/** … and of a larger one, so many before and after each value, in the column's order. */
const NEIGHBOURS = 5;
/**
 * Milliseconds: a thousand times what it takes, for servers that do other things as well. Where no
 * index helps, a large table takes longer.
 */
const PATIENCE = 3_000;

const TEXTS: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "citext"]);

/** Can its values be alike? Only a single text can. */
export function hasNearValues({ match }: Matched): boolean {
  const [{ column }] = match;
  return match.length === 1 && TEXTS.has(column.baseType) && typeof column.greater === "string";
}

/**
 * All values of a small table, and for larger ones those around each value. Null if that takes too long.
 * Runs in a transaction.
 */
export async function nearValues(
  session: Session,
  table: Matched,
  values: readonly string[],
): Promise<readonly string[] | null> {
  try {
    return await session.savepoint("ingest_near", async () => {
      await session.query(`set local statement_timeout = ${PATIENCE}`);
      const all = await session.query<{ value: string }>(
        `select m::text as value from (${source(table)}) t where m is not null limit $1`,
        [MOST_ROWS + 1],
      );
      const found = all.length <= MOST_ROWS
        ? all
        : await session.query<{ value: string }>(aroundEach(table), [values]);
      await session.query("set local statement_timeout = 0");
      return found.map(({ value }) => value);
    });
  } catch (error) {
    // It is a help, and no more.
    if (error instanceof PostgresError && error.code === CANCELED) return null;
    throw error;
  }
}

const CANCELED = "57014";

function source({ match: [{ column }], where, ...table }: Matched): string {
  return `select ${identifier(column.name)} as m from ${qualified(table)}` +
    (where === null ? "" : ` where (${where}\n)`);
}

function aroundEach(table: Matched): string {
  const [{ column, type }] = table.match;
  const greater = column.greater!;
  const [atLeast, less] = [greater.replace(/>\)$/u, ">=)"), greater.replace(/>\)$/u, "<)")];
  const side = (operator: string, order: string) =>
    `(select m from (${source(table)}) t where m ${operator} v.m
      order by m ${order} limit ${NEIGHBOURS})`;
  return `select distinct c.m::text as value
    from unnest($1::${type}[]) v (m)
    cross join lateral (${side(atLeast, "asc")} union all ${side(less, "desc")}) c`;
}
