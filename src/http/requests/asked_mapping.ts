/** What a request says about where the columns of its run come from. */
import type { Context } from "hono";
import { type ColumnMapping, fillsOnlyNamed, withMapping } from "../../importer/column_mapping.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import type { AskedDefinition } from "./asked_definition.ts";
import type { RequestEnv } from "../server_context.ts";
import { wrongField } from "./validation.ts";

/** In bytes: a table has up to 1,600 columns. */
export const MAPPING_FIELD = { field: "mapping", size: 64 * 1024 };

const EXPECTED =
  'expected a JSON object from columns of the table to columns of the file, such as {"name": ' +
  '"Full name", "note": null}';

/** Undefined: it says nothing. Throws RequestRefused. */
export function readMapping(text: string | undefined): ColumnMapping | undefined {
  if (text === undefined || text === "") return undefined;
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    throw wrongField("mapping", EXPECTED);
  }
  if (typeof read !== "object" || read === null || Array.isArray(read)) {
    throw wrongField("mapping", EXPECTED);
  }
  const columns: [string, string | null][] = Object.entries(read).map(([target, from]) => {
    if (typeof from === "string" || from === null) return [target, from];
    const shown = JSON.stringify(target.slice(0, 100));
    throw wrongField("mapping", `${shown}: expected the name of a column of the file, or null`);
  });
  // In this order, so that requests that say the same are the same.
  columns.sort(([a], [b]) => a < b ? -1 : 1);
  return columns.length === 0 ? undefined : Object.fromEntries(columns);
}

/** Of the form and the query, which may both have it. Throws RequestRefused. */
export function oneMapping(
  inForm: ColumnMapping | undefined,
  inQuery: ColumnMapping | undefined,
): ColumnMapping | undefined {
  const disagree = inForm !== undefined && inQuery !== undefined &&
    JSON.stringify(inForm) !== JSON.stringify(inQuery);
  if (disagree) throw wrongField("mapping", "the form and the query disagree");
  return inForm ?? inQuery;
}

/**
 * The same with the request's mapping. A token that is limited to importers can't fill columns that
 * they leave alone: throws RequestRefused.
 */
export function mappedAs(
  c: Context<RequestEnv>,
  { definition, origin }: AskedDefinition,
  mapping: ColumnMapping | undefined,
): AskedDefinition {
  const isLimited = c.get("principal").importers !== null && fillsOnlyNamed(definition);
  const other = isLimited
    ? Object.keys(mapping ?? {}).find((name) => !Object.hasOwn(definition.columns ?? {}, name))
    : undefined;
  if (other === undefined) return { definition: withMapping(definition, mapping), origin };
  throw new RequestRefused(
    403,
    "forbidden",
    `This token is limited to some importers, and ${definition.slug} doesn't fill ${
      JSON.stringify(other.slice(0, 100))
    }: it fills ${Object.keys(definition.columns ?? {}).slice(0, 30).join(", ")}.`,
  );
}
