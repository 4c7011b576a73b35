/** The statements that update rows of the table, and the MERGE that also inserts others. */
import { identifiers } from "../../db/quoting.ts";
import { keyIsUnique, type LoadPlan, overridesIdentity, writtenColumns } from "../load_plan.ts";
import { canUpdateByPlace, keepAndUpdate, keepStatement, oldValues } from "../keep_old_values.ts";
import {
  assignments,
  difference,
  notUpdated,
  positions,
  sameKeyCondition,
  writesExisting,
} from "./merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { renamedStage, stageOf } from "../stage/stage_table.ts";
import type { UndoNotes } from "../undo_notes.ts";

/** Takes a range of positions, [$1, $2). */
export interface UpdateStatement {
  /**
   * `updated`: how many positions updated a row. `rows`: which ones; null if it is none, or all of the
   * range's staged rows, whose number is its next parameter. `taken`: those that a trigger took.
   * `written`: how many rows of the table were updated, where one may have updated several. `since`:
   * what was committed under this number or a later one, the statement may not have seen.
   */
  readonly sql: string;
  /** The updated rows are marked by the statement itself. */
  readonly isMarked: boolean;
  /** A trigger may take rows. */
  readonly mayTake: boolean;
  /**
   * To be executed before: keeps the old values, and locks the rows. `kept`: how many they are. `xmin`:
   * under which number, for `sql` as its last parameter if triggers may take rows.
   */
  readonly keep: string | null;
  /**
   * Does the work of `keep` and `sql`, and returns `kept`, too. Null where that isn't possible. If
   * somebody else changes a row meanwhile, it keeps more rows than it updates, and is of no use.
   */
  readonly together: string | null;
}

/** Which rows are updated, and how. */
export interface UpdateWhat {
  /** A condition on the row `t` of the table. */
  readonly only?: string;
  /** Leaves out the positions that were updated before, $3. */
  readonly rest?: boolean;
  /** Keeps the old values. */
  readonly undo?: UndoNotes | null;
}

/** Null if no row is ever updated. */
export function updateStatement(
  plan: LoadPlan,
  inRange: string,
  serverVersion: number,
  what: UpdateWhat = {},
): UpdateStatement | null {
  const { names, column: staged } = renamedStage(plan);
  const changes = writesExisting(plan, staged);
  if (changes === null) return null;
  const { only = "", rest = false, undo = null } = what;
  const target = ownRows(plan.table);
  const { table, position } = stageOf(plan);
  const stage = `${table} s${names}`;
  const condition = [
    inRange,
    sameKeyCondition(plan, staged),
    changes,
    ...(only === "" ? [] : [only]),
    ...(rest ? [notUpdated(position)] : []),
  ].join(" and ");
  const from = `from ${stage}, ${target} t where ${condition}`;
  const mayTake = plan.table.hasBeforeUpdateTriggers;
  const isUnique = keyIsUnique(plan);
  const once = isUnique ? "changed" : "once";
  const keeps = undo !== null && undo.keeps !== null;
  const atOnce = keeps && serverVersion >= RETURNING_OLD;
  const before = keeps && !atOnce;
  const returning = [
    `s.${position}`,
    ...(atOnce || before && mayTake ? [`${undo.rowIdentity} as identity`] : []),
    ...(atOnce ? [oldValues(plan, undo, "old")] : []),
  ];
  const distinct = isUnique ? [] : [`once as (select distinct ${position} from changed)`];
  const parts = [
    `changed as (
      update ${target} t set ${assignments(plan, staged)} from ${stage} where ${condition}
      returning ${returning.join(", ")}
    )`,
    ...(atOnce ? [undo.keep("changed")] : []),
    ...(before && mayTake ? [undo.drop("changed", rest ? 5 : 4)] : []),
    ...distinct,
    `wanted as (select s.${position} ${from})`,
  ];
  const all = `$${rest ? 4 : 3}`;
  const result = (taken: string, more = "") =>
    `select count(*) as updated,
        case when count(*) not in (0, ${all}::bigint) then array_agg(${position}) end as rows,
        ${taken} as taken${isUnique ? "" : ", (select count(*) from changed) as written"},
        pg_snapshot_xmin(pg_current_snapshot())::xid::text as since${more}
      from ${once}`;
  const taken = mayTake ? positions(difference("wanted", once, position), position) : NONE;
  return {
    sql: `with ${parts.join(", ")} ${result(taken)}`,
    isMarked: keeps,
    mayTake,
    keep: before ? keepStatement(plan, undo, from) : null,
    together: before && canUpdateByPlace(plan)
      ? `with ${[...keepAndUpdate(plan, undo, from), ...distinct].join(", ")}
         ${result(NONE, ", (select count(*) from wanted) as kept")}`
      : null,
  };
}

const NONE = "'{}'::int[]";

/** From Postgres 18 on, RETURNING knows a row's old values. */
const RETURNING_OLD = 180_000;

/**
 * Looks up each key once, where UPDATE and INSERT do it twice. If none of a million rows changes,
 * the server needs 2.1 s of CPU instead of 3.8 s. For a million updates it is 7.3 s instead of 8.5.
 */
export function mergeStatement(plan: LoadPlan, inRange: string): string {
  const { table: stage, position } = stageOf(plan);
  const { names, column: staged } = renamedStage(plan);
  const written = writtenColumns(plan);
  const overriding = overridesIdentity(plan) ? "overriding system value" : "";
  const isUnique = keyIsUnique(plan);
  const all = (count: string) => `${count} in (0, $3::bigint)`;
  const [created, updated] = [
    "count(*) filter (where created)",
    "count(*) filter (where not created)",
  ];
  return `with merged as (
      merge into ${ownRows(plan.table)} t
      using (select * from ${stage} s where ${inRange}) s${names}
        on ${sameKeyCondition(plan, staged)}
      when matched and ${writesExisting(plan, staged)} then update set ${assignments(plan, staged)}
      when not matched then insert (${identifiers(written)}) ${overriding}
        values (${written.map(staged).join(", ")})
      returning s.${position}, merge_action() = 'INSERT' as created
    ), once as (select distinct ${position}, created from merged)
    select ${created} as created, ${updated} as updated,
      case when not (${all(created)}) then array_agg(${position}) filter (where created) end
        as created_rows,
      case when not (${all(updated)}) then array_agg(${position}) filter (where not created) end
        as updated_rows${isUnique ? "" : ", (select count(*) from merged) as written"}
    from ${isUnique ? "merged" : "once"}`;
}

/** From Postgres 17 on, MERGE can return what it did. */
const MERGE_RETURNING = 170_000;

/**
 * Whether one MERGE can do the work of UPDATE and INSERT. It can't where a trigger may take rows,
 * because that has to be noticed. It can't where policies hide rows: MERGE refuses them, whereas
 * UPDATE leaves them alone. And it doesn't support tables with rules.
 */
export function canMerge(plan: LoadPlan, serverVersion: number): boolean {
  const { table } = plan;
  return serverVersion >= MERGE_RETURNING && plan.onMissing === "insert" &&
    writesExisting(plan) !== null && !table.hasBeforeInsertTriggers &&
    !table.hasBeforeUpdateTriggers && !table.rowLevelSecurity && !table.hasRules;
}
