/** The statements that bring a pivot table up to date with the lists of some rows. */
import { identifier, identifiers, literal, qualified } from "../../db/quoting.ts";
import { deletedRow } from "../absent/deleted_row.ts";
import type { Table } from "../catalog/table.ts";
import type { UndoNotes } from "../undo_notes.ts";
import { asValue, hasValue, type LinkPlan, uniqueLink } from "./link_plan.ts";

/** Each takes the rows' positions, $1, and the values that `local` refers to, $2. */
export interface LinkStatements {
  readonly insert: string;
  /** Null if no link is ever removed. `removed`: how many were. */
  readonly remove: string | null;
  /** `taken`: how many links are not there after all. Null if no trigger could take one. */
  readonly count: string | null;
}

/**
 * `lists`: SQL that selects `position` and `list`, a JSON array of texts, or null for none. `undo`: keeps
 * what is removed.
 */
export function linkStatements(
  plan: LinkPlan,
  lists: string,
  undo: UndoNotes | null = null,
): LinkStatements {
  const { table, local, foreign, parent, values, replaces } = plan;
  // By itself, so that no link is compared with the lists of other rows. And Postgres, which knows
  // nothing of the stage, would take the rows for a 200th of all pairs.
  const rows = `with l as materialized (
      select p.value, l.list from unnest($1::int[], $2::${parent.type}[]) p (position, value)
      join (${lists}) l on l.position = p.position
      limit cardinality($1::int[]))`;
  const owner = asValue("l.value", local);
  const items = (name: string) => `json_array_elements_text(l.list) ${name} (value)`;
  const item = (name: string) => asValue(`${name}.value`, foreign);
  const names = [local, foreign, ...values.map(({ column }) => column)]
    .map(({ column }) => column.name);
  const constants = values.map(({ column, value }) =>
    value === null ? "null" : asValue(literal(value), column)
  );
  const isOurs = values.map(({ column }, index) =>
    `t.${identifier(column.column.name)} is not distinct from ${constants[index]}`
  );
  const isLink = [hasValue(local, "w.one"), hasValue(foreign, "w.other"), ...isOurs];
  const unique = uniqueLink(plan);
  // In an order, so that two transactions never wait for each other.
  const order = [local, foreign].flatMap(({ column }, index) =>
    column.greater === null ? [] : [["w.one", "w.other"][index]]
  );
  const lacking = `(select distinct ${owner} as one, ${item("e")} as other
        from l cross join lateral ${items("e")}) w
      where not exists (select from ${qualified(table)} t where ${isLink.join(" and ")})`;
  return {
    insert: `${rows} insert into ${qualified(table)} (${identifiers(names)})
      select ${["w.one", "w.other", ...constants].join(", ")}
      from ${lacking}
      ${order.length === 0 ? "" : `order by ${order.join(", ")}`}
      ${unique === null ? "" : `on conflict (${identifiers(unique)}) do nothing`}`,
    remove: replaces
      ? `${rows}, gone as (
          delete from ${qualified(table)} t using l
          where ${[hasValue(local, owner), ...isOurs].join(" and ")} and l.list is not null
            and not exists (select from ${items("e")} where ${hasValue(foreign, item("e"))})
          returning ${undo === null || !canKeepRemoved(table) ? "1" : removedRow(table, undo)}
        )${undo === null || !canKeepRemoved(table) ? "" : `, ${undo.keepRemoved("gone")}`}
        select count(*) as removed from gone`
      : null,
    count: table.hasBeforeInsertTriggers
      ? `${rows} select count(*) as taken from ${lacking}`
      : null,
  };
}

/** Whether the role can read what tells who wrote a row, and what is in it. */
export function canKeepRemoved({ mayReadRows, foreignPartition }: Table): boolean {
  return mayReadRows !== false && !foreignPartition;
}

function removedRow(table: Table, undo: UndoNotes): string {
  return `${deletedRow(table)} as row, t.xmin as old_xmin, ${undo.isOwn("t")} as own,
    ${undo.isOwnCreated} as own_created`;
}
