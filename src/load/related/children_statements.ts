/** The statements that take children out of their parents' stage, into a stage of their own. */
import { identifier, identifiers } from "../../db/quoting.ts";
import { keyComparison } from "../comparison.ts";
import type { ChildrenPlan } from "../load_plan.ts";
import { stageOf } from "../stage_table.ts";

export interface ChildrenStatements {
  /** Each takes the parents' positions, $1, and for each link the parent's values. */
  readonly fill: string;
  /** `ord`: which child of its parent each is, from 1, in the order of the children's positions. */
  readonly places: string;
  /** `n`: how many children are in each level. Null if no two may share a key. */
  readonly levels: string | null;
  readonly clear: string;
}

/** `lists`: SQL that selects `position` and `list`. */
export function childrenStatements(
  { plan, links }: ChildrenPlan,
  lists: string,
): ChildrenStatements {
  const { table, position, related } = stageOf(plan);
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
  const key = plan.key.map((name) => `${names.get(name)}${keyComparison(plan, name).collate}`);
  const children = `select r.*, ${
    key.length === 0
      ? "1"
      : `row_number() over (partition by ${key.join(", ")} order by r.parent, r.ord)`
  } as level
    from (
      select p.position as parent, e.ord, ${
    [...linked, ...given.map(({ name }) => `e.${name}`)].join(", ")
  }
      from unnest(${["$1::int[]", ...parents].join(", ")}) p (${["position", ...values].join(", ")})
      join (${lists}) l on l.position = p.position
      cross join lateral rows from (json_to_recordset(l.list) as (${shapes.join(", ")}))
        with ordinality e (${[...given.map(({ name }) => name), "ord"].join(", ")})
    ) r`;
  const columns = [position, ...plan.columns.map(identifier), ...related.map(identifier)];
  const order = "order by level, parent, ord";
  return {
    fill: `insert into ${table} (${columns.join(", ")})
      select row_number() over (${order}) - 1, ${
      [...values, ...given.map(({ name }) => name)].join(", ")
    }
      from (${children}) r`,
    places: `select ord::int as ord from (${children}) r ${order}`,
    levels: key.length === 0 ? null : `select count(*)::int as n
      from (select row_number() over (partition by ${
      plan.key.map((name) => `${identifier(name)}${keyComparison(plan, name).collate}`).join(", ")
    } order by ${position}) as level from ${table}) s
      group by level order by level`,
    clear: `delete from ${table}`,
  };
}

/** As the table has it: a value that doesn't fit is refused as one that is written there. */
function typeOf({ table }: ChildrenPlan["plan"], name: string): string {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`${identifiers([name])} is no column of ${table.name}`);
  return column.type;
}
