/** How a definition's rows bring rows of other tables with them. */
import type { Definition, ManyRule, NestedRule } from "../importer/definition.ts";
import { childDefinition } from "../importer/related/child_definition.ts";
import { withoutColumns } from "../importer/related/children_against_tables.ts";
import type { ChildTable, FoundLinks, Table } from "../load/catalog/table.ts";
import type { ChildrenPlan, LoadPlan, RelatedPlan } from "../load/load_plan.ts";
import type { LinkPlan } from "../load/related/link_plan.ts";

/** A column of the stage: an entry of `many`, or of `nested` with how the children are loaded. */
export type ChosenPart =
  | { readonly many: number }
  | {
    readonly nested: number;
    readonly plan: (definition: Definition, table: Table) => LoadPlan;
  };

/**
 * `chosen`: in the order of the stage's columns. Whatever a table lacks was told before
 * (importer/related/*_against_tables.ts).
 */
export function relatedOf(
  definition: Definition,
  table: Table,
  chosen: readonly ChosenPart[],
): Pick<LoadPlan, "related"> {
  if (chosen.length === 0) return {};
  const { many = [], nested = [] } = definition;
  const related = chosen.flatMap((part): RelatedPlan[] => {
    if ("many" in part) return linkPlan(many[part.many], table.related?.[part.many]);
    const found = table.children?.[part.nested];
    if (found === undefined || "missing" in found) return [];
    return childrenPlan(definition, nested[part.nested], found, part.plan);
  });
  return { related };
}

function childrenPlan(
  parent: Definition,
  rule: NestedRule,
  { table, own, parents }: ChildTable,
  planOf: (definition: Definition, table: Table) => LoadPlan,
): RelatedPlan[] {
  const links = own.flatMap((column, index) => {
    const of = parents[index];
    return column === null || of === null ? [] : [{ own: column, parent: of }];
  });
  if (links.length < own.length) return [];
  const plan = planOf(childDefinition(parent, rule).definition, withoutColumns(table, rule));
  return [{
    kind: "children",
    label: rule.from,
    table,
    links,
    plan: {
      ...plan,
      table,
      columns: [...links.map(({ own }) => own.column.name), ...plan.columns],
      key: rule.key,
      stageLabel: `ingest children ${table.oid}`,
    },
  }];
}

function linkPlan(
  { from, sync }: ManyRule,
  links: FoundLinks | undefined,
): RelatedPlan[] {
  if (links === undefined || "missing" in links) return [];
  const { table, parent, local, foreign, values } = links;
  if (parent === null || local === null || foreign === null) return [];
  return [{
    kind: "links",
    label: from[0],
    ...{ table, parent, local, foreign },
    values: values.flatMap(({ column, value }) => column === null ? [] : [{ column, value }]),
    replaces: sync === "replace",
  }];
}

/**
 * Why the rows' batches must be taken in order; null if they need not be. What belongs to different rows
 * may be the same, or exclude each other, where something is unique that doesn't name the row.
 */
export function orderOfRelated({ table, related = [] }: LoadPlan): string | null {
  for (const part of related) {
    const because = part.kind === "links" ? orderOfLinks(part) : orderOfChildren(part, table);
    if (because !== null) return because;
  }
  return null;
}

function orderOfLinks({ table, local, foreign, values }: LinkPlan): string | null {
  const written = [local, foreign, ...values.map(({ column }) => column)]
    .map(({ column }) => column.name);
  const what = whatExcludes(table, written, [local.column.name]);
  return what === null
    ? null
    : `links of different rows may exclude each other in ${table.name} (${what})`;
}

function orderOfChildren({ table, links, plan }: ChildrenPlan, parent: Table): string | null {
  const names = links.map(({ own }) => own.column.name);
  const of = links.map((link) => link.parent.column.name);
  const isOwn = parent.uniqueIndexes.some(({ columns, partial }) =>
    columns !== null && !partial && columns.every((name) => of.includes(name))
  );
  const because = `children of different rows may be the same in ${table.name}`;
  if (!isOwn) return `${because} (several rows may have the same ${of.join(", ")})`;
  if (plan.key.length > 0 && !names.every((name) => plan.key.includes(name))) {
    return `${because} (by its key)`;
  }
  const what = whatExcludes(table, plan.columns, names);
  return what === null ? orderOfRelated(plan) : `${because}, or exclude each other (${what})`;
}

/** What is unique in the table without these columns, which name the row. */
function whatExcludes(
  table: Table,
  written: readonly string[],
  naming: readonly string[],
): string | null {
  const isFilled = (name: string) =>
    !written.includes(name) &&
    table.columns.find((column) => column.name === name)?.hasDefault === true;
  const apart = table.uniqueIndexes.find(({ columns }) =>
    columns === null ||
    !naming.every((name) => columns.includes(name)) && !columns.some(isFilled)
  );
  if (apart !== undefined) return `the unique index ${apart.name}`;
  return table.hasExclusionConstraint ? "an exclusion constraint" : null;
}
