/** The keys of an entry of `many`, for editors. */
import type { ParsedMany } from "../schema.ts";
import { COLUMN_HELP } from "./column_help.ts";
import type { HelpFor } from "./key_help.ts";

const { lookup, map, message, transform, trim } = COLUMN_HELP;

export const MANY_HELP: HelpFor<ParsedMany> = {
  from: { says: "The source column with the list, or a list of its names.", example: "Tags" },
  separator: {
    says: "What stands between the values. Without it, a comma; a JSON array needs none.",
    example: ";",
  },
  required: { says: "true: a row without any value fails.", example: true },
  pivot: {
    says: "The table that gets a row for each link.",
    example: { table: "customer_tags", local: "customer_id", foreign: "tag_id" },
    keys: {
      table: { says: "Its name.", example: "customer_tags" },
      local: { says: "Its column that refers to the imported row.", example: "customer_id" },
      foreign: { says: "Its column for what was found.", example: "tag_id" },
      values: {
        says: "Constants for its other columns. Only links that have them are looked at.",
        example: { kind: "customer" },
      },
    },
  },
  sync: {
    says: "add: links are only added. replace: those that the list doesn't have are removed.",
    example: "replace",
  },
  ...{ trim, transform, map, message, lookup },
};
