/** Keeps the old values of the rows that are updated, where the UPDATE can't return them. */
import { asText } from "./as_text.ts";
import { identifier } from "../db/quoting.ts";
import type { LoadPlan } from "./load_plan.ts";
import { assignments, updatedColumns } from "./merge/merge_conditions.ts";
import { ownRows } from "./own_rows.ts";
import { renamedStage, stageOf } from "./stage/stage_table.ts";
import type { UndoNotes } from "./undo_notes.ts";

/** SQL: the columns `before` and `old_xmin` of `row`. What the run has written itself is not kept. */
export function oldValues({ table }: LoadPlan, undo: UndoNotes, row: string): string {
  const values = undo.keeps!.map((name) => {
    const column = table.columns.find((each) => each.name === name);
    return column === undefined ? "null::text" : asText(column, `${row}.${identifier(name)}`);
  });
  const before = `array[${values.join(", ")}]::text[]`;
  return `${
    undo.hitsOwn === "never" ? before : `case when not (${undo.isOwn(row)}) then ${before} end`
  } as before, ${row}.xmin as old_xmin`;
}

/** See `UpdateStatement.keep`. `from`: finds the staged rows `s`, and the rows `t` that they change. */
export function keepStatement(plan: LoadPlan, undo: UndoNotes, from: string): string {
  return `with ${wanted(plan, undo, from, [])}, ${undo.keep("wanted")}
    select count(*) as kept, (select xmin::text from mark) as xmin from wanted`;
}

/**
 * Whether rows can be updated by their place once they are locked. Other code could move them, a policy
 * would make Postgres look through all of the table, and each partition has a row at the same place.
 */
export function canUpdateByPlace({ table }: LoadPlan): boolean {
  return table.mayWriteMore !== true && !table.partitioned && !table.rowLevelSecurity &&
    !table.hasRules;
}

/**
 * SQL: parts of WITH that keep the old values of rows and then update them. Each key is looked up once.
 * Of a row that somebody has changed meanwhile, the lock finds the new state. But the UPDATE sees only
 * what was there when the statement began, and doesn't find it: then there are fewer `changed` rows
 * than `wanted` ones.
 */
export function keepAndUpdate(plan: LoadPlan, undo: UndoNotes, from: string): readonly string[] {
  const { position } = stageOf(plan);
  const { column: staged } = renamedStage(plan);
  const names = new Map(
    updatedColumns(plan).map((name, index) => [name, identifier(`ingest value ${index}`)]),
  );
  const carried = [...names].map(([name, value]) => `${staged(name)} as ${value}`);
  return [
    wanted(plan, undo, from, ["t.ctid as place", ...carried]),
    undo.keep("wanted"),
    `changed as (
      update ${ownRows(plan.table)} t set ${assignments(plan, (name) => `w.${names.get(name)}`)}
      from wanted w where t.ctid = w.place returning w.${position}
    )`,
  ];
}

function wanted(plan: LoadPlan, undo: UndoNotes, from: string, more: readonly string[]): string {
  const columns = [
    `s.${stageOf(plan).position}`,
    `${undo.rowIdentity} as identity`,
    oldValues(plan, undo, "t"),
    ...more,
  ];
  return `wanted as materialized (select ${columns.join(", ")} ${from} for no key update of t)`;
}
