/** Whatever becomes of the output, a run is carried out, and its exit code is the run's. */
import assert from "node:assert/strict";
import { ingest, PROGRAM } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "../cli/customers.ts";

const onLinux = { ignore: Deno.build.os !== "linux" };
const FULL = "Cannot write the output: no space left on device. Free space on its disk.";

Deno.test(
  "a full disk under stdout or stderr stops no run, and what is lost is said",
  onLinux,
  async () => {
    await using db = await testDatabase();
    await using folder = await temporaryFolder();
    await db.session.execute("create table items (id int)");
    await Deno.writeTextFile(`${folder.path}/a.csv`, "id\n1\nx\n");
    const run = (after: string, ...more: string[]) =>
      ingest(["run", "--table", "items", "--file", "a.csv", ...more], {
        ...{ database: db, cwd: folder.path, after },
        env: { INGEST_HOME: `${folder.path}/home` },
      });

    const quiet = await run("exec 2>/dev/full");
    assert.equal(quiet.code, 3);
    assert.match(quiet.stdout, /created 1 .* failed 1/);

    for (const [json, id] of [[[], 2], [["--json"], 3]] as const) {
      const lost = await run("exec >/dev/full", ...json);
      assert.equal(lost.code, 1);
      const said = `ingest: ${FULL} Run ${id} is completed with errors: ingest status ${id}`;
      assert.deepEqual(lost.stderr.trim().split("\n").slice(-1), [said]);
    }
    const list = await ingest(["runs", "--json"], {
      ...{ database: db, cwd: folder.path, after: "exec >/dev/full" },
    });
    assert.deepEqual([list.code, list.stderr], [1, `ingest: ${FULL}\n`]);
  },
);

Deno.test("if nobody reads the report, the exit code still is the run's", onLinux, async () => {
  await using db = await testDatabase();
  await using folder = await temporaryFolder();
  await db.session.execute("create table items (id int)");
  await Deno.writeTextFile(`${folder.path}/a.csv`, "id\n1\nx\n");
  for (const json of [[], ["--json"]]) {
    const args = ["run", "--table", "items", "--file", "a.csv", ...json];
    const { code, stderr } = await new Deno.Command("sh", {
      // The reader is gone before the program begins.
      args: ["-c", '{ "$@"; echo $? >&3; } 3>code | true', "sh", ...PROGRAM, ...args],
      cwd: folder.path,
      env: { DATABASE_URL: db.url, INGEST_HOME: `${folder.path}/home` },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(await Deno.readTextFile(`${folder.path}/code`), "3\n");
  }
});
