/** The links that a run's rows should have, in a temporary table, and how the pivot table differs. */
import { identifier, literal } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { ownRows } from "../own_rows.ts";
import { asValue, hasValue, type LinkPlan } from "../related/link_plan.ts";
import type { Parents } from "../related/parents.ts";
import type { RowPlace } from "../undo/place.ts";
import { DEVIATIONS } from "./deviations.ts";
import type { Origin } from "./expected_children.ts";

/** `name`: SQL. */
export async function createLists(
  session: Session,
  name: string,
  { parent }: LinkPlan,
): Promise<void> {
  await session.query(
    `create temporary table ${name} (n bigint, run bigint, part int, row_number bigint, line bigint,
       place text, owner ${parent.type}${parent.collate}, list json) on commit drop`,
  );
}

/** `lists`: SQL that selects `position` and `list` of the parents. */
export async function noteLists(
  session: Session,
  name: string,
  plan: LinkPlan,
  lists: string,
  parents: Parents,
  { places, run, part, offset }: Origin,
): Promise<number> {
  const { column, type } = plan.parent;
  return await session.execute(
    `insert into ${name}
     select ${offset}::bigint + p.position, ${run}, ${part}, o.row_number, o.line,
       concat_ws(': ', nullif(o.place, ''), ${literal(plan.label)}), p.value, l.list
     from unnest($1::int[], $2::${type}[]) p (position, value)
     join (${lists}) l on l.position = p.position join ${places} o on o.position = p.position
     where l.list is not null`,
    [parents.positions, parents.values.get(column.name) ?? []],
  );
}

/** How many links there should be. Notes which of them are not there, and which should not be. */
export async function compareLinks(
  session: Session,
  node: number,
  name: string,
  plan: LinkPlan,
): Promise<number> {
  const { table, local, foreign, values, replaces } = plan;
  const isOurs = values.map(({ column, value }) =>
    `t.${identifier(column.column.name)} is not distinct from ${
      value === null ? "null" : asValue(literal(value), column)
    }`
  );
  // With `replace`, the last list says what a row is linked to.
  const since = replaces
    ? `join (select max(n) as n from ${name} group by owner) last using (n)`
    : "";
  const expected = `pg_temp."ingest expected links"`;
  const isLink = [hasValue(local, "x.one"), hasValue(foreign, "x.other"), ...isOurs];
  await session.query(`analyze ${name}`);
  await session.query(
    `create temporary table ${expected} on commit drop as
     select distinct on (w.one, w.other) w.* from (
       select ${asValue("l.owner", local)} as one, ${asValue("e.value", foreign)} as other, l.n,
         l.run, l.part, l.row_number, l.line, l.place
       from ${name} l ${since} cross join lateral json_array_elements_text(l.list) e (value)) w
     order by w.one, w.other, w.n`,
  );
  await session.query(`analyze ${expected}`);
  const noted = (kind: string, of: string, one: string, other: string) =>
    `insert into ${DEVIATIONS} select ${node}, '${kind}', ${of}.run, ${of}.part, ${of}.row_number,
       ${of}.line, ${of}.place, null, array[${one}::text, ${other}::text], null`;
  await session.query(
    `${noted("gone", "x", "x.one", "x.other")} from ${expected} x
     where not exists (select from ${ownRows(table)} t where ${isLink.join(" and ")})`,
  );
  if (replaces) {
    const owner = hasValue(local, asValue("l.owner", local));
    await session.query(
      `${noted("added", "l", column(local), column(foreign))}
       from ${name} l ${since} join ${ownRows(table)} t on ${[owner, ...isOurs].join(" and ")}
       where not exists (select from ${expected} x
         where ${hasValue(local, "x.one")} and ${hasValue(foreign, "x.other")})`,
    );
  }
  const [{ rows }] = await session.query<{ rows: number }>(
    `select count(*) as rows from ${expected}`,
  );
  await session.query(`drop table ${expected}`);
  return rows;
}

/**
 * Places of links that a part's rows have, and that are not as the run has written them. None if it has
 * not `written` all of them: others may have been there before.
 */
export async function findChangedLinks(
  session: Session,
  name: string,
  { table, local, foreign, values }: LinkPlan,
  { part, written, xids }: {
    readonly part: number;
    readonly written: number;
    readonly xids: readonly string[];
  },
): Promise<RowPlace[]> {
  const isOurs = values.map(({ column, value }) =>
    `t.${identifier(column.column.name)} is not distinct from ${
      value === null ? "null" : asValue(literal(value), column)
    }`
  );
  const isLink = [hasValue(local, "x.one"), hasValue(foreign, "x.other"), ...isOurs];
  return await session.query<RowPlace>(
    `with own as materialized (
       select distinct ${asValue("l.owner", local)} as one, ${asValue("e.value", foreign)} as other
       from ${name} l cross join lateral json_array_elements_text(l.list) e (value)
       where l.part = ${part})
     select t.tableoid::bigint as relation, t.ctid::text as ctid
     from own x join ${ownRows(table)} t on ${isLink.join(" and ")}
     where t.xmin <> all('{${xids.join(",")}}'::xid[])
       and (select count(*) from own) = ${written}`,
  );
}

function column({ column: { name } }: LinkPlan["local"]): string {
  return `t.${identifier(name)}`;
}
