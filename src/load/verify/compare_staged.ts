/** Compares staged rows with the rows of the table that have the same key. */
import type { Session } from "../../db/session.ts";
import { identifier, identifiers } from "../../db/quoting.ts";
import type { LoadPlan } from "../load_plan.ts";
import { isNewer, nullIsAKey, sameKeyCondition, updatedValue } from "../merge/merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { renamedStage, type StagedColumn, stageOf } from "../stage/stage_table.ts";
import type { Comparable } from "./comparable.ts";

/** Positions of the staged rows that are not in the table as they are in the stage. */
export interface Differences {
  /** The table has a row with this key, and it differs. */
  readonly changed: readonly number[];
  /** Of these, where the table's row is not older than the staged one (`update_if_newer`). */
  readonly newer: readonly number[];
  /** The table has no row with this key. */
  readonly gone: readonly number[];
  /** NULL is part of the key: the row can't be found by it. */
  readonly keyless: readonly number[];
}

/**
 * `columns`: those that are compared. `rows`: how many are staged. All in one statement, so it sees
 * the table at one moment.
 */
export async function compareStaged(
  session: Session,
  how: Comparable,
  columns: readonly string[],
  rows: number,
): Promise<Differences> {
  await chooseJoin(session, how, rows);
  const [found] = await session.query<Differences>(statement(how, columns));
  if (how.plan.keyPredicate === null) return found;
  return await lookWithoutPredicate(session, how, columns, found);
}

/** To read a page of the table and hash its rows takes as long as so many look-ups in an index. */
const LOOKUPS_PER_PAGE = 10;

/**
 * Postgres prefers to read and hash the whole table for each batch: 0.7 s of its CPU for a million
 * rows, twenty times, instead of 0.2 s to look up the batch's keys.
 */
async function chooseJoin(
  session: Session,
  { plan: { table }, unique }: Comparable,
  rows: number,
): Promise<void> {
  if (!unique) return;
  const pages = table.partitioned
    ? "null"
    : `pg_relation_size(${table.oid}) / current_setting('block_size')::int`;
  await session.query(
    `select set_config(name, case when ${pages} * ${LOOKUPS_PER_PAGE} < ${rows} then 'on' else 'off' end,
       true) from unnest(array['enable_hashjoin', 'enable_mergejoin']) as name`,
  );
}

/** SQL: the compared columns of the row `t`, and what they should hold; null if there are none. */
export function differs(
  plan: LoadPlan,
  columns: readonly string[],
  staged: StagedColumn,
): string | null {
  if (columns.length === 0) return null;
  const values = columns.map((name) => updatedValue(plan, name, staged)).join(", ");
  // As in merge.ts: the stored form, so that no type needs a comparison of its own.
  return `row(${identifiers(columns, "t.")})::record operator(pg_catalog.*<>) ` +
    `row(${values})::record`;
}

/** SQL: the staged row `s` can't be found by its key; null if that can't be. */
export function isKeyless(plan: LoadPlan, staged: StagedColumn): string | null {
  const mayBeNull = plan.key.filter((name) => !nullIsAKey(plan, name));
  if (mayBeNull.length === 0) return null;
  return mayBeNull.map((name) => isNull(staged(name))).join(" or ");
}

/** SQL: IS NULL also holds for a row type whose fields are all NULL. */
function isNull(value: string): string {
  return `(${value} is not distinct from null)`;
}

function statement(how: Comparable, columns: readonly string[]): string {
  const { plan, unique } = how;
  const { table, position } = stageOf(plan);
  const { names, column } = renamedStage(plan);
  const keyless = isKeyless(plan, column) ?? "false";
  const newer = isNewer(plan, column);
  const isMissing = isNull(neverNull(plan));
  const differing = differs(plan, columns, column) ?? "false";
  const joined = `from ${table} s${names}
    left join ${ownRows(plan.table)} t on ${sameKeyCondition(plan, column)}`;
  // If several rows have the key, all were updated; but of rows that are only inserted, one is ours.
  const of = plan.onDuplicate === "update" ? "bool_or" : "bool_and";
  const found = unique
    ? `select s.${position}, ${isMissing} as missing, ${keyless} as keyless,
        ${isMissing} is false and (${differing}) as differs,
        ${newer === null ? "false" : `not coalesce(${newer}, false)`} as newer ${joined}`
    : `select s.${position}, bool_and(${isMissing}) as missing, bool_or(${keyless}) as keyless,
        bool_and(${isMissing}) is false and ${of}(${differing}) as differs,
        ${newer === null ? "false" : `bool_and(not coalesce(${newer}, false))`} as newer
        ${joined} group by s.${position}`;
  const positions = (which: string) =>
    `coalesce(array_agg(${position}) filter (where ${which}), '{}')`;
  return `select ${positions("differs and not keyless")} as changed,
      ${positions("differs and newer and not keyless")} as newer,
      ${positions("missing and not keyless")} as gone, ${positions("keyless")} as keyless
    from (${found}) found`;
}

