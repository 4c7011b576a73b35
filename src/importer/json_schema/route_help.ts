/** The keys of an entry of `tables`, for editors. Its other keys are those of a definition. */
import type { KeyHelp } from "./key_help.ts";

export const ROUTE_HELP: Readonly<Record<string, KeyHelp>> = {
  table: { says: "The table.", example: "admins" },
  when: {
    says:
      "Which rows it takes, of those that no table before it has taken. Only the last one may " +
      "have none: it takes all others.",
    example: { column: "Type", equals: "admin" },
  },
};

/** Keys of a definition that such an entry may have of its own. */
export const OF_ONE_TABLE = [
  "key",
  "on_duplicate",
  "on_missing",
  "compare",
  "identity",
  "columns",
] as const;
