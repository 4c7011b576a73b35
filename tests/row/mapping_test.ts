/** Which columns of the file fill which columns of the table, and which files are refused. */
import { deepEqual, equal } from "node:assert/strict";
import { refusal, TABLE, targets } from "./customers_table.ts";
import { column, compile, process, rule } from "./rows.ts";

Deno.test("a file without a matching column is refused, naming both sides' columns", () => {
  refusal(
    {},
    ["a", "b"],
    "No column of the file matches a column of customers: the file has a, b; " +
      "the table has id, email, full_name, updated_at.",
  );
});

Deno.test("without columns, names match without case, blanks, _ and -", () => {
  const pipeline = compile(
    { key: ["E-MAIL"] },
    ["E-Mail", " Full Name ", "colour", "SEARCH"],
    TABLE,
  );
  deepEqual(targets(pipeline), ["email", "full_name"]);
  deepEqual(pipeline.keyColumns, ["email"]);
  deepEqual(pipeline.warnings, [
    'File column "SEARCH" is not used: Postgres fills search itself.',
    "The table customers has no column for: colour. It is not imported.",
  ]);
  equal(pipeline.compare, null);
});

Deno.test("of two file columns for one table column, the first is used and the other is named", () => {
  const pipeline = compile({}, ["email", "E-mail"], TABLE);
  deepEqual(process(pipeline, "a,b\n", 2), ["a"]);
  deepEqual(pipeline.warnings[0], 'File column "E-mail" is not used: email is already filled.');
});

Deno.test("of two table columns for one name, the one with the same spelling is filled", () => {
  const twins = [column("userid"), column("user_id")];
  deepEqual(targets(compile({}, ["user_id"], twins)), ["user_id"]);
  deepEqual(targets(compile({}, ["User ID", "UserId"], twins)), ["userid", "user_id"]);
});

Deno.test("without columns, a file that leaves out what every new row needs is refused", () => {
  const message = "The file has no column for email, which customers requires";
  refusal({}, ["full_name"], `${message}: no row could be inserted.`);
  deepEqual(compile({ on_duplicate: "update" }, ["full_name"], TABLE).warnings, [
    `${message}: new rows may fail.`,
  ]);
  deepEqual(compile({ on_missing: "skip" }, ["full_name"], TABLE).warnings, []);
  deepEqual(compile({}, ["full_name"], TABLE, { hasBeforeInsertTriggers: true }).warnings, [
    `${message}: new rows may fail.`,
  ]);
});

Deno.test("aliases: the first that is present, exactly or else without case and outer blanks", () => {
  const columns = {
    email: rule({ from: ["E-Mail", "email"] }),
    full_name: rule({ from: ["name"] }),
  };
  const rows = (header: string[]) => process(compile({ columns }, header, TABLE), "1,2,3\n", 3);
  deepEqual(rows(["email", "E-Mail", "name"]), ["2\t3"]);
  deepEqual(rows(["email", " e-mail ", "NAME"]), ["2\t3"]);
  deepEqual(rows(["Name", "EMAIL", "name"]), ["2\t3"]);
});

Deno.test("a mapped column that the file doesn't have is left out with a warning", () => {
  const columns = { email: rule({ from: ["email"] }), full_name: rule({ from: ["Full Name"] }) };
  const pipeline = compile({ columns }, ["email", "FullName"], TABLE);
  deepEqual(targets(pipeline), ["email"]);
  deepEqual(pipeline.warnings, [
    'The file has no column "Full Name" for full_name; it has email, FullName; ' +
    'did you mean "FullName"? The column is left out.',
  ]);
});

Deno.test("a missing column takes its default, and with strict_headers fails the run", () => {
  const columns = {
    email: rule({ from: ["email"] }),
    full_name: rule({ from: ["name"], default: "?" }),
  };
  deepEqual(process(compile({ columns }, ["email"], TABLE), "a\n", 1), ["a\t?"]);
  refusal(
    { columns, options: { strict_headers: true } },
    ["email"],
    'The file has no column "name"; it has email.',
  );
});

Deno.test("a missing column that every row needs fails the run", () => {
  const columns = {
    email: rule({ from: ["E-Mail", "Email"] }),
    full_name: rule({ from: ["name"] }),
  };
  const message =
    'The file has no column "E-Mail" or "Email" for email; it has mail, name; did you mean "mail"?';
  refusal({ columns }, ["mail", "name"], message);
  deepEqual(targets(compile({ columns, on_duplicate: "update" }, ["mail", "name"], TABLE)), [
    "full_name",
  ]);
  refusal({ columns, on_duplicate: "update", key: ["Email"] }, ["mail", "name"], message);
  const required = { ...columns, full_name: rule({ from: ["x"], required: true }) };
  refusal(
    { columns: required, on_duplicate: "update" },
    ["Email", "name"],
    'The file has no column "x" for full_name; it has Email, name.',
  );
});

Deno.test("concat joins without the columns that are missing, unless all of them are", () => {
  const columns = {
    email: rule({ from: ["email"] }),
    full_name: rule({ from: ["First", "Last"], concat: " ", required: true }),
  };
  const pipeline = compile({ columns }, ["email", "First"], TABLE);
  deepEqual(process(pipeline, "a,Ada\n", 2), ["a\tAda"]);
  deepEqual(pipeline.warnings, [
    'The file has no column "Last"; it has email, First. The other columns are joined without it.',
  ]);
  refusal(
    { columns },
    ["email"],
    'The file has no column "First" or "Last" for full_name; it has email.',
  );
});

Deno.test("unmapped file columns are ignored, refused or matched by name", () => {
  const columns = { email: rule({ from: ["Mail"] }) };
  const header = ["Mail", "Full Name", "colour"];
  deepEqual(targets(compile({ columns }, header, TABLE)), ["email"]);
  refusal(
    { columns, options: { unmapped: "fail" } },
    header,
    "The file has unmapped columns: Full Name, colour.",
  );
  deepEqual(targets(compile({ columns, options: { unmapped: "auto" } }, header, TABLE)), [
    "email",
    "full_name",
  ]);
});
