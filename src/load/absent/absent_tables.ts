/** The temporary tables of one transaction that looks for rows which the file doesn't have. */
import { identifier, identifiers, qualified } from "../../db/quoting.ts";
import { areEqual, keyComparison } from "../comparison.ts";
import type { LoadPlan } from "../load_plan.ts";
import { stageOf } from "../stage/stage_table.ts";

/** The keys of the file's rows, as far as these were staged. */
const SEEN = 'pg_temp."ingest seen"';

/** Where the table's absent rows are: `relation`, `place`, and `old_xmin`. They are locked. */
export const ABSENT = 'pg_temp."ingest absent"';

/** SQL: is the row `t` one of these? */
export const IS_ABSENT = "t.ctid = a.place and t.tableoid = a.relation";

export function createSeen({ table, key }: LoadPlan): string {
  return `create temporary table "ingest seen" on commit drop as
    select ${identifiers(key, "t.")} from ${qualified(table)} t with no data`;
}

/**
 * SQL: notes the keys of all staged rows. A row that is copied straight into the table is noted by
 * nobody: it is new, and so no row of the table was absent in its place.
 */
export function noteSeen(plan: LoadPlan): string {
  return `insert into ${SEEN} select ${identifiers(plan.key, "s.")} from ${stageOf(plan).table} s`;
}

/** SQL: notes keys of rows that are not staged, as an array of arrays of texts, $1. */
export function noteKeys({ table, key }: LoadPlan): string {
  const values = key.map((name, index) => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) throw new Error(`${table.name} has no column ${name}`);
    return `cast(k ->> ${index} as ${column.type})`;
  });
  return `insert into ${SEEN} select ${values.join(", ")}
    from jsonb_array_elements($1::text::jsonb) k`;
}

/** SQL: was no row with the key of `t` staged? A key with a NULL is equal to none. */
export function isUnseen(plan: LoadPlan): string {
  const same = plan.key.map((name) =>
    areEqual(`t.${identifier(name)}`, `s.${identifier(name)}`, keyComparison(plan, name))
  );
  return `not exists (select from ${SEEN} s where ${same.join(" and ")})`;
}
