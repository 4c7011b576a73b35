/** The keys of a condition, for editors. */
import type { ParsedCondition } from "../condition/schema.ts";
import type { HelpFor } from "./key_help.ts";

const ANOTHER = [{ column: "Type", equals: "refund" }, { column: "Reason", present: true }];

export const CONDITION_HELP: HelpFor<ParsedCondition> = {
  column: {
    says: "The source column that is compared, or a list of names of which the first that the " +
      "file has is used.",
    example: "Type",
  },
  equals: { says: "The text that it has to be, without blanks around it.", example: "refund" },
  one_of: { says: "The texts of which it has to be one.", example: ["refund", "chargeback"] },
  not: {
    says: "A text, or several, that it must not be. A cell without a value is none of them.",
    example: "sale",
  },
  matches: {
    says:
      "A JavaScript regular expression. It may match anywhere in the value unless you anchor it.",
    example: "^R-",
  },
  empty: { says: "true: there is no value; false: there is one.", example: true },
  present: { says: "true: there is a value; false: there is none.", example: true },
  ignore_case: {
    says: "true: upper and lower case are the same, for `equals`, `one_of` and `not`.",
    example: true,
  },
  all: { says: "Conditions that all have to hold.", example: ANOTHER },
  any: { says: "Conditions of which at least one has to hold.", example: ANOTHER },
  none: { says: "Conditions of which none may hold.", example: ANOTHER },
};
