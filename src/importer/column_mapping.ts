/** What a request says about where a run's columns come from, instead of its definition. */
import { routeDefinitions } from "./routes/routes.ts";
import { type ColumnRule, DEFAULT_COLUMN, type Definition } from "./definition.ts";

/** By column of the table: the file's column, or null if the file doesn't fill it. */
export type ColumnMapping = Readonly<Record<string, string | null>>;

/** Undefined: the mapping says nothing about the column. */
export function mappedTo({ mapping }: Definition, target: string): string | null | undefined {
  return mapping !== undefined && Object.hasOwn(mapping, target) ? mapping[target] : undefined;
}

/** Columns that the mapping doesn't name stay as the definition has them. */
export function withMapping(
  definition: Definition,
  mapping: ColumnMapping | undefined,
): Definition {
  return mapping === undefined ? definition : { ...definition, mapping };
}

/**
 * The definition's rules by column of the table. The mapping changes only where their values come
 * from: types, checks and defaults stay. A column without a rule gets the usual one.
 */
export function mappedRules(definition: Definition): Readonly<Record<string, ColumnRule>> {
  if (definition.tables !== undefined) {
    // Where tables have columns of the same name, the first one's rule is shown.
    const all = routeDefinitions(definition).map((own) => mappedRules(own));
    return Object.assign({}, ...all.reverse());
  }
  const { columns, mapping } = definition;
  if (mapping === undefined) return columns ?? {};
  const rules = new Map(Object.entries(columns ?? {}));
  for (const [target, from] of Object.entries(mapping)) {
    const rule = rules.get(target);
    if (from !== null) rules.set(target, { ...rule ?? DEFAULT_COLUMN, from: [from] });
    else if (rule !== undefined) rules.set(target, { ...rule, from: [] });
  }
  return Object.fromEntries(rules);
}

/** Does the definition name the columns that it fills, and no others are filled? */
export function fillsOnlyNamed({ columns, options }: Definition): boolean {
  return columns !== null && options.unmapped !== "auto";
}
