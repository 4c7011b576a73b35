/** Where the rows of an undo's batch are, and statements about them. */
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";

/** Conditions and statements call each of its rows `t`. */
export interface Place {
  /** SQL: a table with its partitions, or `only` one. */
  readonly rows: string;
  /** SQL: the condition that they are in the batch's blocks. */
  readonly where: string;
}

/** A row, for as long as nobody changes it. */
export interface RowPlace {
  readonly relation: number;
  readonly ctid: string;
}

/** SQL: a condition that all rows fulfil. */
export const EVERYWHERE = "true";

export function blocksOf(leaf: { readonly name: string }, from: number, to: number): Place {
  return { rows: `only ${leaf.name}`, where: rangeOf(from, to) };
}

/** SQL: is `t` in one of these blocks? Postgres reads no others. */
export function rangeOf(from: number, to: number): string {
  return `t.ctid >= '(${from},0)'::tid and t.ctid < '(${to},0)'::tid`;
}

/** SQL: takes the lock on the table that deleting its rows takes. */
export function holdRows(rows: string): string {
  return `explain delete from ${rows} where false`;
}

/** Nobody can change these rows, or begin to refer to them, until the transaction ends. */
export async function lockRows(session: Session, place: Place, which: string): Promise<void> {
  await session.query(
    `select count(*) from (
       select from ${place.rows} t where ${place.where} and ${which} for update of t
     ) as locked`,
  );
}

export async function countRows(session: Session, place: Place, which: string): Promise<number> {
  const [{ rows }] = await session.query<{ rows: number }>(
    `select count(*) as rows from ${place.rows} t where ${place.where} and ${which}`,
  );
  return rows;
}

/** How many rows of a piece fulfil each of two conditions. */
export interface PieceCounts {
  readonly created: number;
  readonly others: number;
}

/** Of several pieces, in one statement. `which`: what all of these rows fulfil. */
export async function countInPieces(
  session: Session,
  pieces: readonly Place[],
  { which, created, others }: {
    readonly which: string;
    readonly created: string;
    readonly others: string;
  },
): Promise<PieceCounts[]> {
  const counts = pieces.map(({ rows, where }, i) =>
    `select ${i} as piece, count(*) filter (where ${created}) as created,
       count(*) filter (where ${others}) as others
     from ${rows} t where ${where} and ${which}`
  );
  return await session.query<PieceCounts>(`${counts.join(" union all ")} order by piece`);
}

export function listPlaces(session: Session, place: Place, which: string): Promise<RowPlace[]> {
  return session.query<RowPlace>(
    `select t.tableoid::bigint as relation, t.ctid::text as ctid
     from ${place.rows} t where ${place.where} and ${which} order by t.tableoid, t.ctid`,
  );
}

/** SQL of text[]: values of `t`, by which it is told from others. */
export function identityOf(columns: readonly string[]): string {
  return `array[${columns.map((name) => `t.${identifier(name)}::text`).join(", ")}]::text[]`;
}

/** Two arrays for `unnest($1::oid[], $2::tid[])`. */
export function placesAsParameters(places: readonly RowPlace[]): [number[], string[]] {
  return [places.map(({ relation }) => relation), places.map(({ ctid }) => ctid)];
}

/** The columns with which a row that is kept is shown, and their values in SQL. */
export function shownColumns(
  { columns }: { readonly columns: readonly { readonly name: string }[] },
): readonly { readonly name: string; readonly sql: string }[] {
  return columns.map(({ name }) => ({ name, sql: `t.${identifier(name)}` }));
}
