/** The shape of an entry of `nested`, which may have such entries itself. */
import * as z from "zod/mini";
import { choice, oneOrMore, text } from "../schema_parts.ts";

const KEY = "a column of the children's table or a list of them";
export const NESTED = "a list of mappings such as [{from: items, table: order_items, …}]";

/** `columns`: those of a definition. */
export function nestedSchemaWith<Columns extends z.core.$ZodType>(columns: Columns) {
  // The type of what is inside itself can't be inferred: `ParsedNested` says it.
  const inner: z.ZodMiniLazy<z.core.$ZodType> = z.lazy(() => nested);
  const nested = z.strictObject({
    from: text,
    table: z.string({ error: "a table such as order_items or shop.order_items" }),
    foreign_key: z.record(z.string(), text, {
      error: "a mapping from the children's columns to the parent's, such as {order_id: id}",
    }),
    key: z.optional(oneOrMore(KEY)),
    on_duplicate: z.optional(choice(["skip", "update", "fail"])),
    columns,
    nested: z.optional(
      z.array(inner, { error: NESTED }).check(z.minLength(1, { error: NESTED })),
    ),
  }, { error: "a mapping with `from`, `table`, `foreign_key` and `columns`" });
  return nested;
}
