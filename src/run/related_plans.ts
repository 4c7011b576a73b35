/** How a definition's rows bring rows of other tables with them. */
import type { Definition } from "../importer/definition.ts";
import type { Table } from "../load/catalog/table.ts";
import type { LoadPlan } from "../load/load_plan.ts";
import type { LinkPlan } from "../load/related/link_plan.ts";

/**
 * `chosen`: which entries of `many`, in the order of the stage's columns. Whatever a table lacks was
 * told before (importer/related/links_against_tables.ts).
 */
export function relatedOf(
  { many = [] }: Definition,
  table: Table,
  chosen: readonly number[],
): Pick<LoadPlan, "related"> {
  if (chosen.length === 0) return {};
  return {
    related: chosen.flatMap((index) => linkPlan(many[index], table.related?.[index]) ?? []),
  };
}

function linkPlan(
  { from, sync }: NonNullable<Definition["many"]>[number],
  links: NonNullable<Table["related"]>[number] | undefined,
): LinkPlan | null {
  if (links === undefined || "missing" in links) return null;
  const { table, parent, local, foreign, values } = links;
  if (parent === null || local === null || foreign === null) return null;
  return {
    kind: "links",
    label: from[0],
    ...{ table, parent, local, foreign },
    values: values.flatMap(({ column, value }) => column === null ? [] : [{ column, value }]),
    replaces: sync === "replace",
  };
}

/**
 * Why the rows' batches must be taken in order; null if they need not be. Links of different rows may
 * exclude each other where something is unique that doesn't name the row.
 */
export function orderOfRelated({ related = [] }: Pick<LoadPlan, "related">): string | null {
  for (const { table, local, foreign, values } of related) {
    const written = [local, foreign, ...values.map(({ column }) => column)]
      .map(({ column }) => column.name);
    const isFilled = (name: string) =>
      !written.includes(name) &&
      table.columns.find((column) => column.name === name)?.hasDefault === true;
    const apart = table.uniqueIndexes.find(({ columns }) =>
      columns === null || !columns.includes(written[0]) && !columns.some(isFilled)
    );
    if (apart !== undefined || table.hasExclusionConstraint) {
      const what = apart === undefined
        ? "an exclusion constraint"
        : `the unique index ${apart.name}`;
      return `links of different rows may exclude each other in ${table.name} (${what})`;
    }
  }
  return null;
}
