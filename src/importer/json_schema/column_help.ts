/** The keys of a column, for editors. */
import type { ParsedColumn, ParsedLookup, ParsedTransform } from "../schema.ts";
import { CONDITION_HELP } from "./condition_help.ts";
import type { HelpFor } from "./key_help.ts";

type Steps = Exclude<ParsedTransform, string>;

export const TRANSFORM_HELP: HelpFor<Steps> = {
  replace: {
    says: "Replaces every match of a regular expression.",
    example: { pattern: " \\(old\\)$", with: "" },
    keys: {
      pattern: { says: "A JavaScript regular expression.", example: " \\(old\\)$" },
      with: { says: "What every match becomes; $1 is its first group.", example: "" },
    },
  },
  prefix: { says: "Puts a text before the value.", example: "P-" },
  suffix: { says: "Puts a text after the value.", example: "-EU" },
  split: {
    says: "Takes one part of the value.",
    example: { by: " ", index: 0 },
    keys: {
      by: { says: "The text between the parts.", example: " " },
      index: { says: "Which part, from 0; -1 is the last one.", example: 0 },
    },
  },
  default: { says: "Fills in a missing value.", example: "none" },
  map: { says: "From source text to target text.", example: { active: 1, inactive: 0 } },
  concat: { says: "Joins the columns of `from`, before all other steps.", example: " " },
};

const LOOKUP_HELP: HelpFor<ParsedLookup> = {
  table: { says: "The table in which the value is looked up.", example: "companies" },
  match: {
    says: "The column that has the value; or several, one for each column in `from`.",
    example: "name",
  },
  returns: {
    says: "The column of which the value is taken. Default: the primary key.",
    example: "id",
  },
  create: { says: "true: a value that the table doesn't have is added to it.", example: true },
  where: { says: "A condition in SQL: only these rows count.", example: "deleted_at is null" },
};

export const COLUMN_HELP: HelpFor<ParsedColumn> = {
  from: {
    says: "The source column, or a list of names of which the first that the file has is used. " +
      "With `concat`: the columns to join. Default: the target column's own name.",
    example: ["E-Mail", "Email Address"],
  },
  concat: { says: "The text between the columns that are joined.", example: " " },
  value: {
    says: "A constant instead of a source column. ${run.id}, ${run.user}, ${run.date}, " +
      "${row.number}, ${file.name} and others are filled in; $${ stands for ${ itself.",
    example: "ingest run ${run.id}",
  },
  type: {
    says: "What the text has to be. Default: what the table's column needs.",
    example: "integer",
  },
  required: { says: "true: a missing value is an error.", example: true },
  trim: { says: "false keeps blanks at both ends. Default: true.", example: false },
  transform: {
    says: "Steps that change the text, in this order, before it is checked.",
    example: ["squish", "lower"],
  },
  map: {
    says: "From source text to target text. Any other text is an error, unless there is a default.",
    example: { active: 1, inactive: 0 },
  },
  default: { says: "For a value that is missing, or not in `map`.", example: "free" },
  empty: {
    says: "What a missing value becomes: null, or default, which is the DEFAULT of the table's " +
      "column.",
    example: "default",
  },
  min: { says: "The smallest number allowed.", example: 0 },
  max: { says: "The largest number allowed.", example: 150 },
  min_length: { says: "The fewest characters allowed.", example: 1 },
  max_length: { says: "The most characters allowed.", example: 500 },
  one_of: { says: "The only texts allowed.", example: ["free", "pro", "team"] },
  pattern: {
    says: "A JavaScript regular expression. It may match anywhere in the value unless you anchor " +
      "it with ^ and $.",
    example: "^[A-Z]{3}-\\d{4}$",
  },
  format: {
    says: "For dates and times: one format or several, of which the first that fits counts. Also " +
      "unix, unix_ms, unix_us and excel. Default: ISO 8601.",
    example: ["yyyy-MM-dd", "dd.MM.yyyy"],
  },
  decimal: { says: "For numbers: the decimal separator. Default: a point.", example: "," },
  thousands: { says: "For numbers: the separator between thousands. Default: none.", example: "." },
  accept: {
    says: "Other notations of numbers: currency ($5), parentheses ((5) is -5), trailing_minus " +
      "(5-), percent (5% is 0.05), percent_points (5% is 5).",
    example: ["currency", "parentheses"],
  },
  true: { says: "Words for yes, instead of the usual ones.", example: ["yes", "aktiv"] },
  false: { says: "Words for no, instead of the usual ones.", example: ["no", "inaktiv"] },
  on_update: {
    says: "keep: an empty value leaves what is there, in a row that is updated. Default: write.",
    example: "keep",
  },
  message: {
    says: "Replaces the messages of this column's checks. It completes “The code field …”.",
    example: "must look like ABC-1234",
  },
  lookup: {
    says: "Looks the value up in another table: what that row has goes into the column.",
    example: { table: "companies", match: "name" },
    keys: LOOKUP_HELP,
  },
  when: {
    says:
      "Fills the column only in rows for which this holds; in others, it is as if the file had " +
      "no value for it.",
    example: { column: "Type", equals: "refund" },
    keys: CONDITION_HELP,
  },
};
