/** Which texts mean null, with and without quotes. */
import { deepEqual } from "node:assert/strict";
import type { ColumnRule } from "../../src/importer/definition.ts";
import type { TableColumn } from "../../src/load/catalog/table.ts";
import { column, compile, process, rule } from "./rows.ts";

function rows(
  csv: string,
  nulls: { readonly null_values: readonly string[]; readonly unquoted_nulls: readonly string[] },
  rules: Partial<ColumnRule> = {},
  target: TableColumn = column("x"),
) {
  const columns = { x: rule({ from: ["a"], ...rules }), other: rule({ from: ["b"] }) };
  const pipeline = compile({ columns, ...nulls }, ["a", "b"], [target, column("other")]);
  return process(pipeline, csv, 2).map((row) =>
    typeof row === "string" ? row.split("\t")[0] : row.map(({ code }) => code)
  );
}

const LIKE_COPY = { null_values: [], unquoted_nulls: [""] };

Deno.test("as in COPY, nothing is null and an empty text in quotes is an empty text", () => {
  deepEqual(rows(',1\n"",1\n  ,1\n"  ",1\n"a",1\n', LIKE_COPY), ["\\N", "", "\\N", "", "a"]);
  deepEqual(rows(',1\n"",1\n', LIKE_COPY, {}, column("x", "int4")), ["\\N", ["type"]]);
  deepEqual(rows(',1\n"",1\n', LIKE_COPY, { required: true }), [["required"], ""]);
  deepEqual(rows(',1\n"",1\n', LIKE_COPY, { default: "d" }), ["d", ""]);
});

Deno.test("words can mean null only without quotes, or in any case", () => {
  const both = { null_values: ["N/A"], unquoted_nulls: ["NULL", ""] };
  deepEqual(rows('NULL,1\n"NULL",1\nN/A,1\n"N/A",1\n,1\n"",1\n', both), [
    ...["\\N", "NULL", "\\N", "\\N", "\\N", ""],
  ]);
  const words = { null_values: [], unquoted_nulls: ["NULL"] };
  deepEqual(rows('NULL,1\n"NULL",1\n,1\n', words), ["\\N", "NULL", ""]);
});

Deno.test("fields that are joined are null or not by their own quotes", () => {
  deepEqual(rows('"",b\n,b\n', LIKE_COPY, { from: ["a", "b"], concat: "-" }), ["-b", "b"]);
});
