/**
 * What a try changes in rows of the table, column by column. While it loads, the old values of rows that
 * are updated are kept in a temporary table; before all of it is rolled back, they are compared with
 * what the table has now: so also with what its triggers have made of the rows.
 */
import { identifier } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { asText } from "../as_text.ts";
import type { LoadPlan } from "../load_plan.ts";
import { writesExisting } from "../merge/merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { mayRead } from "../readable.ts";
import { TEMPORARY } from "../stage/stage_table.ts";
import { undoIdentity } from "../undo_identity.ts";
import type { UndoNotes } from "../undo_notes.ts";

/** A column in which rows change. */
export interface ChangedColumn {
  readonly column: string;
  readonly rows: number;
  /** The first ones. Values are cut. */
  readonly samples: readonly ChangedValue[];
}

export interface ChangedValue {
  /** What tells the row apart: the values of the table's key, in its order. */
  readonly row: readonly string[];
  readonly old: string | null;
  readonly new: string | null;
}

const BEFORE = 'pg_temp."ingest before"';
const SAMPLES = 3;
const LONGEST = 200;

/** Null if no row is ever updated, or nothing tells rows apart. */
export function changesNotes(plan: LoadPlan): UndoNotes | null {
  const identity = undoIdentity(plan);
  const isTemporary = (plan.table.stageSchema ?? TEMPORARY) === TEMPORARY;
  if (writesExisting(plan) === null || identity.length === 0 || !isTemporary) return null;
  return {
    hitsOwn: "never",
    identity,
    keeps: comparedColumns(plan),
    rowIdentity: `array[${
      identity.map((name) => `t.${identifier(name)}::text`).join(", ")
    }]::text[]`,
    // Nothing is marked: all of it is rolled back.
    mark: () => "",
    markMixed: () => "select",
    keep: (updated) =>
      `mark as (select null::xid as xmin), kept as (
         insert into ${BEFORE} (identity, before)
         select identity, before from ${updated} where before is not null)`,
    drop: (_updated, xmin) => `dropped as (select $${xmin}::text as xmin)`,
    isOwn: () => "false",
    isOwnCreated: "false",
    keepRemoved: () => "nothing as (select)",
    beside: () => null,
  };
}

function comparedColumns({ table }: LoadPlan): readonly string[] {
  return table.columns.flatMap(({ name }) => mayRead(table, name) ? [name] : []);
}

/** Before a batch's rows are loaded, on the same session. */
export async function beginChanges(session: Session): Promise<void> {
  await session.query(
    `create temporary table if not exists "ingest before"
       (place bigint generated always as identity, identity text[], before text[]) on commit drop;
     truncate ${BEFORE}`,
  );
}

/** When they are loaded. A row that comes twice in a batch is compared with what it was first. */
export async function readChanges(
  session: Session,
  plan: LoadPlan,
  { identity }: UndoNotes,
): Promise<readonly ChangedColumn[]> {
  const { table } = plan;
  const columns = comparedColumns(plan);
  const columnOf = (name: string) => table.columns.find((each) => each.name === name)!;
  const isRow = identity.map((name, i) =>
    `t.${identifier(name)} = (b.identity[${i + 1}])::${columnOf(name).type}`
  );
  const now = columns.map((name) => asText(columnOf(name), `t.${identifier(name)}`));
  const found = await session.query<{ index: number } & Omit<ChangedColumn, "column">>(
    `with first as (
       select distinct on (identity) identity, before, place from ${BEFORE} order by identity, place
     ), each as (
       select v.index, b.identity, v.old, v.new,
         row_number() over (partition by v.index order by b.place) as number
       from first b join ${ownRows(table)} t on ${isRow.join(" and ")}
       cross join lateral unnest(b.before, array[${now.join(", ")}]::text[])
         with ordinality as v (old, new, index)
       where v.old is distinct from v.new
     )
     select index::int as index, count(*) as rows,
       jsonb_agg(jsonb_build_object('row', to_jsonb(identity),
         'old', left(old, ${LONGEST}), 'new', left(new, ${LONGEST})) order by number)
         filter (where number <= ${SAMPLES}) as samples
     from each group by index order by index`,
  );
  return found.map(({ index, rows, samples }) => ({ column: columns[index - 1], rows, samples }));
}
