import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { testDatabase } from "../support/database.ts";
import { CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

Deno.test("what is said of failed rows fits a run that was taken back", async () => {
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
  await say("undo 1 --quiet");
  const errors = (await say("errors 1")).stdout;
  assert.match(
    errors,
    /Taken back by run 2 on .*: reverted 1, kept 0\. No retry loads its failed/u,
  );
  assert.match(errors, /--export failed\.csv +to look at them in a file/u);
  assert.doesNotMatch(errors, /ingest retry|--suggest|to repair/u);
  const exported = await say(`errors 1 --export ${dir.path}/failed.csv`);
  assert.equal(
    exported.stderr.trim(),
    `Wrote 1 row to ${dir.path}/failed.csv. Run 2 takes back what run 1 did, so no retry loads ` +
      "them. To load them, import the file again.",
  );
  // It still says how the run itself ended.
  assert.equal((await say("wait 1 --quiet")).code, 3);
  assert.equal((await say("wait 1 --quiet --allow-errors")).code, 0);
});
