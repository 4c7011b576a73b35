import assert from "node:assert/strict";
import { errorSummarySchema } from "../../src/report/error_schema.ts";
import { ingest } from "./start_program.ts";
import { EXPORTED, scene } from "./failed_row.ts";

Deno.test("errors says what went wrong, and what to do next", async () => {
  await using at = await scene();
  const { code, out, err } = await at.say("errors", "1");
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(out.split("\n").filter((line) => !line.startsWith("Ingest run #1")), [
    "",
    "  1  The given data was invalid.   7ab9b4   row 3",
    "",
    "Validation messages",
    '  1  age: The age field must be a whole number.   d88ea2   row 3   e.g. "x"',
    "",
    "Next:",
    "  ingest errors 1 --export failed.csv   to repair them",
    "  ingest retry 1 --file failed.csv      load the repaired rows",
    "  ingest retry 1                        try them again unchanged",
    "",
  ]);
});

Deno.test("with --json, stdout is the document of the HTTP API", async () => {
  await using at = await scene();
  const { out } = await at.say("errors", "1", "--json");
  const { data, ...nothing } = JSON.parse(out);
  assert.deepEqual(nothing, {});
  assert.deepEqual(errorSummarySchema.parse(data), {
    total_failed_rows: 1,
    error_summary: [{
      group: "7ab9b401f7365352",
      message: "The given data was invalid.",
      count: 1,
      code: "validation",
      column: null,
      sample_rows: [3],
    }],
    validation_summary: [{
      group: "d88ea2a4d99ba36c",
      message: "age: The age field must be a whole number.",
      count: 1,
      code: "type",
      column: "age",
      sample_rows: [3],
    }],
  });
});

Deno.test("without a number, errors shows the latest run; if nothing failed, it says so", async () => {
  await using at = await scene();
  const { code, out } = await at.say("errors");
  assert.equal(code, 0);
  assert.match(out, /^Ingest run #2 .* no rows failed\n$/);
});

Deno.test("an unknown run, or no run at all, exits 5", async () => {
  await using at = await scene();
  assert.deepEqual(await at.say("errors", "99"), {
    code: 5,
    out: "",
    err: "ingest: There is no run 99. `ingest runs` lists them.\n",
  });
  await at.db.session.execute("delete from ingest.runs");
  assert.equal((await at.say("errors")).code, 5);
});

Deno.test("wrong usage exits 2", async () => {
  await using at = await scene();
  const wrong = [
    ["errors", "x"],
    ["errors", "0"],
    ["errors", "1", "--force"],
    ["errors", "1", "--export", ""],
    ["errors", "1", "--export", "-", "--json"],
  ];
  for (const args of wrong) {
    const { code, out, err } = await at.say(...args);
    assert.equal(code, 2, args.join(" "));
    if (!args.includes("--json")) assert.equal(out, "");
    assert.match(err, /^ingest: .+\n$/, args.join(" "));
  }
});

Deno.test("the errors of a run that logs no rows can be summarized, but not exported", async () => {
  await using at = await scene();
  await at.db.session.execute("delete from ingest.rows");
  await at.db.session.execute(
    `update ingest.runs set definition =
       jsonb_set(definition::jsonb, '{options,log_rows}', '"none"')::json where id = 1`,
  );
  const { out } = await at.say("errors", "1");
  assert.match(out, /1 {2}The given data was invalid\. {3}7ab9b4 {3}row 3\n/);
  assert.match(out, /The run logs no rows \(options\.log_rows: none\)/);
  const { code, err } = await at.say("errors", "1", "--export", `${at.dir}/failed.csv`);
  assert.equal(code, 1);
  assert.match(err, /^ingest: Cannot export the failed rows of run 1: it logs no rows/);
});

Deno.test("while a run goes on, errors shows what has failed so far", async () => {
  await using at = await scene();
  await at.db.session.execute(
    "update ingest.runs set status = 'processing', completed_at = null where id = 1",
  );
  const { code, out } = await at.say("errors", "1");
  assert.equal(code, 0);
  assert.match(out, /1 of 5 rows failed\nIt has not ended: there may be more errors to come\.\n/);
  assert.equal((await at.say("errors", "1", "--export", "-")).out, EXPORTED.slice(1));
});

Deno.test("the help of errors names --export and --force", async () => {
  const { code, stdout } = await ingest(["errors", "--help"]);
  assert.equal(code, 0);
  for (const words of ["--export <file>", "--force", "ingest errors 12"]) {
    assert.ok(stdout.includes(words), stdout);
  }
});

Deno.test("errors suggests the notation that most of the refused values have", async () => {
  await using at = await scene();
  await Deno.writeTextFile(
    `${at.dir}/ages.csv`,
    "email,name,age\na@example.com,A,(5)\nb@example.com,B,(7)\n",
  );
  await at.say("run", "--table", "customers", "--quiet", "--file", `${at.dir}/ages.csv`);
  const { out } = await at.say("errors", "3");
  assert.match(
    out,
    /What the definition could say\n {2}age: all 2 .* fit accept: \[parentheses\]/,
  );
  const { out: json } = await at.say("errors", "3", "--json");
  const { data } = JSON.parse(json);
  assert.deepEqual(errorSummarySchema.parse(data).suggestions, [
    { column: "age", definition: "accept: [parentheses]", otherwise: null, fits: 2, of: 2 },
  ]);
});
