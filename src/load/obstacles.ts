/** What would keep every row from being loaded, so that it can be said before a run begins. */
import { absentObstacles } from "./absent/absent_obstacles.ts";
import { identifier, identifiers, qualified } from "../db/quoting.ts";
import {
  canCopyAlways,
  canCopyDirectly,
  childPlans,
  type LoadPlan,
  writtenColumns,
} from "./load_plan.ts";
import { mayRead } from "./readable.ts";
import { parentColumns } from "./related/parents.ts";
import type { Obstacle } from "./obstacle.ts";
import { canCreateStage, closedTypes } from "./stage/stage_table.ts";
import type { Table, TableColumn } from "./catalog/table.ts";
import { updatedColumns, writesExisting } from "./merge/merge_conditions.ts";

/** A sentence for each, with what to do. */
export function obstacles(plan: LoadPlan): readonly string[] {
  return findObstacles(plan).map(({ problem, grant }) =>
    grant === undefined ? `${problem}.` : `${problem}; ${grant}.`
  );
}

export function findObstacles(plan: LoadPlan): readonly Obstacle[] {
  return [
    ...childPlans(plan).flatMap(findObstacles),
    ...lackingInsert(plan),
    ...lackingSequences(plan),
    ...absentObstacles(plan),
    // To know which rows the file has, they are staged.
    ...(canCopyAlways(plan) && plan.absent === undefined ? [] : [
      ...lackingOrder(plan),
      ...lackingSelect(plan),
      ...lackingUpdate(plan),
      ...withoutStage(plan),
      ...rules(plan),
    ]),
  ];
}

function lackingInsert(plan: LoadPlan): Obstacle[] {
  if (plan.onMissing !== "insert") return [];
  const { table } = plan;
  const allows = ({ mayInsert }: TableColumn) => mayInsert !== false;
  return lacking(table, "insert into", "insert", writtenColumns(plan), allows);
}

/** A key needs values that are equal or not; `compare` needs an order. */
function lackingOrder({ table, key, compare }: LoadPlan): Obstacle[] {
  const typeOf = (name: string) => table.columns.find((column) => column.name === name);
  const unequal = key.filter((name) => typeOf(name)?.equal === null).map((name) => ({
    problem: `${name} is ${
      typeOf(name)?.type
    }, whose values Postgres can't tell apart; choose another key`,
  }));
  if (compare === null || typeOf(compare.target)?.greater !== null) return unequal;
  const { target } = compare;
  return [
    ...unequal,
    {
      problem: `${target} is ${
        typeOf(target)?.type
      }, whose values have no order; compare another column`,
    },
  ];
}

function lackingUpdate(plan: LoadPlan): Obstacle[] {
  if (writesExisting(plan) === null) return [];
  const { table } = plan;
  const allows = ({ mayUpdate }: TableColumn) => mayUpdate !== false;
  return lacking(table, "update", "update", updatedColumns(plan), allows);
}

function lackingSelect(plan: LoadPlan): Obstacle[] {
  const { table, key, compare } = plan;
  const changed = writesExisting(plan) === null
    ? []
    : [...updatedColumns(plan), ...(compare ? [compare.target] : [])];
  const allows = ({ name }: TableColumn) => mayRead(table, name);
  const parents = parentColumns(plan).map(({ name }) => name);
  return lacking(table, "read", "select", [...new Set([...key, ...changed, ...parents])], allows);
}

function lacking(
  table: Table,
  does: string,
  privilege: string,
  names: readonly string[],
  allows: (column: TableColumn) => boolean,
): Obstacle[] {
  const closed = new Set(table.columns.filter((c) => !allows(c)).map((c) => c.name));
  const denied = names.filter((name) => closed.has(name));
  if (denied.length === 0) return [];
  const [of, columns] = denied.length === names.length
    ? ["", ""]
    : [`${denied.join(", ")} of `, ` (${identifiers(denied)})`];
  return [{
    problem: `${roleOf(table)} may not ${does} ${of}${table.schema}.${table.name}`,
    grant: `grant ${privilege}${columns} on ${qualified(table)} to ${granteeOf(table)}`,
  }];
}

function lackingSequences(plan: LoadPlan): Obstacle[] {
  const { table, onMissing } = plan;
  const columns = writtenColumns(plan);
  if (onMissing !== "insert") return [];
  return table.columns.flatMap(({ name, closedSequence: sequence }) => {
    if (!sequence || columns.includes(name)) return [];
    return [{
      problem: `${
        roleOf(table)
      } may not use the sequence ${sequence}, from which ${name} gets its values`,
      grant: `grant usage on sequence ${sequence} to ${granteeOf(table)}`,
    }];
  });
}

function withoutStage(plan: LoadPlan): Obstacle[] {
  const { table, columns } = plan;
  if (canCreateStage(plan)) return [];
  const types = closedTypes(table, columns).join(", ");
  if (types !== "") {
    return [{
      problem: `${because(plan)}, rows are staged in a table with the types ${types}, which ` +
        `${ofRole(table)} may not use`,
      grant: `grant usage on type ${types} to ${granteeOf(table)}`,
    }];
  }
  if (table.stageSchema !== null && !(table.stagesByFunction && plan.related !== undefined)) {
    return [{
      problem: `${because(plan)}, rows of ${columns.length} columns can't be loaded: they are ` +
        "staged in a table with one column more, and Postgres allows 1600. Leave out columns",
    }];
  }
  return [{
    problem: `${because(plan)}, rows are staged in a temporary table, which ${ofRole(table)} may ` +
      "not create",
    grant: `grant temporary on database ${identifier(table.database ?? "?")} to ${
      granteeOf(table)
    }`,
  }];
}

function rules(plan: LoadPlan): Obstacle[] {
  const { table, onMissing } = plan;
  const events = [
    ...(table.hasInsertRules && onMissing === "insert" ? ["INSERT"] : []),
    ...(table.hasUpdateRules && writesExisting(plan) !== null ? ["UPDATE"] : []),
  ];
  if (events.length === 0) return [];
  return [{
    problem:
      `${table.schema}.${table.name} has a rule (CREATE RULE) for ${events.join(" and ")}. ` +
      `${because(plan)}, rows can't be loaded past it. Use a trigger instead of the rule`,
  }];
}

/** Why the rows can't simply be copied. */
function because(plan: LoadPlan): string {
  if (plan.related !== undefined) return "With `many` or `nested`";
  if (plan.table.rowLevelSecurity) return "As the table has row-level security";
  if (plan.key.length === 0 || canCopyDirectly(plan)) {
    const part = plan.onDuplicate === "skip" ? ", and a part of the key that is unique itself" : "";
    return `With on_duplicate: ${plan.onDuplicate}${part}`;
  }
  if (plan.onMissing !== "insert") return `With on_missing: ${plan.onMissing}`;
  if (plan.onlyCompared.length > 0) return "With a key that is only compared";
  return "With a key that no unique index enforces, or that a trigger sees first";
}

function roleOf(table: Table): string {
  return `The role ${nameOf(table)}`;
}

function ofRole(table: Table): string {
  return `the role ${nameOf(table)}`;
}

function nameOf({ role }: Table): string {
  return role ?? "of this connection";
}

function granteeOf({ role }: Table): string {
  return role === undefined ? "it" : identifier(role);
}
