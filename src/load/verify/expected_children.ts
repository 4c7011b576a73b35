/** The children that a run's rows should have, in a temporary table, and how their table differs. */
import { identifier, identifiers, literal } from "../../db/quoting.ts";
import type { Session } from "../../db/session.ts";
import { keyComparison } from "../comparison.ts";
import type { ChildrenPlan, LoadPlan } from "../load_plan.ts";
import { sameKeyCondition } from "../merge/merge_conditions.ts";
import { ownRows } from "../own_rows.ts";
import { childrenStatements } from "../related/children_statements.ts";
import { asParents, type Parents, parentTexts } from "../related/parents.ts";
import { clearStage } from "../stage/fill_stage.ts";
import { byName, renamedStage, stageOf } from "../stage/stage_table.ts";
import type { Comparable } from "./comparable.ts";
import { compareStaged, isKeyless } from "./compare_staged.ts";
import { countedColumns } from "./count_values.ts";
import { DEVIATIONS } from "./deviations.ts";

/** Where staged rows come from. */
export interface Origin {
  /** SQL: `position`, `row_number`, `line` and `place` of each. */
  readonly places: string;
  readonly run: number;
  /** Whatever was read together. */
  readonly part: number;
  /** How many rows were noted before. */
  readonly offset: number;
}

/** The rows of the table that have the keys of the staged rows. */
export async function parentsThere(session: Session, plan: LoadPlan): Promise<Parents> {
  const { table, position } = stageOf(plan);
  const { names, column } = renamedStage(plan);
  const rows = await session.query<{ position: number; texts: readonly (string | null)[] }>(
    `select s.${position} as position, ${parentTexts(plan, "t.")} as texts
     from ${table} s${names}, ${ownRows(plan.table)} t where ${sameKeyCondition(plan, column)}`,
  );
  return asParents(plan, rows.map(({ position }) => position), rows.map(({ texts }) => texts));
}

const N = '"ingest n"', RUN = '"ingest of run"', PART = '"ingest part"', ROW = '"ingest row"';
const LINE = '"ingest line"', PLACE = '"ingest place"', FINAL = '"ingest final"';

/** `name`: SQL. The children's stage has to be there. */
export async function createExpected(
  session: Session,
  name: string,
  { plan }: ChildrenPlan,
): Promise<void> {
  await session.query(
    `create temporary table ${name} on commit drop as
     select 0::bigint as ${N}, 0::bigint as ${RUN}, 0 as ${PART}, 0::bigint as ${ROW},
       0::bigint as ${LINE}, ''::text as ${PLACE}, s.* from ${stageOf(plan).table} s with no data`,
  );
}

/** Stages the parents' children, and notes them. `lists`: SQL that selects `position` and `list`. */
export async function noteChildren(
  session: Session,
  name: string,
  children: ChildrenPlan,
  lists: string,
  parents: Parents,
  { places, run, part, offset }: Origin,
): Promise<number> {
  const { plan, links, label } = children;
  const { fill, origins } = childrenStatements(children, lists);
  const parameters = [
    parents.positions,
    ...links.map(({ parent }) => parents.values.get(parent.column.name) ?? []),
  ];
  await clearStage(session, plan);
  const count = await session.execute(fill, parameters);
  if (count === 0) return 0;
  const { table, position } = stageOf(plan);
  return await session.execute(
    `insert into ${name}
     select ${offset}::bigint + s.${position}, ${run}, ${part}, p.row_number, p.line,
       concat_ws(': ', nullif(p.place, ''), ${literal(label)} || ' ' || o.ord), s.*
     from ${table} s join (${origins}) o on o.position = s.${position}
     join ${places} p on p.position = o.parent`,
    parameters,
  );
}

/** SQL: the places of the children that were noted last, from `offset` on. */
export function placesOf(name: string, offset: number): string {
  return `(select (${N} - ${offset})::int as position, ${ROW} as row_number, ${LINE} as line,
    ${PLACE} as place from ${name} where ${N} >= ${offset})`;
}

export interface ExpectedChildren {
  readonly node: number;
  /** SQL. */
  readonly name: string;
  readonly plan: LoadPlan;
  readonly how: Comparable;
}

