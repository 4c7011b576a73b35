/** The keys of an entry of `nested`, for editors. */
import type { ParsedNested } from "../schema.ts";
import type { HelpFor } from "./key_help.ts";

export const NESTED_HELP: HelpFor<ParsedNested> = {
  from: { says: "Where the array is in the row: a key, or a path.", example: "line_items" },
  table: { says: "The table of the children.", example: "order_items" },
  foreign_key: {
    says: "By column of the children's table: the column of the row's table that it refers to.",
    example: { order_id: "id" },
  },
  key: {
    says: "The columns that tell which children are the same.",
    example: ["order_id", "sku"],
  },
  on_duplicate: {
    says: "What to do with a child that is there: skip it, update it, or fail. Default: skip; " +
      "fail without a key.",
    example: "update",
  },
  columns: {
    says: "By column of the children's table: the key in the child, or a mapping as for a column.",
    example: { sku: "sku", quantity: { from: "qty", type: "integer" } },
  },
  nested: {
    says: "Arrays in the children, which become rows of yet another table.",
    example: [{
      from: "discounts",
      table: "discounts",
      foreign_key: { item_id: "id" },
      columns: { code: "code" },
    }],
  },
};
