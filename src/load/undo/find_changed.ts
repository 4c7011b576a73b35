/** Finds rows that have the key of a row of the file, and are not as the run wrote them. */
import type { Session } from "../../db/session.ts";
import type { LoadPlan } from "../load_plan.ts";
import { sameKeyCondition } from "../merge/merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { renamedStage, stageOf } from "../stage/stage_table.ts";
import type { RowPlace } from "./place.ts";

/** `xids`: the numbers under which the run has written. The rows of the file are staged. */
export function findChanged(
  session: Session,
  plan: LoadPlan,
  xids: readonly string[],
): Promise<RowPlace[]> {
  const { names, column } = renamedStage(plan);
  return session.query<RowPlace>(
    `select distinct t.tableoid::bigint as relation, t.ctid::text as ctid
     from ${stageOf(plan).table} s${names}
     join ${ownRows(plan.table)} t on ${sameKeyCondition(plan, column)}
     where t.xmin <> all('{${xids.join(",")}}'::xid[])`,
  );
}