/** Of children with the same key, the one that counts: the last if they are updated, else the first. */
export async function chooseFinal(
  session: Session,
  { name, plan, how }: ExpectedChildren,
): Promise<{ readonly all: number; readonly final: number }> {
  const { key } = how.plan;
  const keyless = isKeyless(how.plan, (name) => `e.${identifier(name)}`) ?? "false";
  const apart = key.map((name) => `e.${identifier(name)}${keyComparison(how.plan, name).collate}`);
  const latest = plan.onDuplicate === "update" ? "desc" : "asc";
  const chosen = key.length === 0
    ? `select e.* from ${name} e where false`
    : `select distinct on (${apart.join(", ")}) e.* from ${name} e where not (${keyless})
       order by ${apart.join(", ")}, e.${N} ${latest}`;
  await session.query(`analyze ${name}`);
  await session.query(
    `create temporary table ${finalOf(name)} on commit drop as
     select (row_number() over (order by f.${N}) - 1)::int as ${FINAL}, f.* from (${chosen}) f`,
  );
  const [counts] = await session.query<{ all: number; final: number }>(
    `select (select count(*) from ${name}) as all,
       (select count(*) from ${finalOf(name)}) +
         (select count(*) from ${name} e where ${key.length === 0 ? "true" : keyless}) as final`,
  );
  return counts;
}

/** Puts the children that count into their stage, which is empty. */
export async function stageFinal(
  session: Session,
  { name, plan, how }: ExpectedChildren,
): Promise<void> {
  const { table, position } = stageOf(plan);
  const columns = identifiers(how.plan.columns);
  await session.query(
    `insert into ${table} (${position}, ${columns}) select ${FINAL}, ${columns}
     from ${finalOf(name)}`,
  );
}

/** They are staged. Notes which of them are not in the table as they should be. */
export async function compareChildren(
  session: Session,
  expected: ExpectedChildren,
  final: number,
): Promise<void> {
  const { node, name, how } = expected;
  const { key } = how.plan;
  if (key.length > 0) {
    const { changed, gone } = await compareStaged(session, how, how.updated, final);
    for (const [kind, positions] of [["changed", changed], ["gone", gone]] as const) {
      if (positions.length === 0) continue;
      await session.query(
        `insert into ${DEVIATIONS}
         select ${node}, '${kind}', ${RUN}, ${PART}, ${ROW}, ${LINE}, ${PLACE}, ${FINAL}, null, null
         from ${finalOf(name)} where ${FINAL} = any($1::int[])`,
        [positions],
      );
    }
  }
  const keyless = key.length === 0
    ? "true"
    : isKeyless(how.plan, (column) => byName(column).replace(/^s\./u, "e."));
  if (keyless === null) return;
  const hash = (alias: string) =>
    `hashtextextended((row(${identifiers(countedColumns(how), alias)}))::text, 0)`;
  await session.query("set local enable_hashjoin = on; set local enable_mergejoin = on");
  await session.query(
    `insert into ${DEVIATIONS}
     select ${node}, 'not_found', ${RUN}, ${PART}, ${ROW}, ${LINE}, ${PLACE}, ${N}, null, null
     from (select e.*, h.hash, row_number() over (partition by h.hash order by e.${N}) as "ingest nth"
       from ${name} e cross join lateral (select ${hash("e.")} as hash) h where ${keyless}) e
     left join (select ${hash("t.")} as hash, count(*) as n from ${ownRows(how.plan.table)} t
       group by 1) there using (hash)
     where "ingest nth" > coalesce(there.n, 0)`,
  );
}

/** The values of children that no key finds, as texts, by their numbers. */
export async function readNotFound(
  session: Session,
  { name, how }: ExpectedChildren,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly (string | null)[]>> {
  const texts = countedColumns(how).map((column) => `left(e.${identifier(column)}::text, 200)`);
  const rows = await session.query<{ n: number; texts: readonly (string | null)[] }>(
    `select e.${N} as n, array[${texts.join(", ")}]::text[] as texts from ${name} e
     where e.${N} = any($1::bigint[])`,
    [numbers],
  );
  return new Map(rows.map(({ n, texts }) => [n, texts]));
}

/** SQL: where the children are that count. */
function finalOf(name: string): string {
  return name.replace(/"$/u, ' final"');
}
