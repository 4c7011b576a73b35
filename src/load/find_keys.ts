/** Which of a few rows have a key that the table has, or that an earlier one of them has. */
import type { Session } from "../db/session.ts";
import { identifier, identifiers, qualified } from "../db/quoting.ts";
import type { LoadPlan } from "./load_plan.ts";
import { sameKeyCondition } from "./merge/merge_conditions.ts";

export interface FoundKeys {
  /** Indexes of the given rows. */
  readonly inTable: readonly number[];
  /** An earlier one of the given rows has the same key. */
  readonly repeated: readonly number[];
}

/**
 * `keys`: of each row, the values of the plan's key as texts that its types read. In the open
 * transaction; it only reads.
 */
export async function findKeys(
  session: Session,
  plan: LoadPlan,
  keys: readonly (readonly string[])[],
): Promise<FoundKeys> {
  const { table, key } = plan;
  const given = keys.map((values) => Object.fromEntries(key.map((name, i) => [name, values[i]])));
  const columns = identifiers(key, "s.");
  const types = key.map((name) => {
    const column = table.columns.find((each) => each.name === name);
    return `${identifier(name)} ${column?.domainOf ?? column?.type ?? "text"}`;
  });
  // A column of the table gives a value its collation, also where it is NULL.
  const collated = key.map((name) => {
    const own = identifier(name);
    return `coalesce((null::${qualified(table)}).${own}, s.${own}) as ${own}`;
  });
  const [found] = await session.query<FoundKeys>(
    `with given as materialized (
       select (row_number() over ())::int - 1 as "ingest position", ${collated.join(", ")}
       from json_to_recordset($1::json) as s (${types.join(", ")})
     )
     select
       coalesce((
         select array_agg(s."ingest position" order by 1) from given s
         where exists (select from ${qualified(table)} t where ${sameKeyCondition(plan)})
       ), '{}') as "inTable",
       coalesce((
         select array_agg(position order by 1) from (
           select s."ingest position" as position,
             row_number() over (partition by ${columns} order by s."ingest position") as nr
           from given s
         ) numbered where nr > 1
       ), '{}') as repeated`,
    [JSON.stringify(given)],
  );
  return found;
}
