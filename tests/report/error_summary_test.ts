import assert from "node:assert/strict";
import { errorSummarySchema } from "../../src/report/error_schema.ts";
import {
  errorSummary,
  samplesOf,
  sumErrors,
  toErrorSummary,
} from "../../src/report/error_summary.ts";
import { workshop } from "../run/importing.ts";

const PEOPLE = "create table people (email text primary key, name text not null, age int)";
const DEFINITION = `
table: public.people
key: [email]
on_duplicate: fail
columns:
  email: { from: email, required: true }
  name: name
  age: { from: age, type: integer, min: 0, max: 150 }
options: { batch_rows: 3 }
`;
/** In several batches, one of them of the second phase, where the duplicates are. */
const FILE = [
  "email,name,age",
  "a,A,1",
  ",B,x", // 2
  "a,C,3", // 3
  "b,D,200", // 4
  "a,E,4", // 5
  "c,F,-1", // 6
  "d,G", // 7
  ",H,7", // 8
  "e,I,", // 9
  "b,J,12",
].join("\n");

Deno.test("errors are summed over the batches, the most frequent first", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.create(DEFINITION, FILE);
  await shop.drive(run);
  assert.deepEqual(errorSummarySchema.parse(await errorSummary(shop.ledger, run)), {
    total_failed_rows: 7,
    error_summary: [
      {
        group: "7ab9b401f7365352",
        message: "The given data was invalid.",
        count: 4,
        code: "validation",
        column: null,
        sample_rows: [2, 4, 6, 8],
      },
      {
        group: "3770dc1394626533",
        message: "Duplicate entry found for key 'email'.",
        count: 2,
        code: "duplicate_in_file",
        column: "email",
        sample_rows: [3, 5],
      },
      {
        group: "07c5c9e6746c0c3a",
        message: "The row has 2 fields where the header has 3.",
        count: 1,
        code: "malformed",
        column: null,
        sample_rows: [7],
      },
    ],
    // Two checks give rows 4 and 6 the same message.
    validation_summary: [
      {
        group: "b9639769a8f982be",
        message: "email: The email field is required.",
        count: 2,
        code: "required",
        column: "email",
        sample_rows: [2, 8],
      },
      {
        group: "463d0fe945536741",
        message: "age: The age field must be between 0 and 150.",
        count: 2,
        code: "max",
        column: "age",
        sample_rows: [4, 6],
      },
      {
        group: "d88ea2a4d99ba36c",
        message: "age: The age field must be a whole number.",
        count: 1,
        code: "type",
        column: "age",
        sample_rows: [2],
      },
    ],
  });
});

Deno.test("the samples are the first rows of the file, whichever batch they failed in", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.create(DEFINITION, FILE);
  await shop.drive(run);
  await shop.ledger.execute("delete from ingest.batch_errors");
  // As if batches of a later phase failed with the same errors as earlier ones.
  for (const [batch, rows] of [[1, [4, 5, 30, 31]], [2, [40, 41]], [3, [1, 20, 50]]] as const) {
    await shop.ledger.execute(
      `insert into ingest.batch_errors
         (run_id, batch, kind, fingerprint, message, code, count, sample_rows)
       values ($1, $2, 'row', 'f', 'No.', 'check', 1000000, $3::text::bigint[])`,
      [run.id, batch, `{${rows.join()}}`],
    );
  }
  assert.deepEqual((await errorSummary(shop.ledger, run)).error_summary, [{
    group: "3941f76d6fb5f5a1",
    message: "No.",
    count: 3_000_000,
    code: "check",
    column: null,
    sample_rows: [1, 4, 5, 20, 30, 31, 40, 41, 50],
  }]);
});

Deno.test("groups beyond the limit are summed up, and no row is lost", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.create(DEFINITION, FILE);
  await shop.drive(run);
  const errors = toErrorSummary(await sumErrors(shop.ledger, run, null, 1));
  assert.equal(errors.total_failed_rows, 7);
  assert.deepEqual(errors.error_summary.map(({ message, count }) => [message, count]), [
    ["The given data was invalid.", 4],
    ["Other errors.", 3],
  ]);
  assert.deepEqual(errors.validation_summary.map(({ message, count }) => [message, count]), [
    ["Other errors.", 3],
    ["email: The email field is required.", 2],
  ]);
});

Deno.test("a sample is the value of the group's own column in its first row", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await shop.create(DEFINITION, FILE);
  await shop.drive(run);
  const { rows, validation } = await sumErrors(shop.ledger, run);
  const samples = await samplesOf(shop.ledger, run, [...rows, ...validation]);
  assert.deepEqual([...rows, ...validation].map((group) => samples.get(group)?.value ?? null), [
    null,
    "a",
    null,
    null,
    "200",
    "x",
  ]);
});

Deno.test("a run without failed rows, and one that logs none", async () => {
  await using shop = await workshop(PEOPLE);
  const good = await shop.create(DEFINITION, "email,name,age\na,A,1\n");
  await shop.drive(good);
  assert.deepEqual(await errorSummary(shop.ledger, good), {
    total_failed_rows: 0,
    error_summary: [],
    validation_summary: [],
  });
  const silent = await shop.create(
    DEFINITION.replace("batch_rows: 3", "log_rows: none"),
    "email,name,age\nz,Z,x\n",
  );
  await shop.drive(silent);
  const { totalFailedRows, rows, validation } = await sumErrors(shop.ledger, silent);
  assert.equal(totalFailedRows, 1);
  assert.equal((await samplesOf(shop.ledger, silent, [...rows, ...validation])).size, 0);
});
