import { deepEqual, equal, throws } from "node:assert/strict";
import type { Definition } from "../../src/importer/definition.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../src/row/compile.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import { failureKind } from "../../src/row/failure_kind.ts";
import type { RowError } from "../../src/row/outcome.ts";
import { refusal, TABLE, targets } from "./customers_table.ts";
import { compile, process, reader, rule } from "./rows.ts";

Deno.test("a key names source columns by any alias, or target columns, which win", () => {
  const columns = {
    id: rule({ from: ["number"] }),
    email: rule({ from: ["E-Mail", "id"] }),
  };
  const key = (...entries: string[]) =>
    compile({ columns, key: entries }, ["number", "id"], TABLE).keyColumns;
  deepEqual(key("E-Mail"), ["email"]);
  deepEqual(key("e-mail", "NUMBER"), ["email", "id"]);
  deepEqual(key("id"), ["id"]);
  refusal(
    { columns, key: ["nmber"] },
    ["number", "id"],
    'The file has no column for the key "nmber"; it has number, id; did you mean "number"?',
  );
});

Deno.test("a key column can't be null, unless its index treats NULL as a value", () => {
  const columns = { full_name: rule({ from: ["name"] }), email: rule({ from: ["email"] }) };
  const index = {
    name: "by_name",
    primary: false,
    columns: ["full_name"],
    partial: false,
    predicate: null,
    nullsNotDistinct: true,
    deferrable: false,
  };
  const row = (uniqueIndexes: readonly (typeof index)[]) =>
    process(
      compile({ columns, key: ["name"] }, ["name", "email"], TABLE, { uniqueIndexes }),
      ",a\n",
      2,
    )[0];
  deepEqual(row([]), [{
    code: "required",
    message: "The full_name field is required.",
    column: "full_name",
    value: "",
  }]);
  equal(row([index]), "\\N\ta");
});

Deno.test("update_if_newer writes the compare value, in its own column or in one only for staging", () => {
  const compare = { source: "changed", target: "updated_at" };
  const parts = { on_duplicate: "update_if_newer", compare } as const;
  const columns = { email: rule({ from: ["email"] }) };
  const changed = rule({ from: ["Changed"], format: ["dd.MM.yyyy"], required: true });
  const header = ["changed", "email"];

  const mapped = compile({ ...parts, columns: { updated_at: changed, ...columns } }, header, TABLE);
  deepEqual(mapped.compare, { target: "updated_at", column: 0, stagingOnly: false });

  const staged = compile({ ...parts, columns }, header, TABLE);
  deepEqual(staged.compare, { target: "updated_at", column: 1, stagingOnly: true });
  deepEqual(targets(staged), ["email", "ingest_compare"]);
  deepEqual(process(staged, "2024-01-02,a\n,b\nsoon,c\n", 2), [
    "a\t2024-01-02 00:00:00",
    "b\t\\N",
    [{
      code: "type",
      message: "The updated_at field must be a date and time (yyyy-MM-dd HH:mm:ss).",
      column: "updated_at",
      value: "soon",
    }],
  ]);

  const read = compile({ ...parts, columns: { full_name: changed, ...columns } }, header, TABLE);
  deepEqual(process(read, "02.01.2024,a\n", 2), ["02.01.2024\ta\t2024-01-02 00:00:00"]);

  refusal(
    { ...parts, columns },
    ["email", "change"],
    'The file has no column "changed" to compare by; it has email, change; did you mean "change"?',
  );
  equal(compile({ compare, columns }, ["email"], TABLE).compare, null);
});

Deno.test("a definition with a column that the table doesn't have, or can't take, is refused", () => {
  const mismatch = (columns: Definition["columns"], message: string) =>
    throws(
      () => compile({ columns }, ["a"], TABLE),
      (error) => error instanceof DefinitionMismatch && error.message === message,
    );
  mismatch(
    { emial: rule({ from: ["a"] }) },
    'The table customers has no column "emial"; did you mean "email"?.'.replace("?.", "?"),
  );
  mismatch(
    { search: rule({ from: ["a"] }) },
    "Postgres fills column search itself; it can't be written to.",
  );
  mismatch(
    { updated_at: rule({ from: ["a"], min: 1 }) },
    "Column updated_at has min or max, which are for numbers; it is of type timestamp.",
  );
  throws(() => compile({}, ["x"], TABLE), HeaderMismatch);
});

Deno.test("a record with a defect fails as a row, with its reader's message", () => {
  const pipeline = compile({}, ["email", "full_name"], TABLE);
  const rows = process(pipeline, new Uint8Array([97, 10, 255, 44, 98, 10, 97, 44, 98, 10]), 2);
  deepEqual(rows, [
    [{
      code: "malformed",
      message: "The row has 1 field where the header has 2.",
      column: null,
      value: null,
    }],
    [{
      code: "encoding",
      message: "The row holds bytes that are not valid UTF-8.",
      column: null,
      value: "\\xff",
    }],
    "a\tb",
  ]);
  equal(failureKind(errorsOf(rows[0])), "row");
  equal(failureKind(errorsOf(process(pipeline, ",b\n", 2)[0])), "validation");
});

function errorsOf(row: string | readonly RowError[]) {
  if (typeof row === "string") throw new Error(`no error, but ${row}`);
  return row;
}

Deno.test("a row that fails leaves nothing behind, neither bytes nor errors", () => {
  const pipeline = compile({}, ["full_name", "email"], TABLE);
  const records = reader("x,\ny,a\n", 2);
  const out = new CopyWriter(8);
  records.next();
  equal(pipeline.process(records, out)?.length, 1);
  equal(out.length, 0);
  records.next();
  equal(pipeline.process(records, out), null);
  equal(new TextDecoder().decode(out.view()), "y\ta\n");
});

Deno.test("a column's program doesn't depend on the others, because the planner runs only the keys'", () => {
  const pipeline = compile({}, ["full_name", "email"], TABLE);
  const records = reader("Ada, a@b.com \n", 2);
  records.next();
  const out = new CopyWriter(8);
  const errors: RowError[] = [];
  pipeline.programs[1].write(records, out, errors);
  equal(new TextDecoder().decode(out.view()), "a@b.com");
  deepEqual(errors, []);
});
