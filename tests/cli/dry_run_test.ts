import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { testDatabase } from "../support/database.ts";
import { CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

const FILE = "email,name,age\na@x,A,1\nb@x,B,-1\na@x,A,2\nc@x,,3\nd@x,D,4\n";

Deno.test("run --dry-run predicts the outcome of the rows, exits 3 if some would fail, and loads none", async () => {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(CUSTOMERS_TABLE);
  const file = `${dir.path}/customers.csv`;
  await Deno.writeTextFile(file, FILE);
  const command = async (line: string) => {
    const { output, stdout, stderr } = memoryOutput();
    const code = await runCommandLine([...line.split(" "), "--database-url", db.url], output);
    return { code, stdout: stdout.text, stderr: stderr.text };
  };
  const load = `run --table customers --key email --on-duplicate update --file ${file}`;

  const dry = await command(`${load} --dry-run`);
  assert.equal(dry.code, 3, dry.stderr);
  assert.match(dry.stderr, /^Dry run 1: customers\.csv → table customers/m);
  assert.match(dry.stdout, /^Ingest dry run #1 {2}customers/m);
  assert.match(dry.stdout, /^would be created 2 {3}updated 1 {3}skipped 0 {3}would fail 2$/m);
  assert.match(dry.stdout, /^A dry run: nothing was written to the table\.$/m);
  assert.match(dry.stdout, /^2 rows would fail\./m);
  assert.equal(await rows(), 0);
  assert.match((await command("runs")).stdout, /dry run/);
  assert.equal((await command(`${load} --dry-run --allow-errors --quiet`)).code, 0);

  const predicted = JSON.parse((await command("status 1 --json")).stdout).data;
  assert.equal(predicted.dry_run, true);
  const real = await command(`${load} --json`);
  assert.equal(real.code, 3);
  assert.equal(await rows(), 2);
  const { data } = JSON.parse(real.stdout);
  assert.equal(data.dry_run, false);
  const { rows_per_second: _, ...counts } = data.progress;
  const { rows_per_second: __, ...expected } = predicted.progress;
  assert.deepEqual(counts, expected);

  async function rows(): Promise<number> {
    const [{ n }] = await db.session.query<{ n: number }>("select count(*) as n from customers");
    return n;
  }
});
