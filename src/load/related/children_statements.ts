/** The statements that take children out of their parents' stage, into a stage of their own. */
import { identifier, identifiers } from "../../db/quoting.ts";
import { keyComparison } from "../comparison.ts";
import type { ChildrenPlan } from "../load_plan.ts";
import { stageOf } from "../stage/stage_table.ts";

export interface ChildrenStatements {
  /** Each takes the parents' positions, $1, and for each link the parent's values. */
  readonly fill: string;
  /** `ord`: which child of its parent each is, from 1, in the order of the children's positions. */
  readonly places: string;
  /** The same with `position`, and with the position of the `parent`, in no order. */
  readonly origins: string;
  /** `n`: how many children are in each level. Null if no two may share a key. */
  readonly levels: string | null;
  readonly clear: string;
}

/** `lists`: SQL that selects `position` and `list`. */
export function childrenStatements(
  { plan, links }: ChildrenPlan,
  lists: string,
): ChildrenStatements {
  const { table, position } = stageOf(plan);
  const { key, columns, values, selected } = stagedChildren({ plan, links }, lists);
  const children = withLevels(selected, key);
  const order = "order by level, parent, ord";
  return {
    fill: `insert into ${table} (${columns.join(", ")})
      select row_number() over (${order}) - 1, ${values.join(", ")} from (${children}) r`,
    places: `select ord::int as ord from (${children}) r ${order}`,
    origins: `select row_number() over (${order}) - 1 as position, parent, ord::int as ord
      from (${children}) r`,
    levels: key.length === 0 ? null : `select count(*)::int as n
      from (select row_number() over (partition by ${
      plan.key.map((name) => `${identifier(name)}${keyComparison(plan, name).collate}`).join(", ")
    } order by ${position}) as level from ${table}) s
      group by level order by level`,
    clear: `delete from ${table}`,
  };
}

/** For parents that have no values yet: a row's first children of each key. */
export interface FirstChildren {
  /** Takes the same parameters as `ChildrenStatements`. */
  readonly fill: string;
  /** `position`, `parent`, `ord`: of the children at the positions in one more parameter, in their order. */
  readonly origins: string;
}

/** `byParent`: children of different parents never have the same key. */
export function firstChildren(
  { plan, links }: ChildrenPlan,
  lists: string,
  byParent: boolean,
): FirstChildren {
  const { table } = stageOf(plan);
  const { key, columns, values, selected } = stagedChildren({ plan, links }, lists);
  const firsts = `select * from (${withLevels(selected, byParent ? ["r.parent", ...key] : key)}) r
    where level = 1`;
  const order = "order by parent, ord";
  return {
    fill: `insert into ${table} (${columns.join(", ")})
      select row_number() over (${order}) - 1, ${values.join(", ")} from (${firsts}) r`,
    origins: `select place::int as position, parent, ord::int as ord
      from (select parent, ord, row_number() over (${order}) - 1 as place from (${firsts}) r) r
      where place = any($${links.length + 2}::int[]) order by place`,
  };
}

interface StagedChildren {
  /** SQL: the values of the key. */
  readonly key: readonly string[];
  /** SQL: the columns of the stage, and the values of all but the position, which comes first. */
  readonly columns: readonly string[];
  readonly values: readonly string[];
  /** SQL that selects the values, the position of the `parent`, and `ord`. */
  readonly selected: string;
}

function stagedChildren(
  { plan, links }: Pick<ChildrenPlan, "plan" | "links">,
  lists: string,
): StagedChildren {
  const { position, related } = stageOf(plan);
  const own = plan.columns.slice(links.length);
  const given = [
    ...own.map((name, index) => ({ name: `c${index}`, type: typeOf(plan, name) })),
    ...related.map((_, index) => ({ name: `c${own.length + index}`, type: "json" })),
  ];
  const shapes = given.map(({ name, type }) => `${name} ${type}`);
  const parents = links.map(({ parent }, index) => `$${index + 2}::${parent.type}[]`);
  const values = links.map((_, index) => `v${index}`);
  const linked = links.map(({ own }, index) => `p.v${index}::${own.type} as v${index}`);
  const names = new Map(
    plan.columns.map((name, index) => [
      name,
      index < links.length ? `v${index}` : `c${index - links.length}`,
    ]),
  );
  return {
    key: plan.key.map((name) => `${names.get(name)}${keyComparison(plan, name).collate}`),
    columns: [position, ...plan.columns.map(identifier), ...related.map(identifier)],
    values: [...values, ...given.map(({ name }) => name)],
    selected: `select p.position as parent, e.ord, ${
      [...linked, ...given.map(({ name }) => `e.${name}`)].join(", ")
    }
      from unnest(${["$1::int[]", ...parents].join(", ")}) p (${["position", ...values].join(", ")})
      join (${lists}) l on l.position = p.position
      cross join lateral rows from (json_to_recordset(l.list) as (${shapes.join(", ")}))
        with ordinality e (${[...given.map(({ name }) => name), "ord"].join(", ")})`,
  };
}

/** No two children of a level have the same values there. */
function withLevels(selected: string, apart: readonly string[]): string {
  const level = apart.length === 0
    ? "1"
    : `row_number() over (partition by ${apart.join(", ")} order by r.parent, r.ord)`;
  return `select r.*, ${level} as level from (${selected}) r`;
}

/** As the table has it: a value that doesn't fit is refused as one that is written there. */
function typeOf({ table }: ChildrenPlan["plan"], name: string): string {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`${identifiers([name])} is no column of ${table.name}`);
  return column.type;
}
