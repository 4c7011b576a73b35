import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { migratedDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

Deno.test("run --once says which run has loaded the same bytes, loads nothing and exits 0", async () => {
  await using db = await migratedDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute("create table t (a int)");
  await Deno.writeTextFile(`${dir.path}/a.csv`, "a\n1\n2\n");
  await Deno.copyFile(`${dir.path}/a.csv`, `${dir.path}/b.csv`);
  const run = async (...args: readonly string[]) => {
    const { output, stdout, stderr } = memoryOutput();
    const line = ["run", "--table", "t", ...args, "--database-url", db.url];
    return { code: await runCommandLine(line, output), out: stdout.text, err: stderr.text };
  };
  assert.equal((await run("--file", `${dir.path}/a.csv`, "--quiet")).code, 0);

  const again = await run("--file", `${dir.path}/b.csv`, "--once");
  assert.equal(again.code, 0);
  assert.match(
    again.err,
    /^Run 1 has loaded the same bytes on \S+, from a\.csv: nothing to do \(--once\)\.$/m,
  );
  assert.equal(again.out, "");
  const detached = await run("--file", `${dir.path}/b.csv`, "--once", "--detach", "--json");
  assert.equal(JSON.parse(detached.out).data.id, 1);
  assert.deepEqual(await run("--file", `${dir.path}/b.csv`, "--once", "--quiet"), {
    ...{ code: 0, out: "", err: "" },
  });

  const without = await run("--file", `${dir.path}/b.csv`, "--no-once");
  assert.match(without.out, /The same bytes were loaded into t before, by run 1 \(/);
  const [{ n }] = await db.session.query<{ n: number }>("select count(*) as n from t");
  assert.equal(n, 4);
});
