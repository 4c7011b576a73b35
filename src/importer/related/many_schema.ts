/** The shape of an entry of `many`. */
import * as z from "zod/mini";
import { choice, flag, mapping, oneOrMore, text, textOrNull } from "../schema_parts.ts";
import { SYNC } from "./many_rule.ts";

const A_TABLE = "a table such as customer_tags or crm.customer_tags";

const pivotSchema = mapping({
  table: z.string({ error: A_TABLE }),
  local: text,
  foreign: text,
  values: z.optional(
    z.record(z.string(), textOrNull, { error: "a mapping from columns to constants" }),
  ),
}, "a mapping such as {table: customer_tags, local: customer_id, foreign: tag_id}");

/** `ofItems`: the keys that say what is done with each value; they are those of a column. */
export function manySchemaWith<Items extends z.core.$ZodLooseShape>(ofItems: Items) {
  return mapping({
    from: oneOrMore("a source column or a list of them"),
    separator: z.optional(text),
    required: z.optional(flag),
    ...ofItems,
    pivot: pivotSchema,
    sync: z.optional(choice(SYNC)),
  }, "a mapping with `from` and `pivot`");
}

export function pivotKeys(): readonly string[] {
  return Object.keys(pivotSchema.shape);
}
