/**
 * What a definition can do with one column, one step at a time. Each makes a definition of its own:
 * insert.yaml with this step.
 */
import { COUNTRIES } from "../data/customer.ts";
import { BEYOND_ASCII, everyCode } from "../data/dirty.ts";
import type { KindName } from "../data/kinds.ts";

export interface Step {
  readonly name: string;
  readonly file: KindName;
  readonly column: string;
  /** What the column's rule says besides. */
  readonly rule: object;
  /** What the column has to become, in SQL, from columns of text without blanks at their ends. */
  readonly sql: string;
  /** What the definition without the step reads, if not the same file. */
  readonly without: KindName;
  /** It needs more than a look at each byte, so its bar is higher. */
  readonly hard: boolean;
}

type Steps = Readonly<
  Record<string, readonly [rule: object, sql: string, more?: Partial<Step>]>
>;

const SQUISHED = "regexp_replace(company, ' +', ' ', 'g')";
const SLUG = "regexp_replace(lower(company), '[^a-z0-9]+', '-', 'g')";
const PATTERN = { pattern: "^[A-Za-z]+ +[A-Za-z]+ +[0-9]{5}$" };

const IN_LOWER_CASE = Object.fromEntries(COUNTRIES.map((code) => [code, code.toLowerCase()]));
const CODES = everyCode();
const NUMBERED = Object.fromEntries(CODES.map((code) => [code, code.replace("K", "No ")]));

/** Nearly all values differ, unless the name says that they are few. */
export const STEPS: readonly Step[] = [
  ...steps("labels", "company", {
    "lower": [{ transform: ["lower"] }, "lower(company)"],
    "upper": [{ transform: ["upper"] }, "upper(company)"],
    "title": [{ transform: ["title"] }, "initcap(company)"],
    "squish": [{ transform: ["squish"] }, SQUISHED],
    "trim": [{ transform: ["trim"] }, "company"],
    "digits": [{ transform: ["digits"] }, "regexp_replace(company, '[^0-9]', '', 'g')"],
    "prefix": [{ transform: [{ prefix: "K-" }] }, "'K-' || company"],
    "suffix": [{ transform: [{ suffix: "-D" }] }, "company || '-D'"],
    "split": [{ transform: [{ split: { by: " ", index: 0 } }] }, "split_part(company, ' ', 1)"],
    "replace of a class": [
      { transform: [{ replace: { pattern: "[^A-Za-z0-9]", with: "" } }] },
      "replace(company, ' ', '')",
    ],
    "replace of repeats": [
      { transform: [{ replace: { pattern: " +", with: "-" } }] },
      "regexp_replace(company, ' +', '-', 'g')",
    ],
    "slug": [{ transform: ["slug"] }, SLUG, { hard: true }],
    "pattern": [PATTERN, "company"],
    "pattern with look-around": [{ pattern: "^(?=.*[0-9])(?!.*demo)" }, "company", { hard: true }],
    "pattern that backtracks": [
      { pattern: "^([A-Za-z])(?:(?!\\1\\1\\1).)+$" },
      "company",
      { hard: true },
    ],
  }),
  ...steps("few_labels", "company", {
    "lower of few values": [{ transform: ["lower"] }, "lower(company)"],
    "title of few values": [{ transform: ["title"] }, "initcap(company)"],
    "slug of few values": [{ transform: ["slug"] }, SLUG, { hard: true }],
    "pattern of few values": [PATTERN, "company"],
  }),
  ...steps("mixed_emails", "email", {
    "lower of e-mails": [{ transform: ["lower"] }, "lower(email)"],
  }),
  ...steps("documents", "company", {
    "json": [{ transform: ["json"] }, "company"],
  }),
  ...steps("gaps", "company", {
    "default": [{ default: "n/a" }, "coalesce(company, 'n/a')"],
    "default as a step": [{ transform: [{ default: "n/a" }] }, "coalesce(company, 'n/a')"],
  }),
  ...steps("codes", "company", {
    "map of 1,000 words": [{ map: NUMBERED }, "replace(company, 'K', 'No ')"],
    "one_of 1,000 words": [{ one_of: CODES }, "company"],
  }),
  ...steps("valid", "country", {
    "map of 8 words": [{ map: IN_LOWER_CASE }, "lower(country)"],
    "map as a step": [{ transform: [{ map: IN_LOWER_CASE }] }, "lower(country)"],
    "one_of 8 words": [{ one_of: COUNTRIES }, "country"],
  }),
  ...steps("valid", "company", {
    "concat": [{ from: ["country", "id"], concat: "-" }, "country || '-' || id"],
    "concat of few values": [
      { from: ["country", "age"], transform: [{ concat: " aged " }] },
      "country || ' aged ' || age",
    ],
  }),
  ...steps("valid", "balance", { "number": [{ transform: ["number"] }, "balance"] }),
  ...steps("valid", "signup_date", { "date": [{ transform: ["date"] }, "signup_date"] }),
  ...steps("valid", "active", { "boolean": [{ transform: ["boolean"] }, "active"] }),
  ...steps("german_dates", "signup_date", {
    "list of date formats": [
      { format: ["dd.MM.yyyy", "yyyy-MM-dd"] },
      "to_date(signup_date, 'DD.MM.YYYY')",
      { without: "valid" },
    ],
  }),
  ...steps("german_numbers", "balance", {
    "decimal comma": [
      { decimal: ",", thousands: "." },
      "replace(replace(balance, '.', ''), ',', '.')",
      { without: "valid" },
    ],
  }),
];

/** Of which locale the database is decides what it knows of letters beyond ASCII. */
const upper = (text: string) =>
  `upper(translate(${text}, '${BEYOND_ASCII.lower}', '${BEYOND_ASCII.upper}'))`;
const lower = (text: string) =>
  `lower(translate(${text}, '${BEYOND_ASCII.upper}', '${BEYOND_ASCII.lower}'))`;

/** The same steps as in STEPS, on the same texts but for every second letter. */
export const STEPS_BEYOND_ASCII: readonly Step[] = steps("letters", "company", {
  "lower": [{ transform: ["lower"] }, lower("company")],
  "title": [
    { transform: ["title"] },
    `(select string_agg(${upper("left(word, 1)")} || ${lower("substr(word, 2)")}, ' ' order by at)
      from unnest(string_to_array(company, ' ')) with ordinality as words (word, at))`,
  ],
  "squish": [{ transform: ["squish"] }, SQUISHED],
});

function steps(file: KindName, column: string, all: Steps): Step[] {
  return Object.entries(all).map(([name, [rule, sql, more]]) => ({
    ...{ name, file, column, rule, sql, without: file, hard: false },
    ...more,
  }));
}
