/** A server that ends connections which are idle for long. */
import assert from "node:assert/strict";
import { PROGRAM } from "../cli/start_program.ts";
import { temporaryFolder } from "../cli/customers.ts";
import { testDatabase } from "../support/database.ts";

Deno.test("a file that comes slowly through standard input is loaded, though its first connection is gone", async () => {
  await using db = await testDatabase();
  await using folder = await temporaryFolder();
  await db.session.execute("create table items (id int)");
  for (const more of [[], ["--detach"]]) {
    const home = `${folder.path}/home${more.length}`;
    const [program, ...args] = PROGRAM;
    const child = new Deno.Command(program, {
      args: [...args, "run", "--table", "items", "--file", "-", "--json", ...more],
      cwd: folder.path,
      env: { DATABASE_URL: db.url, INGEST_HOME: home },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // From then on it waits for the file.
    while (!await exists(`${home}/spool`)) await db.admin.query("select pg_sleep(0.01)");
    const ended = await db.admin.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where application_name like 'ingest%' and datname = $1`,
      [db.config.database],
    );
    assert.notEqual(ended.length, 0);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("id\n1\n"));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    const said = new TextDecoder().decode(stderr);
    assert.equal(code, 0, said);
    assert.doesNotMatch(said, /ended|lost/);
    const { data } = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(data.status, more.length === 0 ? "completed" : "pending");
  }
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
