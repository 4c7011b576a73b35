/** What can be wrong with a row, as the messages say it, and what its texts mean. */
import type { Fields, Rules, Shape } from "./reference_case.ts";

export type Outcome =
  | { readonly status: "created" | "updated" | "skipped" }
  /** Every one of these errors, in this order. */
  | { readonly status: "failed"; readonly all: readonly RowFault[] }
  | Refused;

/** At least one of these errors. */
export interface Refused {
  readonly status: "failed";
  readonly any: readonly RowFault[];
}

export interface RowFault {
  readonly code: string;
  readonly message: string;
}

const HEADER_FIELDS = 9;

/** What the column stores for a text of the file; null for NULL. */
export function nulled(shape: Shape, row: Fields<string>): Fields<string | null> {
  const integer = (text: string) => text.trim() === "" ? null : String(Number(text));
  return {
    k: row.k.trim() === ""
      ? null
      : shape.key === "int"
      ? integer(row.k)
      : shape.key === "numeric"
      ? plainNumeric(row.k)
      : row.k.trim(),
    email: row.email.trim() === "" ? null : row.email.trim(),
    amount: integer(row.amount),
    ref: integer(row.ref),
    parent: integer(row.parent),
    stamp: integer(row.stamp),
  };
}

/** As numeric prints it: no leading zeros and no exponent, but trailing zeros stay. */
function plainNumeric(text: string): string {
  return text.includes("e") ? String(Number(text)) : text.replace(/^0+(?=\d)/, "");
}

/** The errors that are found before Postgres sees the row. */
export function invalid(
  shape: Shape,
  rules: Rules,
  row: Fields<string>,
): readonly RowFault[] {
  const { key, keyIndex, parent, trigger } = shape;
  const found: RowFault[] = [];
  const mustBe = (name: string, what: string) =>
    found.push({ code: "type", message: `The ${name} field must be ${what}.` });
  // A trigger before the row could fill it in.
  const isLeftOpen = keyIndex !== "primary" || trigger === "take" || trigger === "lower";
  const nullable = keyIndex === "nulls_not_distinct" || (isLeftOpen && !rules.hasKey);
  if (row.k.trim() === "") {
    if (!nullable) found.push({ code: "required", message: "The k field is required." });
  } else if (key === "int" && !/^[+-]?\d+$/.test(row.k)) mustBe("k", "a whole number");
  else if (key === "numeric" && Number.isNaN(Number(row.k))) mustBe("k", "a number");
  const integers = parent ? (["amount", "ref", "parent", "stamp"] as const) : ([
    "amount",
    "ref",
    "stamp",
  ] as const);
  for (const name of integers) {
    if (!/^\d*$/.test(row[name])) mustBe(name, "a whole number");
  }
  return found;
}

export const PARENT_MISSING = {
  code: "foreign_key",
  message: "The parent field refers to a row that is not in t.",
};

export const NO_PARTITION = {
  code: "check",
  message: "The t table has no partition for this row.",
};

export function failed(...any: RowFault[]): Refused {
  return { status: "failed", any };
}

export function duplicate(name: string): RowFault {
  return { code: "duplicate", message: `Duplicate entry found for key '${name}'.` };
}

/** An open quote ends in the next broken row, if there is one. */
export function unreadable(text: string): readonly RowFault[] {
  if (text === ERROR_CELL) {
    return [{ code: "cell", message: `A cell in column B (email) has the error ${ERROR_CELL}.` }];
  }
  if (text === REPEATED_KEY) {
    return [{ code: "malformed", message: "The row has the same key twice in an object." }];
  }
  if (text === SHORT_LINE) {
    return [{ code: "malformed", message: "The line has 3 characters where its columns take 60." }];
  }
  const messages = text.includes('"')
    ? ["A quote is not closed.", "A quoted field has text after its closing quote."]
    : [`The row has ${text.split(",").length} fields where the header has ${HEADER_FIELDS}.`];
  return messages.map((message) => ({ code: "malformed", message }));
}

/** In a workbook, rows can't be ragged, but a cell can have an error. */
export const ERROR_CELL = "#DIV/0!";

/** Of columns of fixed width: where the third one ends, most are missing. */
export const SHORT_LINE = "1x1";

/** In JSON, there are no ragged rows either. */
export const REPEATED_KEY = '{"k": 1, "email": "x1", "k": 2}';
