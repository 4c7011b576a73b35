/** Links and children of absent rows. They would be left without their row, or go with it. */
import { identifier, literal } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import type { MatchedColumn } from "../catalog/lookup_table.ts";
import type { Table } from "../catalog/table.ts";
import type { LoadPlan, RelatedPlan } from "../load_plan.ts";
import { ownRows } from "../own_rows.ts";
import { asValue } from "../related/link_plan.ts";
import { ABSENT, IS_ABSENT } from "./absent_tables.ts";

export interface Belonging {
  readonly table: Table;
  readonly rows: number;
}

/** Of the first table that has some; null: none does. */
export async function findBelonging(
  session: Session,
  { table, related = [] }: LoadPlan,
): Promise<Belonging | null> {
  for (const part of related) {
    const [{ rows }] = await session.query<{ rows: number }>(
      `select count(*) as rows from ${ownRows(part.table)} r where exists (
         select from ${ownRows(table)} t join ${ABSENT} a on ${IS_ABSENT}
         where ${belongs(part)})`,
    );
    if (rows > 0) return { table: part.table, rows };
  }
  return null;
}

/** SQL: does `r` belong to the row `t`? */
function belongs(part: RelatedPlan): string {
  if (part.kind === "children") {
    return part.links.map(({ own, parent }) => refers(own, parent)).join(" and ");
  }
  const { local, parent, values } = part;
  const ours = values.map(({ column, value }) =>
    `r.${identifier(column.column.name)} is not distinct from ${
      value === null ? "null" : asValue(literal(value), column)
    }`
  );
  return [refers(local, parent), ...ours].join(" and ");
}

function refers(own: MatchedColumn, parent: MatchedColumn): string {
  const value = asValue(`t.${identifier(parent.column.name)}`, own);
  return `r.${identifier(own.column.name)} ${own.column.equal ?? "="} ${value}`;
}
