/** Which types the columns of a new table get. */
import assert from "node:assert/strict";
import { newTable } from "../../../src/run/guess/new_table.ts";
import { columnOf, factsOf } from "./guessing.ts";

/** The type of a column with these values, and what a definition says about them. */
async function typeOf(...values: string[]) {
  const { columns } = newTable("t", await factsOf(columnOf(values)), []);
  return columns[0];
}

const TYPES: readonly (readonly [string, readonly string[], object?])[] = [
  ["bigint", ["1", "-20", "0"]],
  ["bigint", ["999999999999999999"]],
  ["numeric", ["1000000000000000000"]],
  ["numeric", ["12345678901234567890123456789"]],
  ["text", ["1", "007"]],
  ["text", ["+49301234"]],
  ["text", ["-0"]],
  ["text", ["1", "2", "x"]],
  ["text", ["1", "n/a"]],
  ["text", ["NULL", "1.5"]],
  ["numeric", ["1", "2.50"]],
  ["numeric", ["1e5", "2.5E-3"]],
  ["numeric", [".5"]],
  ["text", ["00.5"]],
  ["numeric", ["1,5", "2,25"], { decimal: "," }],
  ["numeric", ["1.234,50", "12"], { decimal: ",", thousands: "." }],
  ["numeric", ["1,234.50", "12"], { thousands: "," }],
  ["bigint", ["1,234,567", "12"], { thousands: "," }],
  ["text", ["1,234", "12"]],
  ["text", ["1.5", "1,5"]],
  ["text", ["1.234", "2.345"]],
  ["numeric", ["1.234", "0.345"]],
  ["text", ["5 €", "6 €"]],
  ["text", ["5%"]],
  ["date", ["2024-02-29", "1999-12-31"]],
  ["text", ["2024-02-29", "2023-02-29"]],
  ["text", ["2024-02-29", "never"]],
  ["date", ["31.12.2024", "01.02.2024"], { format: "dd.MM.yyyy" }],
  ["date", ["31.12.2024", "1.2.2024"], { format: "d.M.yyyy" }],
  ["date", ["12/31/2024", "01/02/2024"], { format: "MM/dd/yyyy" }],
  ["text", ["03/04/2024", "05/06/2024"]],
  ["text", ["31.12.24"]],
  ["date", ["5 March 2024", "31 December 2024"], { format: "d MMM yyyy" }],
  ["timestamp", ["2024-01-01 10:00:00", "2024-01-02T11:30:00.123456"]],
  ["text", ["2024-01-01 10:00:00.1234567"]],
  ["timestamp with time zone", ["2024-01-01T10:00:00Z", "2024-01-01T10:00:00+02:00"]],
  ["text", ["2024-01-01T10:00:00Z", "2024-01-01 10:00:00"]],
  ["timestamp with time zone", ["2024-01-01T00:00:00+02:00", "2024-01-02T00:00:00Z"]],
  ["text", ["2024-01-01T00:00:00+02:00", "2024-01-02"]],
  ["date", ["2024-01-01T00:00:00", "2024-01-02"]],
  ["timestamp", ["31.12.2024 10:00", "01.02.2024 23:59"], { format: "dd.MM.yyyy HH:mm" }],
  ["time", ["10:30", "23:59:59"]],
  ["uuid", ["6f1e1b2c-0000-4000-8000-000000000001"]],
  ["boolean", ["true", "false", "true"]],
  ["boolean", ["Yes", "no"]],
  ["boolean", ["ja", "nein"], { true: ["ja"], false: ["nein"] }],
  ["text", ["no", "no"]],
  ["text", ["yes", "no", "maybe"]],
  ["bigint", ["0", "1"]],
  ["text", ["", " "]],
  ["text", ["a@example.com"]],
  ["text", ['{"a": 1}']],
  ["text", ["20241231", "x"]],
  ["bigint", ["20241231"]],
  ["text", ["1_000"]],
  ["text", ["0x1F"]],
  ["text", ["Infinity", "NaN"]],
  ["text", ["٣"]],
];

for (const [type, values, rule = {}] of TYPES) {
  Deno.test(`${JSON.stringify(values)} becomes ${type}, and loses nothing`, async () => {
    const column = await typeOf(...values);
    assert.equal(column.type, type, column.why);
    assert.deepEqual(column.rule, type === "text" ? {} : rule);
  });
}

Deno.test("a column of objects in a JSON file becomes jsonb", async () => {
  const facts = await factsOf(
    '[{"a": {"b": 1}, "n": 1.50, "late": null}, {"a": [1], "n": 2}]',
    "d.json",
  );
  const { columns } = newTable("t", facts, []);
  assert.deepEqual(columns.map(({ type }) => type), ["jsonb", "numeric", "text"]);
});

Deno.test("a key that only the last object of a JSON file has becomes a column", async () => {
  const many = Array.from(
    { length: 30_000 },
    (_, i) => `{"id": ${i}, "name": "${"x".repeat(40)}"}`,
  );
  const facts = await factsOf(`${many.join("\n")}\n{"id": 1, "late": true}\n`, "d.ndjson");
  assert.deepEqual(
    newTable("t", facts, []).columns.map(({ name, type }) => [name, type]),
    [["id", "bigint"], ["name", "text"], ["late", "text"]],
  );
});

Deno.test("a column that has numbers in all rows but the last is a text, and says which row", async () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => `${i},x`);
  const facts = await factsOf(`id,name\n${rows.join("\n")}\nnone,x\n`);
  const [id] = newTable("t", facts, []).columns;
  assert.equal(id.type, "text");
  assert.match(id.why, /because line 200002 \("none"\) is none of the whole numbers/u);
});

Deno.test("without --key the table has no primary key; with it, only that one", async () => {
  const facts = await factsOf("Id,E-Mail,Order\n1,a@b.de,5\n");
  assert.doesNotMatch(newTable("t", facts, []).sql, /primary key/u);
  assert.match(newTable("t", facts, ["E-Mail"]).plainSql, /^ {2}e_mail text primary key,$/mu);
  const two = newTable('Sales."My Orders"', facts, ["order", "id"]);
  assert.deepEqual(two.key, ["order", "id"]);
  assert.equal(
    two.plainSql,
    'create table sales."My Orders" (\n  id bigint,\n  e_mail text,\n  "order" bigint,\n' +
      '  primary key ("order", id)\n)',
  );
});

for (
  const [what, content, key, message] of [
    ["a file with only a header", "a,b\n", [], /a header and no rows/u],
    ["1,601 columns", wide(1601), [], /the file has 1601 columns, and a table can have 1600/u],
    ["a key that the file lacks", "a,b\n1,2\n", ["c"], /no such column. It has a, b\./u],
  ] as const
) {
  Deno.test(`there is no table for ${what}`, async () => {
    const facts = await factsOf(content);
    assert.throws(() => newTable("t", facts, key), message);
  });
}

function wide(columns: number): string {
  const all = Array.from({ length: columns }, (_, i) => `c${i}`);
  return `${all.join(",")}\n${all.map(() => "1").join(",")}\n`;
}

Deno.test("what a file says can't end its comment in the statement", async () => {
  const facts = await factsOf(columnOf(["1\n); drop table x; --", "\u2028b", "2"]));
  const { sql } = newTable("t", facts, []);
  assert.equal(sql.split(/[\n\r\u2028\u2029]/u).length, 4, sql);
});
