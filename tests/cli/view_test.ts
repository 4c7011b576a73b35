import assert from "node:assert/strict";
import { testDatabase } from "../support/database.ts";
import { CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { memoryOutput } from "./memory_output.ts";

Deno.test("view says how to see, correct and load the failed rows; retry says how many it takes", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${dir.path}/data.csv`, "email,name,age\na@x.de,A,1\nb@x.de,B,x\n");
  const say = async (line: string) => {
    const { output, stdout, stderr } = memoryOutput();
    const code = await runCommandLine([...line.split(" "), "--database-url", db.url], output);
    return { code, stdout: stdout.text, stderr: stderr.text };
  };
  await say(`run --table customers --file ${dir.path}/data.csv --quiet`);
  const made = await say("view 1");
  assert.deepEqual(made.stdout.split("\n"), [
    "ingest.failed_customers has 1 row of run 1.",
    "",
    "See them:     select * from ingest.failed_customers where run_id = 1;",
    `Correct one:  update ingest.failed_customers set "email" = '…' where run_id = 1 and row_number = …;`,
    "Load them:    ingest retry 1",
    "",
  ]);
  assert.deepEqual(JSON.parse((await say("view 1 --json")).stdout).data, {
    view: "ingest.failed_customers",
    run_id: 1,
    columns: ["email", "name", "age"].map((name) => ({ name, source: name })),
    columns_left_out: 0,
    runs: [{ id: 1, unresolved: 1 }],
    runs_with_other_columns: [],
  });
  await db.session.execute("update ingest.failed_customers set age = '2' where row_number = 2");
  const retried = await say("retry 1");
  assert.equal(retried.code, 0);
  assert.match(
    retried.stdout,
    /1 row of .* is tried as it was corrected. The file itself is not changed/,
  );
  const none = await say("view 1");
  assert.deepEqual([none.code, none.stdout], [0, ""]);
  assert.match(none.stderr, /Run 1 has no failed rows that could be corrected/);
  assert.equal((await say("view 1 --drop")).stdout, "Dropped the view ingest.failed_customers.\n");
  assert.equal((await say("view 1 --drop")).stdout, "There is no view ingest.failed_customers.\n");
  assert.equal((await say("view 7")).code, 5);
});
