/** A table, its definition and random files for it: for tests of the kernel against the pipeline. */
import fc from "fast-check";
import { column, compile, rule } from "../row/rows.ts";

/** One column for each thing that the kernel does, and some that it leaves to its caller. */
const TABLE = [
  column("id", "int4", { notNull: true }),
  column("name", "text", { notNull: true }),
  column("amount", "numeric", { precision: 6, scale: 2 }),
  column("day", "date"),
  column("at", "timestamp"),
  column("mail"),
  column("yes", "bool"),
  column("plan"),
  column("code", "varchar", { maxLength: 5 }),
  column("lower"),
  column("row", "int8"),
  column("fixed"),
];
export const HEADER = ["id", "name", "amount", "day", "at", "mail", "yes", "plan", "code", "lower"];
export const pipeline = compile(
  {
    columns: {
      id: rule({ from: ["id"], required: true, min: -5, max: 120_000 }),
      name: rule({ from: ["name"], trim: false, min_length: 2, max_length: 30 }),
      amount: rule({ from: ["amount"], default: "1.5" }),
      day: rule({ from: ["day"] }),
      at: rule({ from: ["at"] }),
      mail: rule({ from: ["mail"], type: "email" }),
      yes: rule({ from: ["yes"], true: ["ja", "oui"], false: ["nein"] }),
      plan: rule({ from: ["plan"], one_of: ["free", "pro", "größer"] }),
      code: rule({ from: ["code"] }),
      lower: rule({ from: ["lower"], transform: [{ op: "lower" }] }),
      row: rule({ value: "${row.number}" }),
      fixed: rule({ value: "a\tb" }),
    },
    null_values: ["", "NULL"],
  },
  HEADER,
  TABLE,
);

const value = fc.oneof(
  fc.constantFrom("", "NULL", " ", "0", "-1", "7", "05", "99.5", "-0", "9999.99", "10000", "1e3"),
  fc.constantFrom(
    "2024-02-29",
    "2023-02-29",
    "1900-02-29",
    "2000-02-29",
    "2024-04-31",
    "0000-01-01",
  ),
  fc.constantFrom("2024-01-01T10:00:00", "2024-01-01 24:00:00", "2024-01-01 10:00:00Z"),
  fc.constantFrom(
    "a@b.de",
    "a@b",
    "a..b@c.de",
    "ä@b.de",
    "a@-b.de",
    "a@b.c",
    `${"x".repeat(65)}@b.de`,
  ),
  fc.constantFrom("JA", "oui", "Nein", "no", "free", "PRO", "größer", "\u00a0free", "free\t"),
  fc.constantFrom("back\\slash", "tab\tbed", "ÄÖÜ", "\\N", "\\.", "a".repeat(17), "é".repeat(31)),
  fc.string({ maxLength: 20 }),
);
const quoted = (values: fc.Arbitrary<string>) =>
  fc.tuple(values, fc.boolean()).map(([text, quote]) =>
    quote || /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  );
const field = quoted(value);
/** Values that the columns take. With this many columns, almost every other row fails. */
const fitting = [
  ["1", "-5", "120000", "07"],
  ["Ada", "größer", "tab\tbed", "two\nlines", " x "],
  ["", "1", "-12.5", "9999.99", "0.10", "1e2", "NULL"],
  ["", "2024-02-29", "1999-12-31", "0001-01-01", "9999-12-31"],
  ["", "2024-01-01T10:00:00", "1999-12-31 23:59:59", "2024-01-01 10:00:00.25", "2024-01-01"],
  ["", "a@b.de", "x.y@example.org"],
  ["", "JA", "nein", "oui"],
  ["", "free", "größer"],
  ["", "abcde", "é", "\\N"],
  ["", "ABC", "ÄÖÜ", "back\\slash"],
].map((values) => quoted(fc.constantFrom(...values)));
const record = fc.oneof(
  { arbitrary: fc.tuple(...fitting), weight: 20 },
  { arbitrary: fc.array(field, { minLength: 10, maxLength: 10 }), weight: 20 },
  { arbitrary: fc.array(field, { minLength: 1, maxLength: 12 }), weight: 1 },
  { arbitrary: fc.constant(['"open']), weight: 1 },
  { arbitrary: fc.constant(['"a"b']), weight: 1 },
).map((fields) => fields.join(","));
/** Random files, in which nearly every other row is good. */
export const file = fc.array(record, { maxLength: 12 }).chain((records) =>
  fc.tuple(fc.constantFrom("\n", "\r\n", "\n\n"), fc.boolean()).map(([newline, ended]) =>
    records.join(newline) + (ended ? newline : "")
  )
);
