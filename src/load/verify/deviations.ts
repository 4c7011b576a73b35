/**
 * Rows of other tables that are not as a file says, in a temporary table: until all are found, nobody
 * knows which of them belong to rows that were skipped.
 */
import type { Session } from "../../db/session.ts";

export const DEVIATIONS = 'pg_temp."ingest deviations"';

export type DeviationKind = "changed" | "gone" | "not_found" | "added";

export interface Deviation {
  /** Which of the expected tables it is in. */
  readonly node: number;
  readonly kind: DeviationKind;
  readonly run: number;
  /** Of the row of the file. */
  readonly row_number: number;
  readonly line: number;
  /** Where in the row it is. */
  readonly place: string;
  /** In the table of expected children. */
  readonly position: number | null;
  readonly key: readonly (string | null)[] | null;
  readonly message: string | null;
}

/** In the open transaction, once. */
export async function createDeviations(session: Session): Promise<void> {
  await session.query(
    `create temporary table ${DEVIATIONS} (node int, kind text, run bigint, part int,
       row_number bigint, line bigint, place text, position bigint, key text[], message text)
     on commit drop`,
  );
}

/** Something about a row of the file that no statement finds. */
export async function addDeviation(
  session: Session,
  part: number,
  { node, kind, run, row_number, line, place, message }: Omit<Deviation, "position" | "key">,
): Promise<void> {
  await session.query(
    `insert into ${DEVIATIONS} values ($1, $2, $3, $4, $5, $6, $7, null, null, $8)`,
    [node, kind, run, part, row_number, line, place, message],
  );
}

export interface DeviationCount {
  readonly node: number;
  readonly kind: DeviationKind;
  readonly rows: number;
  /** They are among the rows that should be there; else it is only said that something is wrong. */
  readonly expected: boolean;
}

/** Takes out what belongs to as many rows of the file as were skipped: `rows` of each of the `parts`. */
export function excuseDeviations(
  session: Session,
  parts: readonly number[],
  rows: readonly number[],
): Promise<DeviationCount[]> {
  return session.query<DeviationCount>(
    `with ranked as (
       select ctid, part, dense_rank() over (partition by part order by row_number) as nth
       from ${DEVIATIONS} where message is null
     ), excused as (
       delete from ${DEVIATIONS} d
       using ranked r join unnest($1::int[], $2::bigint[]) allowed (part, rows) using (part)
       where d.ctid = r.ctid and r.nth <= allowed.rows returning d.node, d.kind)
     select node, kind, true as expected, count(*) as rows from excused group by node, kind`,
    [parts, rows],
  );
}

export function countDeviations(session: Session): Promise<DeviationCount[]> {
  return session.query<DeviationCount>(
    `select node, kind, message is null as expected, count(*) as rows from ${DEVIATIONS}
     group by 1, 2, 3 order by 1, 2`,
  );
}

/** The first of them, in the order of the file. */
export function listDeviations(session: Session, most: number): Promise<Deviation[]> {
  return session.query<Deviation>(
    `select node, kind, run, row_number, line, place, position, key, message from ${DEVIATIONS}
     order by run, row_number, node, position, key limit $1`,
    [most],
  );
}
