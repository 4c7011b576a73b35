/** Whoever reads the server's log may stand still. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../cli/customers.ts";
import { PROGRAM } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";

/** A pipe holds 64 kB, and a request's line has more than 200 bytes. */
const REQUESTS = 1_000;

Deno.test("a server whose log nobody reads keeps answering, and loses no line", async () => {
  await using db = await testDatabase();
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  const [program, ...args] = PROGRAM;
  const child = new Deno.Command(program, {
    args: [...args, "serve", "--port", "0", "--no-workers"],
    cwd: folder.path,
    env: { DATABASE_URL: db.url, INGEST_HOME: `${folder.path}/home` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  let port: string | undefined;
  while (port === undefined) {
    said += (await stderr.read()).value ?? "";
    port = / at http:\/\/127\.0\.0\.1:(\d+) /u.exec(said)?.[1];
  }
  for (let i = 0; i < REQUESTS; i += 20) {
    await Promise.all(Array.from({ length: 20 }, () => ask(`http://127.0.0.1:${port}/healthz`)));
  }
  const read = new Response(child.stdout).text();
  child.kill("SIGTERM");
  const lines = (await read).trim().split("\n");
  assert.equal(lines.filter((line) => line.includes('"/healthz"')).length, REQUESTS);
  while (!(await stderr.read()).done);
  assert.equal((await child.status).code, 0);
});

async function ask(url: string): Promise<void> {
  const answer = await fetch(url);
  await answer.body?.cancel();
  assert.equal(answer.status, 200);
}
