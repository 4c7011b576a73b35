/**
 * Finds rows that must stay because other rows refer to them. Deleting them would be refused, or would
 * delete or change rows that the run has not made.
 */
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import type { Place, RowPlace } from "./place.ts";
import { type Reference, refers } from "./undo_relation.ts";

export interface ReferencedRow extends RowPlace {
  /** The position of the first of the references that say so. */
  readonly by: number;
}

/** SQL: does the row `r` that refers stay where it is? By reference; without: all do. */
export type Staying = (reference: Reference) => string | null;

/**
 * Of the rows `which`: a set, never row by row. References of the table to itself only count where the
 * referring row stays, too; for these, `place` has to be all of the table.
 */
export async function findReferenced(
  session: Session,
  place: Place,
  which: string,
  references: readonly Reference[],
  stays: Staying = () => null,
): Promise<ReferencedRow[]> {
  const readable = references.filter(({ isReadable }) => isReadable);
  if (readable.length === 0) return [];
  const seeds = references.flatMap((reference, by) => {
    if (!reference.isReadable) return [];
    return [
      reference.toItself
        ? `select m.row_table, m.row_place, ${by} as by
           from mine m join ${reference.rows} r on ${refers(reference, "m", "r")}
           left join mine o on o.row_table = r.tableoid and o.row_place = r.ctid
           where o.row_table is null`
        : `select m.row_table, m.row_place, ${by} as by from mine m
           where exists (select from ${reference.rows} r
             where ${refers(reference, "m", "r")} and ${stays(reference) ?? "true"})`,
    ];
  });
  const edges = references.flatMap((reference, by) =>
    reference.toItself && reference.isReadable
      ? [`select c.row_table as from_table, c.row_place as from_place, p.row_table, p.row_place,
            ${by} as by
          from mine c join mine p on ${refers(reference, "p", "c")}
          where (c.row_table, c.row_place) <> (p.row_table, p.row_place)`]
      : []
  );
  const own = references.flatMap(({ columns, toItself }) =>
    columns.flatMap(({ own, other }) => toItself ? [own, other] : [own])
  );
  const columns = [...new Set(own)].map((name) => `, t.${identifier(name)}`).join("");
  return await session.query<ReferencedRow>(
    `with recursive mine as materialized (
       select t.tableoid as row_table, t.ctid as row_place ${columns}
       from ${place.rows} t where ${place.where} and ${which}
     ), seeds as (${seeds.join(" union all ")})
     ${
      edges.length === 0 ? ", kept as (select * from seeds)" : `, edges as materialized (
        ${edges.join(" union all ")}
      ), kept as (
        select * from seeds
        union
        select e.row_table, e.row_place, e.by from kept k
        join edges e on e.from_table = k.row_table and e.from_place = k.row_place
      )`
    }
     select row_table::bigint as relation, row_place::text as ctid, min(by) as by
     from kept group by row_table, row_place order by row_table, row_place`,
  );
}

/** What the user is told. */
export function referenceReason({ constraint, shown }: Reference): string {
  return `A row of ${shown} refers to this row (${constraint}).`;
}
