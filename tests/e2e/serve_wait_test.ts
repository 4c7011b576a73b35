/** `ingest serve` and `ingest work` that are started before their database. */
import assert from "node:assert/strict";
import { formatDatabaseUrl } from "../../src/config/resolve_database.ts";
import { startEmbedded, stopEmbedded } from "../../src/db/embedded.ts";
import { ingest, startIngest } from "../cli/start_program.ts";
import { untilReady } from "../http/until_ready.ts";
import { temporaryHome } from "../support/embedded_home.ts";

async function downServer(home: string): Promise<{ readonly url: string }> {
  const url = formatDatabaseUrl(await startEmbedded(home));
  await stopEmbedded(home);
  return { url };
}

async function ask(port: number, path: string): Promise<{ status: number; code?: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  const { code } = await answer.json();
  return { status: answer.status, code };
}

Deno.test("serve waits for the database, answers meanwhile that it isn't ready, and then works", async () => {
  await using home = await temporaryHome();
  const database = await downServer(home.path);
  const program = startIngest(["serve", "--port", "0", "--wait", "1h"], { database });
  try {
    await program.says("Waiting up to 1 h for the database: Cannot connect to server");
    await program.says("answers that it isn't ready");
    const address = /^Until then, http:\/\/127\.0\.0\.1:(\d+) answers/mu.exec(program.heard());
    const port = Number(address?.[1]);
    assert.deepEqual(await ask(port, "/healthz"), { status: 200, code: undefined });
    assert.deepEqual(await ask(port, "/readyz"), { status: 503, code: "database_unreachable" });
    assert.deepEqual(await ask(port, "/api/v1/ingest"), {
      status: 503,
      code: "database_unreachable",
    });
    await startEmbedded(home.path);
    await program.says(` at http://127.0.0.1:${port} (docs`);
    await untilReady(() => ask(port, "/readyz"));
  } finally {
    program.kill("SIGTERM");
    assert.equal((await program.ended).code, 0);
  }
});

Deno.test("a signal ends the wait, and so does its time", async () => {
  await using home = await temporaryHome();
  const database = await downServer(home.path);
  const program = startIngest(["work"], { database });
  await program.says("Waiting up to 1 min");
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
  for (const command of ["work", "serve"]) {
    const ended = await ingest([command, "--wait", "100ms"], { database });
    assert.equal(ended.code, 6, ended.stderr);
    assert.match(ended.stderr, /nothing is listening there/);
  }
});
