/** A definition that says how long things are kept: what its users see of it. */
import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { migratedDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

Deno.test("`run` removes what is old of its own importer, and everybody says so", async () => {
  await using db = await migratedDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute("create table t (a int)");
  await Deno.mkdir(`${dir.path}/importers`);
  const keep = "options: { keep: { failed_rows: 90d, runs: 1y } }\n";
  await Deno.writeTextFile(`${dir.path}/importers/t.yaml`, `table: t\n${keep}`);
  await Deno.writeTextFile(`${dir.path}/importers/u.yaml`, "table: t\n");
  await Deno.writeTextFile(`${dir.path}/a.csv`, "a\n1\nx\n");
  const say = async (line: string) => {
    const { output, stdout, stderr } = memoryOutput();
    const args = [...line.split(" "), "--database-url", db.url];
    return { code: await runCommandLine(args, output), out: stdout.text, err: stderr.text };
  };
  const run = (slug: string) =>
    say(`run ${slug} --file ${dir.path}/a.csv --importers ${dir.path}/importers --quiet`);
  const age = (id: number, days: number) =>
    db.session.execute(
      `update ingest.runs set completed_at = now() - interval '${days} days' where id = ${id}`,
    );
  for (const slug of ["t", "t", "u"]) assert.equal((await run(slug)).code, 3);
  await age(1, 366);
  await age(2, 91);
  await age(3, 999);
  await run("u");
  assert.equal((await say("status 1")).code, 0, "not its own");
  assert.deepEqual(await run("t"), { code: 3, out: "", err: "" });
  assert.equal((await say("status 1")).code, 5);
  assert.equal((await say("status 3")).code, 0);
  const { out } = await say("status 2");
  assert.match(out, /1 row failed\. See why: ingest errors 2\n/);
  assert.match(out, /Its failed rows were removed on \d{4}.*import the file again\.$/m);
  assert.ok(!out.includes("ingest retry"), out);
  assert.match((await say("errors 2")).out, /The a field must be a number|a field/);
  const rows = await say("rows 2");
  assert.match(rows.err, /The rows that run 2 had logged were removed on .* \(options\.keep\)\./);
  assert.match((await say("errors 2 --export -")).err, /were removed on .*: nothing to export/);
  const retry = await say(`retry 2 --importers ${dir.path}/importers`);
  assert.equal(retry.code, 1);
  assert.match(retry.err, /Cannot retry run 2: its failed rows were removed on .*again\.$/m);
});
