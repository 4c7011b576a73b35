/** Looks at a table before an undo is begun. */
import { PostgresError } from "../../db/connection_errors.ts";
import type { Session } from "../../db/session.ts";

/** Milliseconds. Whoever asks for an undo waits for it. */
const PATIENCE = 3_000;
const TIMEOUT = "57014";

/** Does it have such a row? Null: nobody knows, as the table is large. */
export async function hasRows(
  session: Session,
  rows: string,
  which: string,
): Promise<boolean | null> {
  try {
    return await session.savepoint("ingest_look", async () => {
      const [{ has }] = await session.query<{ has: boolean }>(
        `set local statement_timeout = ${PATIENCE};
         select exists (select from ${rows} t where ${which}) as has`,
      );
      await session.query("set local statement_timeout to default");
      return has;
    });
  } catch (error) {
    if (error instanceof PostgresError && error.code === TIMEOUT) return null;
    throw error;
  }
}

/** How many rows have each of these numbers. */
export async function countByNumber(
  session: Session,
  rows: string,
  xids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = await session.query<{ xid: string; rows: number }>(
    `select t.xmin::text as xid, count(*) as rows from ${rows} t
     where t.xmin = any('{${xids.join(",")}}'::xid[]) group by 1`,
  );
  return new Map(counts.map(({ xid, rows }) => [xid, rows]));
}

/** The tables that have these names now. */
export async function resolveNames(
  session: Session,
  names: readonly string[],
): Promise<readonly number[]> {
  const found = await session.query<{ oid: number }>(
    `select to_regclass(name)::oid::bigint as oid from unnest($1::text[]) name
     where to_regclass(name) is not null`,
    [names],
  );
  return found.map(({ oid }) => oid);
}

export interface Whereabouts {
  /** Of this cluster; null if this role may not know. */
  readonly system_identifier: string | null;
  /** The table that has the name now, if there is one. */
  readonly named: number | null;
  readonly kind: string | null;
}

export async function readWhereabouts(session: Session, name: string): Promise<Whereabouts> {
  const [{ may, ...found }] = await session.query<
    Omit<Whereabouts, "system_identifier"> & { may: boolean }
  >(
    `select has_function_privilege('pg_control_system()', 'execute') as may,
       to_regclass($1)::oid::bigint as named,
       (select relkind::text from pg_class where oid = to_regclass($1)) as kind`,
    [name],
  );
  if (!may) return { ...found, system_identifier: null };
  const [{ id }] = await session.query<{ id: string }>(
    "select system_identifier::text as id from pg_control_system()",
  );
  return { ...found, system_identifier: id };
}
