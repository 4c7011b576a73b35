/** Finds and locks the rows of the table that the file doesn't have. */
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import type { AbsentRule } from "../../importer/absent_rule.ts";
import type { LoadPlan } from "../load_plan.ts";
import { ownRows } from "../own_rows.ts";
import { ABSENT, IS_ABSENT, isUnseen } from "./absent_tables.ts";
import { countsAtAll } from "./scope.ts";

/** How many rows the table has that may be absent: before the file's rows come. */
export async function countInScope(
  session: Session,
  plan: LoadPlan,
  rule: AbsentRule,
): Promise<number> {
  const [{ rows }] = await session.query<{ rows: number }>(
    `select count(*) as rows from ${ownRows(plan.table)} t where ${countsAtAll(plan, rule)}`,
  );
  return rows;
}

/** Whether the table has any row in scope, marked or not. */
export async function hasInScope(
  session: Session,
  plan: LoadPlan,
  rule: AbsentRule,
): Promise<boolean> {
  const counts = countsAtAll(plan, { ...rule, mark: null });
  const [{ has }] = await session.query<{ has: boolean }>(
    `select exists (select from ${ownRows(plan.table)} t where ${counts}) as has`,
  );
  return has;
}

/**
 * To be called when all rows of the file are loaded. `known`: what was committed when the run was
 * created, as a `pg_snapshot`. What others have written since is left alone, and so is what this run
 * has written.
 */
export async function findAbsent(
  session: Session,
  plan: LoadPlan,
  rule: AbsentRule,
  known: string,
): Promise<number> {
  // Its own entry in the catalog tells which number of a transaction is the latest that we have.
  await session.query(
    `savepoint ${CREATING};
     create temporary table "ingest absent" (relation oid, place tid, old_xmin xid) on commit drop;
     release ${CREATING}`,
  );
  return await session.execute(
    `insert into ${ABSENT} select t.tableoid, t.ctid, t.xmin from ${ownRows(plan.table)} t
     where ${countsAtAll(plan, rule)} and ${isUnseen(plan)} and ${wasKnown(known)}
     for update of t`,
  );
}

/** The keys of the first ones, as text. */
export async function sampleAbsent(
  session: Session,
  { table, key }: LoadPlan,
  most: number,
): Promise<readonly (readonly string[])[]> {
  const values = key.map((name) => `left(t.${identifier(name)}::text, ${LONGEST})`).join(", ");
  const rows = await session.query<{ key: readonly string[] }>(
    `select array[${values}] as key from ${ownRows(table)} t join ${ABSENT} a on ${IS_ABSENT}
     order by 1 limit ${most}`,
  );
  return rows.map(({ key }) => key);
}

const LONGEST = 200;

const CREATING = "ingest_absent";

/**
 * SQL: was the row `t` as it is now committed in the snapshot? A row has only half of the number of the
 * transaction that wrote it. Only those between the snapshot's first and the latest one can be new: the
 * others are older, however often numbers have come again.
 */
function wasKnown(known: string): string {
  const snapshot = `'${known}'::pg_snapshot`;
  const now = "pg_current_xact_id()::text::bigint";
  const number = `(${now} + mod(t.xmin::text::bigint - mod(${now}, 4294967296) + 6442450944,
    4294967296) - 2147483648)::text::xid8`;
  return `case when age(t.xmin) between (
        select least(age(xmin), age(pg_snapshot_xmax(pg_current_snapshot())::xid))
        from pg_class where oid = '${ABSENT}'::regclass)
      and (select age(pg_snapshot_xmin(${snapshot})::xid))
    then t.xmin <> pg_current_xact_id()::xid and pg_visible_in_snapshot(${number}, ${snapshot})
    else true end`;
}
