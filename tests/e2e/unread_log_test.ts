/** Whoever reads the server's log may stand still. */
import assert from "node:assert/strict";
import { temporaryFolder } from "../cli/customers.ts";
import { Listener, PROGRAM } from "../cli/start_program.ts";
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
  const stderr = new Listener();
  const told = stderr.listen(child.stderr);
  await stderr.hear("uploads up to");
  const port = / at http:\/\/127\.0\.0\.1:(\d+) /u.exec(stderr.heard)?.[1];
  for (let i = 0; i < REQUESTS; i += 20) {
    await Promise.all(Array.from({ length: 20 }, () => ask(`http://127.0.0.1:${port}/healthz`)));
  }
  let log = "";
  let isAsked = false;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    log += text;
    // At its end, the server doesn't wait long for a log that nobody reads.
    if (isAsked || requestsIn(log) < REQUESTS) continue;
    child.kill("SIGTERM");
    isAsked = true;
  }
  await told;
  assert.equal(requestsIn(log), REQUESTS, stderr.heard);
  assert.equal((await child.status).code, 0, stderr.heard);
});

/** Whole lines of them. */
function requestsIn(log: string): number {
  return log.match(/"\/healthz".*\n/gu)?.length ?? 0;
}

async function ask(url: string): Promise<void> {
  const answer = await fetch(url);
  await answer.body?.cancel();
  assert.equal(answer.status, 200);
}
