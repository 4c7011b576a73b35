/** The statement that says what would become of rows if they were applied one by one. */
import { keyComparison } from "../comparison.ts";
import type { LoadPlan } from "../load_plan.ts";
import { identifier, identifiers } from "../../db/quoting.ts";
import { ownRows } from "../own_rows.ts";
import { stageOf } from "../stage/stage_table.ts";
import { fixedColumns } from "./foldable.ts";
import { sameKeyCondition, updatedColumns } from "./merge_conditions.ts";

/** What a staged row finds when its turn comes. */
export interface Judged {
  readonly position: number;
  /** The first row of the range with the same key. */
  readonly first: number;
  /**
   * Whether it has other values than the row of the table. Null: there is none, and no row before it
   * creates one.
   */
  readonly changes: boolean | null;
  /** Whether it has other values in columns that must be unique; null as for `changes`. */
  readonly moves: boolean | null;
}

/**
 * Takes a range of positions, [$1, $2), and those of its rows that are refused if they are written, $3.
 * Locks the rows of the table, so that nobody changes them before they are updated.
 */
export function judgeStatement(plan: LoadPlan): string {
  const { table, position } = stageOf(plan);
  const key = plan.key.map((name) => `s.${identifier(name)}${keyComparison(plan, name).collate}`)
    .join(", ");
  const differsIn = (columns: readonly string[]) => (from: string) => {
    const values = (row: string) => `row(${identifiers(columns, `${row}.`)})::record`;
    return `${values("s")} operator(pg_catalog.*<>) ${values(from)}`;
  };
  const [differs, moves] = [updatedColumns(plan), fixedColumns(plan)].map(differsIn);
  return `with ordered as materialized (
      select s.${position} as position, min(s.${position}) over same_key as first,
        -- The row before it that isn't refused: the table's row has its values by then.
        max(s.${position}) filter (
          where s.${position} not in (select unnest($3::int[]))) over (
          same_key rows between unbounded preceding and 1 preceding) as before
      from ${table} s where s.${position} >= $1 and s.${position} < $2
      window same_key as (partition by ${key} order by s.${position})
    ), found as materialized (
      select s.${position} as position, ${differs("t")} as changes, ${moves("t")} as moves
      from ${table} s, ${ownRows(plan.table)} t
      where ${sameKeyCondition(plan)}
        and s.${position} in (select position from ordered where before is null)
      for no key update of t
    )
    select o.position, o.first,
      case when o.before is null then found.changes else ${differs("b")} end as changes,
      case when o.before is null then found.moves else ${moves("b")} end as moves
    from ordered o join ${table} s on s.${position} = o.position
    left join ${table} b on b.${position} = o.before
    left join found on found.position = o.position
    order by o.position`;
}