/**
 * SQL: what is NULL only if there is no row `t` with the key. To read `tableoid`, the role needs a
 * privilege on the whole table.
 */
function neverNull(plan: LoadPlan): string {
  const name = plan.key.find((each) => !nullIsAKey(plan, each));
  return `t.${name === undefined ? "tableoid" : identifier(name)}`;
}

/**
 * The key's condition may no longer hold for a row that was loaded: it came with `deleted_at`, or got
 * it since. So what wasn't found with the condition is looked for without it.
 */
async function lookWithoutPredicate(
  session: Session,
  how: Comparable,
  columns: readonly string[],
  found: Differences,
): Promise<Differences> {
  const left = [...found.changed, ...found.gone];
  if (left.length === 0) return found;
  const plan = { ...how.plan, keyPredicate: null };
  const { table, position } = stageOf(plan);
  const { names, column } = renamedStage(plan);
  const [{ same, there }] = await session.query<Record<"same" | "there", readonly number[]>>(
    `select coalesce(array_agg(distinct s.${position})
        filter (where not coalesce(${
      differs(plan, columns, column) ?? "false"
    }, false)), '{}') as same,
      coalesce(array_agg(distinct s.${position}), '{}') as there
     from ${table} s${names} join ${ownRows(plan.table)} t on ${sameKeyCondition(plan, column)}
     where s.${position} = any($1::int[])`,
    [left],
  );
  const [isSame, isThere] = [new Set(same), new Set(there)];
  const changed = left.filter((row) => isThere.has(row) && !isSame.has(row)).sort((a, b) => a - b);
  return {
    ...found,
    changed,
    newer: found.newer.filter((row) => changed.includes(row)),
    gone: found.gone.filter((row) => !isThere.has(row)),
  };
}

/** A row that differs, with its values as texts. */
export interface Sample {
  readonly position: number;
  /** The values by which it is found. */
  readonly key: readonly (string | null)[];
  /** Of each compared column; `table`: null if there is no such row. */
  readonly file: readonly (string | null)[];
  readonly table: readonly (string | null)[] | null;
  readonly differs: readonly boolean[] | null;
}

/** Longer values are cut. */
const LONGEST_SAMPLE = 200;

/** Reads the given rows again, for people to see. */
export function readSamples(
  session: Session,
  how: Comparable,
  columns: readonly string[],
  positions: readonly number[],
): Promise<Sample[]> {
  const { plan } = how;
  const { table, position } = stageOf(plan);
  const { names, column } = renamedStage(plan);
  const texts = (values: readonly string[]) =>
    `array[${
      values.map((value) => `left((${value})::text, ${LONGEST_SAMPLE})`).join(", ")
    }]::text[]`;
  const different = columns.map((name) => `coalesce(${differs(plan, [name], column)}, false)`);
  const there = `not ${isNull(neverNull(plan))}`;
  const on = plan.key.length === 0 ? "false" : sameKeyCondition(plan, column);
  return session.query<Sample>(
    `select distinct on (s.${position}) s.${position} as position,
       ${texts(plan.key.map(column))} as key, ${texts(columns.map(column))} as file,
       case when ${there} then ${
      texts(columns.map((name) => `t.${identifier(name)}`))
    } end as "table",
       case when ${there} then array[${different.join(", ")}]::boolean[] end as differs
     from ${table} s${names} left join ${ownRows(plan.table)} t on ${on}
     where s.${position} = any($1::int[]) order by s.${position}`,
    [positions],
  );
}
