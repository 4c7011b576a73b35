/** The statements that insert the staged rows whose key is missing in the table, or find them. */
import { identifiers, qualified } from "../../db/quoting.ts";
import { type LoadPlan, overridesIdentity, writtenColumns } from "../load_plan.ts";
import {
  difference,
  notUpdated,
  positions,
  sameKeyCondition,
  writesExisting,
} from "./merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { parentTexts } from "../related/parents.ts";
import { stageOf } from "../stage/stage_table.ts";

/** See `MergeStatements`. `updates`: they come after an UPDATE. */
export function insertStatements(
  plan: LoadPlan,
  inRange: string,
  updates: boolean,
): { readonly insert: string; readonly missing: string } {
  const { position, appeared } = stageOf(plan);
  const rows = updates ? leftOver(plan, inRange) : missingRows(plan, inRange);
  const which = updates ? ` where ${appeared} is null` : "";
  const seen = updates ? positions(`missing where ${appeared}`, position) : "'{}'::int[]";
  return {
    insert: insertStatement(plan, rows, which, seen),
    missing: `with missing as materialized (${rows})
      select ${positions(`missing${which}`, position)} as rows, ${seen} as appeared`,
  };
}

/** SQL: the rows whose key is not in the table, if none is ever updated. */
function missingRows(plan: LoadPlan, inRange: string): string {
  const isMissing = plan.key.length === 0
    ? "true"
    : `not exists (select from ${ownRows(plan.table)} t where ${sameKeyCondition(plan)})`;
  return `select s.* from ${stageOf(plan).table} s where ${inRange} and ${isMissing}`;
}

/**
 * SQL: the rows that have updated none. `appeared` is null if the key is not in the table, and true if
 * the row there should have been updated: somebody else has committed it after the UPDATE had begun.
 * All others are up to date. Their values are compared only if somebody has written them since, which
 * saves half a microsecond for each.
 */
function leftOver(plan: LoadPlan, inRange: string): string {
  const { table, position, appeared } = stageOf(plan);
  // A parameter has to have a type, even if it says nothing.
  const isRecent = tellsWhoWrote(plan)
    ? "age(t.xmin) <= (select age($4::text::xid))"
    : "$4::text is not null";
  return `select s.*, found.${appeared} from ${table} s left join lateral (
      select (${isRecent} and ${writesExisting(plan)}) is true as ${appeared} from ${
    ownRows(plan.table)
  } t
      where ${sameKeyCondition(plan)}
    ) found on true
    where ${inRange} and ${notUpdated(position)} and found.${appeared} is not false`;
}

/** Whether the role may read the `xmin` of the table's rows. Rows of foreign tables have none. */
function tellsWhoWrote({ table }: LoadPlan): boolean {
  return table.mayReadRows !== false && !table.foreignPartition;
}

function insertStatement(plan: LoadPlan, missing: string, which: string, seen: string): string {
  const { table } = plan;
  const { position } = stageOf(plan);
  const columns = identifiers(writtenColumns(plan));
  const overriding = overridesIdentity(plan) ? "overriding system value" : "";
  const mayTake = table.hasBeforeInsertTriggers || table.hasRules;
  const hasRelated = plan.related !== undefined;
  const [rows, at] = mayTake || hasRelated
    ? notingPositions(columns, position, which)
    : [`select ${columns} from missing${which} order by ${position}`, "1"];
  const returning = hasRelated ? `${at}, ${parentTexts(plan)} as texts` : at;
  return `with missing as materialized (${missing}), inserted as (
      insert into ${qualified(table)} (${columns}) ${overriding} ${rows}
      returning ${returning}
    )
    select ${positions(`missing${which}`, position)} as rows,
      (select count(*) from inserted) as written,
      ${
    mayTake
      ? positions(difference(`missing${which}`, "inserted", position), position)
      : "'{}'::int[]"
  } as taken, ${seen} as appeared${hasRelated ? createdParents(position) : ""}`;
}

/** SQL: the rows to which others belong. As JSON, because an array of arrays has no empty ones. */
function createdParents(position: string): string {
  return `, coalesce((select array_agg(${position}) from inserted), '{}') as created_at,
    coalesce((select json_agg(texts) from inserted), '[]') as created_texts`;
}

/**
 * SQL: the rows to insert, and the position of the one that was inserted last. A trigger may change
 * any column, so the columns of an inserted row don't tell which row it was. But Postgres takes one
 * row after the other: it reads a row, calls the triggers, writes it and evaluates RETURNING, then
 * it reads the next one. (`offset 0` keeps it from noting the positions before it sorts.) This
 * costs 1 µs a row. A loop in PL/pgSQL that inserts row by row would cost 10 µs.
 */
function notingPositions(
  columns: string,
  position: string,
  which: string,
): readonly [rows: string, returning: string] {
  return [
    `select ${columns} from (select * from missing${which} order by ${position} offset 0) s
      where set_config('ingest.position', ${position}::text, true) <> ''`,
    `current_setting('ingest.position')::int as ${position}`,
  ];
}
